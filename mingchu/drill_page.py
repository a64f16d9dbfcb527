"""The drill's report as one HTML page that needs nothing else: what was so, what was seen, and the score."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from mingchu.drill_glossary import Glossary, Words
from mingchu.drill_outcome import Outcome, scenes, told
from mingchu.drill_score import by_rule
from mingchu.drill_timeline import Lane, Mark, Span, Window, lanes, length, worth_drawing

TEMPLATES = Path(__file__).with_name("templates")
TICKS = 6  # more would not fit a phone
STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
ROW, EDGE, GAP = 20, 6, 10  # pixels of a lane: one thing, above and below, between truth and alerts


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a lane. `left`, `width`, `pushed`: percent of the time axis; `y`: pixels; `look`: its style."""

    look: str
    name: Words
    y: int
    left: float
    width: float
    pushed: float | None = None
    hint: str = ""

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def ends(self) -> bool:
        """Whether the name stands before the thing's end, for want of room after its beginning."""
        return self.left > 50


@dataclass(frozen=True, slots=True)
class Row:
    """A lane, ready to draw."""

    name: Words
    subject: str
    truth: tuple[Item, ...]
    alerts: tuple[Item, ...]

    @property
    def middle(self) -> int:
        """Where truth and alerts meet, in pixels."""
        return _middle(len(self.truth))

    @property
    def height(self) -> int:
        return self.middle + GAP // 2 + ROW * max(1, len(self.alerts)) + EDGE


def render(outcome: Outcome) -> str:
    """The whole page."""
    return _environment().get_template("drill.html").render(_facts(outcome))


def ticks(whole: float) -> list[int]:
    """Round times of an axis of so many seconds, from 0; as many as a phone has room for."""
    step = next((step for step in STEPS if whole / step <= TICKS), STEPS[-1] * (int(whole / STEPS[-1] / TICKS) + 1))
    return list(range(0, int(whole) + 1, step))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["seconds"] = lambda value: "–" if value is None else f"{value:.2f}"
    environment.filters["plain"] = lambda value: "–" if value is None else f"{value:g}"
    environment.filters["percent"] = lambda value: f"{value:.2f}%"
    return environment


def _facts(outcome: Outcome) -> Mapping[str, Any]:
    subjects, names = lanes(outcome.scenario, outcome.zero, outcome.truth, outcome.score), Glossary(outcome.scenario)
    whole, drawn = length(outcome.scenario, subjects), worth_drawing(subjects)
    return {
        "told": told(outcome),
        "scenario": outcome.scenario,
        "zero": outcome.zero.astimezone(),
        "ticks": [(tick, tick / whole * 100) for tick in ticks(whole)],
        "rows": [_row(lane, whole, names) for lane in drawn],
        "left_out": len(subjects) - len(drawn),
        "rules": [each.report() for each in by_rule(outcome.score, scenes())],
        "names": names,
    }


def _row(lane: Lane, whole: float, names: Glossary) -> Row:
    truth: list[Span | Window] = sorted([*lane.spans, *lane.windows], key=lambda each: each.begin)
    rows = [_truth(each, EDGE + ROW * number, whole, names) for number, each in enumerate(truth)]
    below = _middle(len(rows)) + GAP // 2
    marks = [_alert(mark, below + ROW * number, whole, names) for number, mark in enumerate(lane.marks)]
    return Row(names.subject(lane.subject), lane.subject, tuple(rows), tuple(marks))


def _middle(rows: int) -> int:
    return EDGE + ROW * max(1, rows) + GAP // 2


def _truth(each: Span | Window, y: int, whole: float, names: Glossary) -> Item:
    left, width = each.begin / whole * 100, (each.end - each.begin) / whole * 100
    hint = f"{each.begin:.1f} – {each.end:.1f} s"
    if isinstance(each, Window):
        return Item(f"window {each.verdict}", names.rule(each.rule), y, left, width, hint=hint)
    return Item(each.kind, names.span(each.kind, each.name), y, left, min(width, 100 - left), hint=hint)


def _alert(mark: Mark, y: int, whole: float, names: Glossary) -> Item:
    end = mark.pushed if mark.pushed is not None else mark.raised
    pushed = None if mark.pushed is None else mark.pushed / whole * 100
    delay = "" if mark.latency_s is None else f" · +{mark.latency_s:.2f} s"
    left, width = mark.raised / whole * 100, max(0.0, end - mark.raised) / whole * 100
    hint = f"{mark.raised:.1f} s{delay} · {mark.why}"
    return Item(mark.verdict, names.rule(mark.rule), y, left, width, pushed, hint)
