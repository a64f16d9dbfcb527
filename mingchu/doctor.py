"""The doctor: what is wrong with this house, and how to mend it (`mingchu doctor`)."""

import asyncio
import logging
import shutil
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import httpx
import msgspec
import psycopg
from cryptography import x509
from paho.mqtt import MQTTException, publish

from ingest.session import address
from mingchu import backup
from mingchu.settings import BadSettingError, Settings
from store import doctor as ask
from store import process
from store.connection import Connection, DatabaseUnreachableError, connect
from store.migrate import edition, outstanding

_SILENT = timedelta(seconds=60)  # a process speaks every ten
_LATE = timedelta(minutes=5)  # what waits longer is stuck
_ROOM_SHARE, _ROOM_BYTES = 0.10, 2 * 2**30  # free on a disk
_BACKUP_AGE = timedelta(days=2)
_CERTIFICATE_LEFT = timedelta(days=30)
_CLOCK_S = 2.0
_SERVICES = ("ingest", "alerts", "api")


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One look: what was looked at, what was seen, and what to do about it."""

    what: str
    level: Level
    seen: str
    mend: str = ""


def ok(what: str, seen: str) -> Finding:
    return Finding(what, Level.OK, seen)


def warn(what: str, seen: str, mend: str) -> Finding:
    return Finding(what, Level.WARN, seen, mend)


def fail(what: str, seen: str, mend: str) -> Finding:
    return Finding(what, Level.FAIL, seen, mend)


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything, each as it is seen; whatever does not answer is a finding, not an error."""
    for room in {settings.data.root, settings.evidence}:
        yield disk(room)
    try:
        connection = await connect(settings.dsn, autocommit=True)
    except (BadSettingError, DatabaseUnreachableError) as error:
        yield fail("database", str(error), "start it (`mingchu up` brings one along), or set MINGCHU_DATABASE_URL")
    else:
        async with connection:
            async for finding in _database(connection):
                yield finding
    yield await _broker(settings)
    yield await _console(settings)
    trust = certificate(settings.data.authority.certificate)
    if trust is not None:
        yield trust
    yield _backup(settings.backup_dir)


def disk(folder: Path) -> Finding:
    """Whether what grows there still has room."""
    what = f"disk of {folder}"
    if not folder.is_dir():
        return fail(what, "there is no such directory", "start `mingchu up`, or set MINGCHU_DATA_DIR")
    used = shutil.disk_usage(folder)
    seen = f"{used.free / 2**30:.1f} GiB free ({used.free / used.total:.0%})"
    if used.free < _ROOM_BYTES or used.free / used.total < _ROOM_SHARE:
        return warn(what, seen, "make room, or keep less for less long: `mingchu database retention`")
    return ok(what, seen)


async def _database(connection: Connection) -> AsyncIterator[Finding]:
    looks: tuple[Callable[[Connection], Awaitable[list[Finding]]], ...] = (
        _schema, _clock, _processes, _backlog, _edges, _cameras, _letters, _pushes, _people
    )  # fmt: skip
    for look in looks:
        try:
            for finding in await look(connection):
                yield finding
        except psycopg.Error as error:
            yield fail(look.__name__.strip("_"), " ".join(str(error).split()), "run `mingchu migrate`, then look again")
            return


async def _schema(connection: Connection) -> list[Finding]:
    missing = await outstanding(connection)
    server = await ask.server(connection)
    if missing:
        return [fail("database", f"{len(missing)} migrations are missing, first {missing[0]}", "run `mingchu migrate`")]
    return [ok("database", f"{server}, {await edition(connection)} edition, up to date")]


async def _clock(connection: Connection) -> list[Finding]:
    ahead = await ask.clock_ahead_s(connection)
    if abs(ahead) > _CLOCK_S:
        return [fail("clock", f"the database's is {ahead:+.1f} s from ours", "set both by NTP (chrony)")]
    return [ok("clock", f"{ahead:+.2f} s from the database's")]


async def _processes(connection: Connection) -> list[Finding]:
    return processes(await process.heard(connection), datetime.now(UTC))


def processes(heard: list[process.ProcessRow], now: datetime) -> list[Finding]:
    """Each process that ever spoke, and each service that nobody does."""
    findings = []
    for one in heard:
        name, silent = f"{one.service} {one.instance}", now - one.seen
        if silent > _SILENT:
            forget = f"`mingchu doctor --forget {one.service}:{one.instance}`"
            mend = f"start it again (`mingchu {one.service}`), or forget it: {forget}"
            findings.append(fail(name, f"not heard for {_span(silent)}", mend))
        else:
            findings.append(ok(name, f"process {one.pid}, up for {_span(now - one.started)}"))
    for service in _SERVICES:
        if all(one.service != service for one in heard):
            findings.append(fail(service, "has never run here", f"start it: `mingchu {service}`, or `mingchu up`"))
    return findings


async def _backlog(connection: Connection) -> list[Finding]:
    return backlog(await process.backlog(connection), datetime.now(UTC))


