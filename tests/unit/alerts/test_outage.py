"""Groups of silences: nothing that is silent is without an alert, and nothing is told of twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import hearing, outage
from alerts.hearing import Turn
from alerts.outage import Key, Member, Open, Plan, Verdict
from domain.rule import BadRuleError, Place, Rule, RuleKind, check
from domain.severity import Severity
from store.trouble import Spell

START = datetime(2026, 7, 1, tzinfo=UTC)
SITE = Rule(
    "site", 1, RuleKind.OUTAGE, "", "", Severity.II, "",
    place=Place.SITE, codes=("OFFLINE",), for_s=60.0, window_s=60.0, samples=3, share=0.5,
)  # fmt: skip
EDGE = msgspec.structs.replace(SITE, code="edge", place=Place.EDGE)
RULES = {Place.SITE: SITE, Place.EDGE: EDGE}


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def there(number: int, last: float, edge: str = "") -> Member:
    return Member(Key(device=number), edge, at(last))


def gone(number: int, last: float, noticed: float, counts: float, edge: str = "") -> Member:
    return Member(Key(device=number), edge, at(last), at(noticed), at(counts))


def made(here: Sequence[Member], now: float, before: Sequence[Open] = (), *, is_open: bool = True) -> Plan:
    return outage.plan(RULES, here, before, at(now), is_open=is_open)


def test_enough_that_fell_silent_together_are_one_group() -> None:
    here = [*(gone(n, 0, 30, 60) for n in range(3)), *(there(n, 58) for n in range(3, 6))]
    assert set(made(here, 61).raised) == {""}
    assert made(here, 59).raised == {}  # for none of them it counts yet


def test_few_or_a_small_share_are_alone() -> None:
    assert made([gone(1, 0, 30, 60), gone(2, 0, 30, 60), there(3, 60)], 61) == Plan()
    assert made([*(gone(n, 0, 30, 60) for n in range(3)), *(there(n, 60) for n in range(3, 10))], 61) == Plan()


def test_those_that_are_not_sure_yet_hold_a_single_one_back_for_a_window() -> None:
    here = [gone(1, 0, 30, 60), there(2, 20), there(3, 25), there(4, 28)]
    assert made(here, 61).held == {Key(device=1)}
    assert made(here, 119).held == {Key(device=1)}
    assert made(here, 120).held == set()
    heard = [gone(1, 0, 30, 60), *(there(n, 40) for n in (2, 3, 4))]
    assert made(heard, 61).held == set()


def test_what_was_silent_before_does_not_count() -> None:
    old = [replace(gone(n, -9000, -8000, -8000), own=True) for n in range(10, 20)]
    assert set(made([*(gone(n, 0, 30, 60) for n in range(3)), *old], 61).raised) == {""}
    assert made([gone(1, 0, 30, 60), *(there(n, 60) for n in range(2, 6)), *old], 61) == Plan()


def test_cameras_of_an_edge_are_the_edges_and_only_in_opening_hours() -> None:
    cameras = [Member(Key(camera=n), "edge-1", at(0), at(60), at(60)) for n in range(4)]
    here = [*cameras, *(there(n, 61) for n in range(6))]
    assert set(made(here, 61).raised) == {"edge-1"}
    assert made(here, 61, is_open=False) == Plan()


def test_an_edge_that_is_away_needs_no_number() -> None:
    alone = Member(Key(camera=1), "edge-1", at(0), at(60), at(120), away=True)
    assert set(made([alone, *(there(n, 120) for n in range(6))], 121).raised) == {"edge-1"}
    assert made([alone, *(there(n, 119) for n in range(6))], 119).raised == {}


def _open(holds: Sequence[int], zone: str = "") -> Open:
    return Open(1, EDGE if zone else SITE, zone, frozenset(Key(device=n) for n in holds), len(holds))


def test_an_outage_goes_on_takes_in_what_joins_and_ends() -> None:
    here = [*(gone(n, 0, 30, 60) for n in range(4)), gone(4, 90, 100, 160)]
    going = made(here, 161, [_open(range(4))])
    assert [one.key.device for one in going.joined[1]] == [4]
    assert (going.over, going.raised, going.held) == ([], {}, set())
    back = made([gone(0, 0, 30, 60), *(there(n, 200) for n in range(1, 4))], 200, [_open(range(4))])
    assert [why for _, why in back.over] == ["3 of 4 heard again"]
    assert {one.device for one in back.back[1]} == {1, 2, 3}


def test_an_outage_without_its_rule_or_its_alert_is_over() -> None:
    here, one = [gone(n, 0, 30, 60) for n in range(4)], _open(range(4))
    assert [why for _, why in made(here, 61, [replace(one, retired=True)]).over] == [outage.RULE_GONE]
    assert [why for _, why in made(here, 61, [replace(one, closed=True)]).over] == ["0 of 4 heard again"]


def test_an_edges_outage_is_part_of_its_sites() -> None:
    here = [*(gone(n, 0, 30, 60, "edge-1") for n in range(4)), *(gone(n, 40, 70, 100) for n in range(4, 8))]
    found = made(here, 101, [_open(range(4), "edge-1")])
    assert [why for _, why in found.over] == [outage.PART]
    assert set(found.raised) == {""}


@pytest.mark.parametrize(
    "more, fault",
    [({"place": None}, "needs a place"), ({"samples": 1}, "2 or more"), ({"sites": ("kitchen",)}, "has no sites")],
)
def test_a_rule_of_outages_has_what_it_needs(more: dict[str, object], fault: str) -> None:
    with pytest.raises(BadRuleError, match=fault):
        check(msgspec.structs.replace(SITE, **more))


# --- a site over time: the engine's part in little ------------------------------------------------------------------

PATIENCE_S = 60.0
Spells = list[tuple[float, float]]


class Town:
    """One site whose things fall silent and come back as told; looked at every five seconds, as the engine does."""

    def __init__(self, spells: Sequence[Spells], edges: Sequence[str]) -> None:
        self.spells, self.edges = spells, edges
        self.single: set[int] = set()
        self.open: dict[int, tuple[str, set[int], set[int]]] = {}  # alert: zone, holds, parts
        self.freed: dict[int, float] = {}
        self.number = 0

    def member(self, which: int, now: float) -> Member:
        for begin, end in self.spells[which]:
            if begin <= now < end:
                noticed = at(begin + 20) if now >= begin + 20 else None
                counts = at(begin + PATIENCE_S)
                return Member(
                    Key(device=which), self.edges[which], at(begin), noticed, counts, own=which in self.single
                )
        return Member(Key(device=which), self.edges[which], at(now))

    def look(self, now: float) -> None:
        here = [self.member(which, now) for which in range(len(self.spells))]
        before = [
            Open(alert, EDGE if zone else SITE, zone, frozenset(Key(device=n) for n in holds), len(parts))
            for alert, (zone, holds, parts) in self.open.items()
        ]
        plan = outage.plan(RULES, here, before, at(now), is_open=True)
        for alert, keys in plan.back.items():
            self.open[alert][1].difference_update(one.device for one in keys if one.device is not None)
        for ended, _ in plan.over:
            self.freed |= dict.fromkeys(self.open.pop(ended.alert)[1], now)
        for alert, members in plan.joined.items():
            self._hold(alert, members)
        for zone, group in plan.raised.items():
            self.number += 1
            self.open[self.number] = (zone, set(), set())
            self._hold(self.number, group.gone)
        held = {one.device for one in plan.held}
        for one in here:
            which = one.key.device or 0
            if one.noticed is None:
                self.single.discard(which)
                self.freed.pop(which, None)
            elif one.silent(at(now)) and which not in held and which not in self.covered(now):
                self.single.add(which)

    def _hold(self, alert: int, members: Sequence[Member]) -> None:
        for one in members:
            which = one.key.device or 0
            self.open[alert][1].add(which)
            self.open[alert][2].add(which)
            self.single.discard(which)
            self.freed.pop(which, None)

    def covered(self, now: float) -> set[int]:
        held = {which for _, holds, _ in self.open.values() for which in holds}
        return held | {which for which, since in self.freed.items() if now - since < PATIENCE_S}


def _spells() -> st.SearchStrategy[Spells]:
    gap, length = st.integers(1, 300), st.integers(5, 400)
    return st.lists(st.tuples(gap, length), max_size=3).map(_laid)


def _laid(pairs: Sequence[tuple[int, int]]) -> Spells:
    found, now = Spells(), 0.0
    for gap, length in pairs:
        found.append((now + gap, now + gap + length))
        now += gap + length
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_spells(), st.sampled_from(["", "a", "b"])), min_size=1, max_size=9))
def test_whatever_is_silent_is_told_of_once(things: list[tuple[Spells, str]]) -> None:
    town = Town([spells for spells, _ in things], [edge for _, edge in things])
    for step in range(300):
        now = step * 5.0
        town.look(now)
        holders = [holds for _, holds, _ in town.open.values()]
        for which in range(len(things)):
            told = sum(which in holds for holds in holders) + (which in town.single)
            assert told <= 1  # no two alerts for one cause
            one = town.member(which, now)
            if one.counts is not None and at(now) - one.counts > timedelta(seconds=SITE.window_s + 5):
                assert told or which in town.covered(now)  # nothing is silent without an alert for longer than a window


def test_a_group_of_nobody_is_alone() -> None:
    assert outage.judge(SITE, [], START).verdict is Verdict.ALONE


@pytest.mark.parametrize(
    "troubled, noted, turn",
    [
        (False, Spell(), Turn.NONE),
        (True, Spell(), Turn.BEGINS),
        (True, Spell(1, lasts_s=30.0), Turn.GOES_ON),
        (True, Spell(1, lasts_s=60.0), Turn.TELL),
        (True, Spell(1, told=True, lasts_s=600.0), Turn.GOES_ON),
        (False, Spell(1, lasts_s=30.0), Turn.ENDS),
        (False, Spell(1, told=True, lasts_s=600.0), Turn.TELL_END),
        (False, Spell(over_s=59.0), Turn.SETTLES),
        (False, Spell(over_s=60.0), Turn.NONE),
    ],
)
def test_a_trouble_is_told_once_when_it_lasts_and_its_end_only_then(troubled: bool, noted: Spell, turn: Turn) -> None:
    assert hearing.judge(troubled, noted, 60.0) is turn
