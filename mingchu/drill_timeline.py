"""What happened when in a drill, by subject: the truth above, the alerts below. Pure; times are seconds from zero."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mingchu.drill_score import Score, Seen, Wanted
from simulators.scenario_file import Scenario

Kind = Literal["clip", "fault"]
Verdict = Literal["matched", "missed", "unexpected"]

LEAST_S = 0.5  # what has no length is drawn with this one
MOST = 40  # lanes on which all went well: more would hide the others


@dataclass(frozen=True, slots=True)
class Noted:
    """A line of the simulators' truth: something began or ended on a subject."""

    what: str
    at: datetime
    subject: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The truth: something was so from one time to another."""

    kind: Kind
    name: str
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Window:
    """When an alert of a rule had to be raised, and whether one was."""

    rule: str
    begin: float
    end: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert: raised, and pushed if it was."""

    rule: str
    raised: float
    pushed: float | None
    latency_s: float | None
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One subject."""

    subject: str
    spans: tuple[Span, ...]
    windows: tuple[Window, ...]
    marks: tuple[Mark, ...]


def lanes(scenario: Scenario, zero: datetime, truth: Sequence[Noted], score: Score) -> tuple[Lane, ...]:
    """A lane for each subject of the scenario, in its order, and for any other that an alert was raised on."""
    codes = dict.fromkeys([*(each.code for each in scenario.camera), *(each.code for each in scenario.device)])
    codes |= dict.fromkeys([*(want.subject for want in scenario.expect), *(seen.subject for seen in score.unexpected)])
    quiet = {each.code: f"{each.quiet}-head" if each.quiet_s else each.quiet for each in scenario.camera}
    return tuple(
        Lane(
            code,
            tuple(_spans([note for note in truth if note.subject == code], zero, scenario.duration_s, quiet.get(code))),
            tuple(sorted(_windows(code, score, zero), key=lambda window: window.begin)),
            tuple(sorted(_marks(code, score, zero), key=lambda mark: mark.raised)),
        )
        for code in codes
    )


def length(scenario: Scenario, rows: Iterable[Lane]) -> float:
    """How far the time axis must reach, in seconds."""
    ends = [scenario.duration_s]
    for lane in rows:
        ends += [window.end for window in lane.windows]
        ends += [mark.pushed or mark.raised for mark in lane.marks]
    return max(*ends, 1.0)


def _spans(notes: Sequence[Noted], zero: datetime, end: float, quiet: str | None) -> Iterator[Span]:
    """The clips that are not the quiet one, and the faults; what has not ended lasts to the end."""
    for index, note in enumerate(notes):
        kind = _kind(note, quiet)
        if kind is None:
            continue
        ender = next((other for other in notes[index + 1 :] if _ends(other, note)), None)
        begin = max(0.0, _after(zero, note.at))
        until = max(end, begin) if ender is None else _after(zero, ender.at)
        if until > 0:
            yield Span(kind, note.name, begin, max(until, begin + LEAST_S))


def _kind(note: Noted, quiet: str | None) -> Kind | None:
    if note.what == "clip_began":
        return None if note.name == quiet else "clip"
    return "fault" if note.what == "fault_began" else None


def _ends(other: Noted, note: Noted) -> bool:
    if note.what == "clip_began":
        return other.what == "clip_began"
    return other.what == "fault_ended" and other.name == note.name


def _windows(code: str, score: Score, zero: datetime) -> Iterator[Window]:
    for want, _ in score.matched:
        if want.subject == code:
            yield _window(want, zero, "matched")
    for want in score.missed:
        if want.subject == code:
            yield _window(want, zero, "missed")


def _window(want: Wanted, zero: datetime, verdict: Verdict) -> Window:
    return Window(want.rule, _after(zero, want.at), _after(zero, want.until), verdict)


def _marks(code: str, score: Score, zero: datetime) -> Iterator[Mark]:
    for _, seen in score.matched:
        if seen.subject == code:
            yield _mark(seen, zero, "matched")
    for seen in score.unexpected:
        if seen.subject == code:
            yield _mark(seen, zero, "unexpected")


def _mark(seen: Seen, zero: datetime, verdict: Verdict) -> Mark:
    pushed = None if seen.pushed is None else _after(zero, seen.pushed)
    return Mark(seen.rule, _after(zero, seen.raised), pushed, seen.latency_s, verdict, seen.why)


def _after(zero: datetime, at: datetime) -> float:
    return (at - zero).total_seconds()


def worth_drawing(rows: Sequence[Lane], most: int = MOST) -> tuple[Lane, ...]:
    """Every lane on which something went wrong, and the first `most` others on which there is anything."""
    wrong = {lane.subject for lane in rows if _is_wrong(lane)}
    fine = [lane for lane in rows if lane.subject not in wrong and (lane.spans or lane.windows or lane.marks)]
    kept = wrong | {lane.subject for lane in fine[:most]}
    return tuple(lane for lane in rows if lane.subject in kept)


def _is_wrong(lane: Lane) -> bool:
    verdicts = {window.verdict for window in lane.windows} | {mark.verdict for mark in lane.marks}
    return not verdicts <= {"matched"}
