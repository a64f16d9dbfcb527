"""When what an alert tells of really began: the fault on its subject, or its scene in the clip that was shown. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mingchu.drill_score import Seen
from mingchu.drill_timeline import Noted

Beginning = Callable[[str, str], float | None]
"""(clip, scene) → seconds after the clip's start at which the scene begins in it."""


def with_causes(
    alerts: Sequence[Seen], truth: Sequence[Noted], scenes: Mapping[str, str], beginning: Beginning
) -> list[Seen]:
    """The alerts with the truth's instant, where there is one. `scenes`: rule → scene."""
    return [replace(alert, began=_began(alert, truth, scenes.get(alert.rule), beginning)) for alert in alerts]


def _began(alert: Seen, truth: Sequence[Noted], scene: str | None, beginning: Beginning) -> datetime | None:
    """The last thing on its subject that began before it was raised and can have caused it."""
    causes = [at for note in truth if note.subject == alert.subject and (at := _cause(note, scene, beginning))]
    return max((at for at in causes if at <= alert.raised), default=None)


def _cause(note: Noted, scene: str | None, beginning: Beginning) -> datetime | None:
    if scene is None:
        return note.at if note.what == "fault_began" else None
    after = beginning(note.name, scene) if note.what == "clip_began" else None
    return None if after is None else note.at + timedelta(seconds=after)
