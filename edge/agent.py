"""The agent: wires cameras, analyst, recorder, uploader and uplink, and keeps them until it is told to stop."""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from domain.camera import EdgeConfig
from domain.wire import EdgeShed
from edge import configuration, heap
from edge.analyst import Analyst, Sees
from edge.cameras import Cameras, Room
from edge.config import AgentConfig
from edge.counters import Counters
from edge.followup import Desk
from edge.journal import DamagedError, Journal, JournalError
from edge.live import LiveStage
from edge.mailbox import Mailbox
from edge.models import Models
from edge.picture import Colour
from edge.recorder import Recorder
from edge.relay import Relay
from edge.spool import Draft, Priority, Spool
from edge.storage import LOOK_S, Signs, StorageWatch, probe
from edge.timekeeper import Timekeeper
from edge.uplink import Broker, Orders, Uplink
from edge.uploader import Account, Uploader
from edge.vault import Vault
from inference.detections import Floats
from inference.eye import Eye

log = structlog.get_logger(__name__)

REPORT_S = 10.0
SHED_TOLD_S = 60.0
_TICK_S = 1.0


class Eyes(Sees, Protocol):
    """What the agent needs of inference.eye.Eye."""

    def heads(self, image: Colour) -> Floats: ...  # by several threads, also while one looks


def run(
    config: AgentConfig,
    stop: threading.Event,
    open_eye: Callable[[Path, int], Eyes] = Eye.open,
) -> None:
    """Watch until `stop` is set. Raises inference.weights.WeightsError, JournalError, BadBrokerUrlError or OSError when
    it cannot begin at all; an unreachable camera, broker or platform is waited for.
    """
    heap.tame()
    eye = open_eye(config.weights, config.threads)
    counters = Counters()
    with ExitStack() as stack:
        desk = _open_desk(config, eye, counters, stack)
        mailbox = Mailbox(counters)
        recorder = Recorder(desk)
        analyst = Analyst(eye, mailbox, recorder.scene, counters)
        live = LiveStage(config.live, eye.heads, counters)
        account = Account(config.api_url, config.edge, config.secret, config.evidence_kept_s, config.upload_rate)
        models = Models(config.data_dir / "models", account, lambda card: open_eye(card, config.threads))
        cameras = Cameras(Room(config, eye.classes, models, mailbox, analyst, recorder, live, counters))
        orders: queue.SimpleQueue[EdgeConfig] = queue.SimpleQueue()
        uploader = Uploader(account, desk.vault, counters)
        broker = Broker(config.mqtt_url, config.edge, config.secret)
        uplink = Uplink(broker, desk.spool, Orders(orders.put, live.request), counters)
        timekeeper = Timekeeper(config.api_url, desk.spool)
        parts = (live, uplink, timekeeper, uploader, recorder, analyst, models)
        for part in parts:  # closed the other way round: eyes first, voice last
            part.open()
            stack.callback(part.close)
        relay = _open_relay(config, desk, timekeeper, stack)
        stack.callback(cameras.close)

        def follow(told: EdgeConfig) -> None:
            cameras.apply(told)
            if relay is not None:
                relay.serve(told.sites)

        storage = StorageWatch(lambda: probe(config.data_dir), _signs(desk))
        _watch(Watch(cameras, follow, uplink, storage, desk), orders, stop)
        log.info("stopping")


def _open_desk(config: AgentConfig, eye: Eyes, counters: Counters, stack: ExitStack) -> Desk:
    config.data_dir.mkdir(parents=True, exist_ok=True)
    journal = Journal(config.data_dir / "spool.db")
    journal.open()
    stack.callback(journal.close)
    spool = Spool(journal, config.spool_bytes)
    vault = Vault(config.data_dir / "evidence", spool, config.evidence_bytes, counters)
    vault.open()
    return Desk(spool, vault, eye.heads, counters)


def _open_relay(config: AgentConfig, desk: Desk, timekeeper: Timekeeper, stack: ExitStack) -> Relay | None:
    """The ear at the site's broker, where there is one."""
    if config.site is None:
        return None
    relay = Relay(config.site, config.edge, desk.spool, desk.counters, timekeeper.moment)
    relay.open()
    stack.callback(relay.close)
    return relay


@dataclass(frozen=True, slots=True)
class Watch:
    """What the main loop looks after; `follow` is told each new configuration."""

    cameras: Cameras
    follow: Callable[[EdgeConfig], None]
    uplink: Uplink
    storage: StorageWatch
    desk: Desk


def _watch(watch: Watch, orders: "queue.SimpleQueue[EdgeConfig]", stop: threading.Event) -> None:
    """The main loop: takes orders, looks after the cameras' health and the disk, reports the counters."""
    cameras, desk = watch.cameras, watch.desk
    file = desk.spool.journal.path.with_name("config.json")
    current = configuration.load(file)
    if current is not None:
        watch.follow(current)
    looked = reported = time.monotonic()
    told = Told()
    while not stop.is_set():
        heard = _next(orders)
        if heard is not None and heard != current:
            current = heard
            configuration.save(file, heard)
            watch.follow(heard)
        if desk.spool.journal.damaged.is_set():
            raise DamagedError("the spool was damaged while it was in use: start the edge again, it will set it aside")
        now = time.monotonic()
        cameras.tick(now)
        if now - looked >= LOOK_S:
            looked = now
            _look(watch, now)
        if now - reported >= REPORT_S:
            reported = now
            told = _report(desk, told, now)


def _next(orders: "queue.SimpleQueue[EdgeConfig]") -> EdgeConfig | None:
    try:
        return orders.get(timeout=_TICK_S)
    except queue.Empty:
        return None


def _look(watch: Watch, now: float) -> None:
    """Tell when the disk's state has changed."""
    try:
        told = watch.storage.look(_signs(watch.desk), now)
    except JournalError as error:
        log.warning("the spool cannot be read", why=str(error))
        return
    if told is not None:
        log.warning("storage", state=told.state, why=told.why)
        watch.uplink.tell(told)


def _signs(desk: Desk) -> Signs:
    counts = desk.counters.snapshot()
    return Signs(counts.get("storage_refused", 0), desk.spool.load.shed, counts.get("evidence_shed", 0))


class Told(NamedTuple):
    """How much the spool had shed when the platform was last told, and when that was (monotonic seconds)."""

    shed: int = 0
    at: float = float("-inf")


def _report(desk: Desk, told: Told, now: float) -> Told:
    """Log the counters; tell the platform when more was shed, once a minute at most."""
    try:
        load = desk.spool.load
        if load.shed > told.shed and now - told.at >= SHED_TOLD_S:
            desk.spool.append([Draft(Priority.HEALTH, EdgeShed(datetime.now(UTC), load.shed))])
            told = Told(load.shed, now)
    except JournalError as error:
        log.warning("the spool cannot be used", why=str(error))
        return told
    counts = desk.counters.snapshot()
    age = round(desk.counters.ages.p95(REPORT_S), 2)
    log.info("counters", spooled=load.depth, spool_bytes=load.size, shed=load.shed, frame_age_p95_s=age, **counts)
    return told
