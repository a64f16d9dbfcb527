"""A drill's outcome made up by a test: the demo, in which some things go wrong."""

from datetime import UTC, datetime, timedelta

from mingchu.demo import shipped_scenario
from mingchu.drill_outcome import Outcome
from mingchu.drill_score import Messages, Seen, Wanted, score
from mingchu.drill_timeline import Noted
from simulators import scenario_file
from simulators.scenario_file import Scenario

ZERO = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def demo() -> Scenario:
    return scenario_file.load(shipped_scenario("demo"))


def outcome(scenario: Scenario, *, missing: str = "", surplus: str = "", lost: int = 0) -> Outcome:
    """All that is expected is raised four seconds after its time, but `missing`; and `surplus` on top, unpushed."""
    wanted = [Wanted(want.rule, want.subject, at(want.at), at(want.at + want.within)) for want in scenario.expect]
    seen = [
        Seen(number, want.rule, want.subject, want.at + timedelta(seconds=4), want.at + timedelta(seconds=3.2),
             want.at + timedelta(seconds=4.3), "seen in 5 of 5 pictures over 4.0 s, confidence 0.81")
        for number, want in enumerate(wanted)
        if want.rule != missing
    ]  # fmt: skip
    if surplus:
        seen.append(Seen(99, surplus, "kitchen-1", at(60), None, None, "seen <once>"))
    truth = [
        Noted("clip_began", at(0), "kitchen-1", "phone-head"),
        Noted("clip_began", at(6), "kitchen-1", "phone"),
        Noted("clip_began", at(46), "kitchen-1", "phone-head"),
        Noted("fault_began", at(70), "kitchen-1", "covered"),
        Noted("fault_ended", at(80), "kitchen-1", "covered"),
        Noted("clip_began", at(2), "night-1", "rat-night"),
        Noted("clip_began", at(32), "night-1", "rat-night-head"),
        Noted("clip_began", at(10), "stove-1", "flame-unattended"),
        Noted("clip_began", at(14), "store-1", "intrusion-night"),
        Noted("fault_began", at(8), "lift-1", "entrapment"),
        Noted("fault_ended", at(68), "lift-1", "entrapment"),
        Noted("fault_began", at(12), "scale-1", "cover-opened"),
        Noted("fault_ended", at(32), "scale-1", "cover-opened"),
        Noted("fault_began", at(40), "scale-1", "amount-mismatch"),
        Noted("fault_ended", at(60), "scale-1", "amount-mismatch"),
        Noted("fault_began", at(5), "cold-1", "compressor-failure"),
        Noted("fault_ended", at(55), "cold-1", "compressor-failure"),
    ]
    return Outcome(scenario, ZERO, score(wanted, seen), Messages(200, 200 - lost, 0), tuple(truth))
