"""Scene events as signals: the edge has judged them, a rule of the same scene and sub-label says how grave they are."""

from collections.abc import Sequence
from datetime import datetime

from domain.rule import Rule
from domain.scene import Scene, SubLabel
from domain.wire import SceneBegan
from ingest import clock
from ingest.landing import Begun, Ended
from ingest.roster import Roster
from store.signals import Signal


def begins(begun: Begun, roster: Roster, now: int) -> list[Signal]:
    """A stored scene event is true from its first sample on, unless its last one is a day old."""
    said = begun.said
    if clock.instant(said.last) <= now - clock.STALE_FACT:
        return []
    return [
        Signal(
            *(rule.code, rule.version, True, _not_ahead(said.first, now), said.why),
            camera=begun.camera,
            zone=said.zone,
            scene_event=said.id,
        )
        for rule in _rules(said, roster)
    ]


def ends(ended: Ended, roster: Roster, now: int) -> list[Signal]:
    """However late: what has ended is not so any more. To all of the scene's rules: an end knows no sub-label."""
    said = ended.said
    return [
        Signal(
            *(rule.code, rule.version, False, _not_ahead(said.at, now), said.why),
            camera=ended.camera,
            zone=ended.zone,
            scene_event=said.id,
        )
        for rule in roster.scene_rules.get(Scene(ended.scene), ())
    ]


def _rules(said: SceneBegan, roster: Roster) -> Sequence[Rule]:
    """Those of the event's sub-label, or where it has none of its own the scene's."""
    rules = roster.scene_rules.get(said.scene, ())
    own = [rule for rule in rules if rule.label is said.label]
    return own or [rule for rule in rules if rule.label is SubLabel.NONE]


def _not_ahead(at: datetime, now: int) -> datetime:
    """Evidence keeps the edge's clock; a signal does not lie in the future by more than the policy allows."""
    return at if clock.instant(at) <= now + clock.AHEAD else clock.moment(now)
