"""A camera as its edge must know it: where it is, which zones it sees, and when which scene counts."""

from enum import StrEnum
from typing import Annotated

import msgspec

from domain.code import Code
from domain.model import Model
from domain.scene import Scene
from domain.schedule import ALWAYS_OPEN, NEVER, Schedule

Unit = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Point = tuple[Unit, Unit]


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A polygon in relative picture coordinates (0..1, y down) where `scenes` apply.

    A scene whose duty a zone does not have (a hat where visitors walk, a uniform where goods arrive or in the coat of
    the cold store) is not among the zone's `scenes`. `overrides` replaces numbers of the scene's default rule, or of
    one sub-label's, e.g. {"FIRE_UNATTENDED": {"min_s": 20, "smoke.min_s": 10}} (DOMAIN §1).
    """

    code: Code
    zh: str
    en: str
    polygon: tuple[Point, ...]
    scenes: tuple[Scene, ...]
    restricted: bool = False  # INTRUSION applies at any hour, not only in closed hours
    masks: tuple[tuple[Point, ...], ...] = ()  # polygons inside which nothing counts (order tablet, pilot flame)
    overrides: dict[Scene, dict[str, float]] = {}
    special: bool = False  # a special room (专间): no mask there is of class II
    breaks: Schedule = NEVER  # PHONE does not apply
    allowed: Schedule = NEVER  # INTRUSION does not: maintenance, the cleaning roster, an inspector's check-in


class Integrity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a camera's integrity is judged by (ADR 13)."""

    view: Annotated[int, msgspec.Meta(ge=1)] = 1  # another number: what it shows next is enrolled as its view
    turns: bool = False  # it is meant to turn: MOVED is not judged
    replay: bool = False  # REPLAYED is judged


class Mode(StrEnum):
    """How an edge looks at a camera: its connection stays open, or it is visited once in each period (ADR 16)."""

    WATCH = "watch"
    PATROL = "patrol"


Weight = Annotated[int, msgspec.Meta(ge=1, le=12)]


class Camera(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One camera of one site. `url` carries the credential and is shown to nobody but its edge; so does `live_url`, a
    second, smaller stream for the live view, where the camera has one.

    `weight`: on patrol it is visited so many times in each period; riskier cameras have more. `model` None: the
    one that its edge ships.
    """

    code: Code
    site: Code
    url: str
    zones: tuple[Zone, ...]
    schedule: Schedule = ALWAYS_OPEN
    integrity: Integrity = Integrity()
    live_url: str = ""
    mode: Mode = Mode.WATCH
    weight: Weight = 1
    model: Model | None = None


class EdgeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an edge is told on its `down` topic (retained). `version` grows with each change."""

    version: int
    cameras: tuple[Camera, ...]
    sites: tuple[Code, ...] = ()  # whose devices it relays