def backlog(waiting: list[process.Backlog], now: datetime) -> list[Finding]:
    """Signals and pushes go within seconds; what waits for minutes is stuck."""
    mends = {
        "signals": "the alert engine is behind or away: look at `mingchu alerts`' log",
        "pushes": "a receiver does not answer: see the alert's page, or the channel",
        "replays": "ingest reads them again when it runs",
        "events": "the alerts service hands them to webhooks: look at `mingchu alerts`' log",
        "deliveries": "a program does not answer: see the webhooks' page",
    }
    findings = []
    for one in waiting:
        age = timedelta() if one.oldest is None else now - one.oldest
        if one.name in mends and age > _LATE:
            findings.append(warn(one.name, f"{one.waiting} wait, the oldest for {_span(age)}", mends[one.name]))
        else:
            findings.append(ok(one.name, f"{one.waiting} wait"))
    return findings


async def _edges(connection: Connection) -> list[Finding]:
    away = await ask.edges_away(connection)
    if not away:
        return [ok("edges", "all that were enrolled are online")]
    return [
        warn(f"edge {code}", "offline" if seen is None else f"offline since {seen:%Y-%m-%d %H:%M} UTC",
             f"look at its machine; `MINGCHU_EDGE={code} mingchu edge` starts it, `mingchu edge enroll` enrols it anew")
        for code, seen in away
    ]  # fmt: skip


async def _cameras(connection: Connection) -> list[Finding]:
    states = await ask.cameras(connection)
    bad = {state: n for state, n in states.items() if state != "OK"}
    if not bad:
        return [ok("cameras", f"{states.get('OK', 0)} OK")]
    seen = ", ".join(f"{n} {state}" for state, n in sorted(bad.items()))
    return [warn("cameras", f"{seen}, {states.get('OK', 0)} OK", "see the operations page: each says why")]


async def _letters(connection: Connection) -> list[Finding]:
    n = await ask.letters_today(connection)
    if n:
        return [warn("messages", f"{n} could not be read within a day", "see why: `mingchu letters list`")]
    return [ok("messages", "all of the last day were read")]


async def _pushes(connection: Connection) -> list[Finding]:
    failed = await ask.pushes_failed_today(connection)
    if failed:
        words = "mend the channel's address or secret; the alert's page shows each push"
        return [warn("pushes of a day", f"{failed} failed for good", words)]
    return [ok("pushes of a day", "none failed for good")]


async def _people(connection: Connection) -> list[Finding]:
    if await ask.administrators(connection):
        return []
    return [fail("people", "nobody administers this house", "`mingchu user add NAME --role admin --authority PATH`")]


async def _broker(settings: Settings) -> Finding:
    try:
        url, user, password = settings.broker
        await asyncio.to_thread(_knock, url, user, password)
    except BadSettingError as error:
        return fail("broker", str(error), "start `mingchu up`, or set MINGCHU_MQTT_URL")
    except (MQTTException, OSError, TimeoutError) as error:
        words = " ".join(str(error).split()) or "no answer"
        return fail("broker", words, "start mosquitto; check MINGCHU_MQTT_URL, _USER and _PASSWORD")
    return ok("broker", f"{url} lets the services in")


def _knock(url: str, user: str, password: str) -> None:
    """Enter as the services do, under a name of our own, and say a word that nobody listens to."""
    where = address(url)
    logging.getLogger("paho").setLevel(logging.CRITICAL)  # it tells of its own leaving as an error
    publish.single(
        "mingchu/doctor",
        hostname=where.host,
        port=where.port,
        client_id="",
        keepalive=5,
        auth={"username": user, "password": password},
        tls={"ca_certs": ssl.get_default_verify_paths().cafile or ""} if where.tls else None,
    )


async def _console(settings: Settings) -> Finding:
    host = "127.0.0.1" if settings.api_host in ("0.0.0.0", "::") else settings.api_host  # noqa: S104
    url = f"http://{host}:{settings.api_port}/readyz"
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        return fail("console", f"{url}: {error or type(error).__name__}", "start `mingchu api`; check MINGCHU_API_PORT")
    if answer.status_code != 200:
        return fail("console", f"{url} answers {answer.status_code}", "another program listens, or no database")
    return ok("console", url.removesuffix("/readyz"))


def certificate(file: Path) -> Finding | None:
    """How long devices of other machines can still trust the broker; None where there is no authority."""
    if not file.is_file():
        return None
    ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    seen = f"valid until {ends:%Y-%m-%d}"
    if ends - datetime.now(UTC) < _CERTIFICATE_LEFT:
        return warn("authority", seen, "make a new one and give `mingchu broker ca` to the devices")
    return ok("authority", seen)


def _backup(folder: Path | None) -> Finding:
    what, mend = "backup", "take one each night: `mingchu backup FOLDER --keep 14`"
    if folder is None:
        return warn(what, "MINGCHU_BACKUP_DIR is not set", mend)
    found = backup.found(folder)
    if not found:
        return fail(what, f"none in {folder}", mend)
    age = datetime.now(UTC) - found[-1].manifest.taken
    level = fail if age > _BACKUP_AGE else None
    seen = f"the newest is {_span(age)} old"
    return ok(what, seen) if level is None else level(what, seen, mend)


def _span(time: timedelta) -> str:
    """For people: 40 s, 12 min, 5 h, 3 d."""
    seconds = max(0, round(time.total_seconds()))
    for limit, unit, size in ((120, "s", 1), (7200, "min", 60), (172800, "h", 3600)):
        if seconds < limit:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86400} d"
