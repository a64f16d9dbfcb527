"""R5: an edge that is killed anywhere loses nothing that it had spooled, and its chain and evidence stay whole."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from domain.chain import Standing, breaks, digest
from domain.wire import CameraHealth, EvidenceMissing, Health, Relayed, SceneBegan, SceneEnded
from edge.counters import Counters
from edge.journal import Journal
from edge.spool import Draft, Priority, Spool
from edge.storage import Signs, StorageWatch
from tests.faults.feeder import Feeder, Life
from tests.platform_double import PlatformDouble, platform_double
from tests.servers import PrivateBroker, wait_for

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def platform(broker: PrivateBroker) -> Iterator[PlatformDouble]:
    with platform_double(broker, "box") as double:
        yield double


def test_nothing_spooled_is_lost_whenever_the_edge_is_killed(
    broker: PrivateBroker, platform: PlatformDouble, tmp_path: Path, *, full: bool
) -> None:
    dice = random.Random(5)
    feeder = Feeder(
        Life(str(tmp_path), broker.url(platform.user), platform.api_url, platform.secret, "box", 0, scenes=True)
    )
    for _ in range(50 if full else 6):
        before = len(feeder.ledger)
        with feeder.living(rate=200):
            wait_for(partial(_grown, feeder, before + dice.randint(1, 60)))
    feeder.drain()
    told = platform.bodies(SceneBegan)
    assert not set(feeder.ledger) - {body.id for body in told}
    assert max(Counter(body.id for body in told).values()) == 1
    assert len({spool for spool, _ in platform.items}) == 1
    assert list(breaks(_links(platform))) == []
    announced = {item.sha256 for body in told for item in body.evidence}
    missing = {body.sha256 for body in platform.bodies(EvidenceMissing)}
    assert announced <= set(platform.evidence) | missing
    assert not missing


def _grown(feeder: Feeder, size: int) -> bool:
    return len(feeder.ledger) >= size


def _links(platform: PlatformDouble) -> list[Standing]:
    pairs = [(platform.items[key].link, platform.raw[key]) for key in sorted(platform.items)]  # type: ignore[union-attr]
    links = [Standing(link.chain, link.index, link.previous, digest(raw), sound=True) for link, raw in pairs if link]
    return sorted(links, key=lambda link: link.index)


def test_at_its_cap_it_sheds_the_oldest_of_the_lowest_and_raises_one_alert(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool.db")
    journal.open()
    spool, counters = Spool(journal, 60_000), Counters()
    watch, states = StorageWatch(lambda: None, Signs(0, 0, 0)), list[str]()
    dice = random.Random(7)
    for number in range(1500):
        spool.append([_draft(number, dice.random())])
        told = watch.look(Signs(0, spool.load.shed, counters.snapshot().get("evidence_shed", 0)), float(number) / 10)
        states += [told.state] if told else []
    kinds = [kind for (kind,) in journal.rows("SELECT priority FROM item")]
    assert states == ["SHEDDING"]
    assert spool.load.size <= spool.cap
    assert spool.load.shed + len(kinds) == 1500
    assert set(kinds) == {Priority.CLASS_I}  # by now there is more of it than fits: all else went before
    kept = [seq for (seq,) in journal.rows("SELECT seq FROM item ORDER BY seq")]
    grave = [number + 1 for number, luck in enumerate(_lucks(7, 1500)) if luck < 0.4]
    assert kept == grave[-len(kept) :]
    journal.close()


def _lucks(seed: int, count: int) -> list[float]:
    dice = random.Random(seed)
    return [dice.random() for _ in range(count)]


def _draft(number: int, luck: float) -> Draft:
    if luck < 0.4:
        return Draft(Priority.CLASS_I, SceneEnded(f"{number:032x}", "cam", NOW, "gone"))
    if luck < 0.7:
        return Draft(Priority.HEALTH, CameraHealth("cam", NOW, Health.OK, "test"))
    return Draft(Priority.TELEMETRY, Relayed("mc/v1/hall/cold/telemetry", b"x" * 50, NOW))
