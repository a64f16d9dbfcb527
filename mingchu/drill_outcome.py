"""What a drill found, and its JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts import rulebook
from domain.rule import RuleKind
from mingchu.drill_bars import Bar, hold
from mingchu.drill_score import Messages, Score, report
from mingchu.drill_timeline import Noted
from simulators.scenario_file import Scenario


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a drill found. `zero`: the timeline's; `truth`: what the simulators did, by their own account."""

    scenario: Scenario
    zero: datetime
    score: Score
    messages: Messages
    truth: tuple[Noted, ...] = ()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The scenario's bars against what was found."""
        return hold(self.scenario.bars, self.score, self.messages)

    @property
    def passed(self) -> bool:
        """Every bar holds; by default every expected alert and no other, each pushed, no message lost, none twice."""
        return all(bar.holds for bar in self.bars)


def scenes() -> dict[str, str]:
    """The shipped rules that watch for a scene: rule → scene."""
    return {rule.code: rule.scene for rule in rulebook.default() if rule.kind is RuleKind.SCENE and rule.scene}


def told(outcome: Outcome) -> dict[str, Any]:
    """The drill's JSON."""
    body = report(outcome.score, outcome.messages, scenes())
    return {**body, "bars": [bar.report() for bar in outcome.bars], "passed": outcome.passed}
