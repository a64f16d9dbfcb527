"""Evidence of one scene event: which pictures and which stretch of video show it, taken from the camera's ring."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

import structlog

from domain.camera import Camera
from domain.scene import Scene
from domain.wire import EvidenceItem, EvidenceKind, Sample, SceneBegan
from edge import clip
from edge.decoder import capture_time, frame_at
from edge.photograph import photograph
from edge.picture import moment, rgb
from edge.redaction import FindHeads, Shot, variants
from edge.ring import Ring, Stretch
from edge.spool import Priority
from edge.storyboard import storyboard, thinned
from edge.vault import Kept, Piece, Vault
from inference.scenes import Violation

log = structlog.get_logger(__name__)

BEFORE_S = 10.0  # DOMAIN §1: −10 … +10 s, and for what is small and quick −10 … +20 s
AFTER_S = 10.0
LONG_AFTER_S = 20.0
_LONG = frozenset({Scene.SMOKING, Scene.PEST})
_BRINK_S = 1.0  # a clip goes at least so far beyond the first and the last sample
_REORDER_S = 1.0  # packets after the wanted picture that a decoder with B-frames may need
_FRAME_AGE_S = 0.2  # a best frame further from its sample's time is worth a word


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A violation on its way to the platform: where and with what it was seen, and the id that its event has.

    `model`: SHA-256 of the weights. `seen`: how many packets the ring had seen when the violation was told.
    """

    id: str
    camera: Camera
    ring: Ring
    violation: Violation
    model: str
    seen: int

    @property
    def priority(self) -> Priority:
        return Priority.of(self.violation.scene)

    def piece(self, part: EvidenceKind) -> Piece:
        """Its evidence's name in the vault."""
        return Piece(self.id, self.camera.code, part)

    @property
    def is_broken_off(self) -> bool:
        """The clock was set back since: what comes now has another time, and adds nothing to the clip."""
        return self.ring.was_set_back(self.seen)

    @property
    def moments(self) -> tuple[float, float, float]:
        """First, best and last sample, Unix seconds."""
        what = self.violation
        return what.first.timestamp(), what.best.timestamp(), what.last.timestamp()

    @property
    def clip_range(self) -> tuple[float, float]:
        """Begin and end of the wanted clip, Unix seconds."""
        first, best, last = self.moments
        after = LONG_AFTER_S if self.violation.scene in _LONG else AFTER_S
        return min(best - BEFORE_S, first - _BRINK_S), max(best + after, last + _BRINK_S)


def began(case: Case, pictures: tuple[EvidenceItem, ...]) -> SceneBegan:
    """The event as it is sent at once; its clip follows."""
    what = case.violation
    return SceneBegan(
        id=case.id,
        camera=case.camera.code,
        scene=what.scene,
        zone=what.zone,
        track=what.track,
        first=what.first,
        best=what.best,
        last=what.last,
        why=what.why[:200],
        samples=what.samples,
        model=case.model,
        rule_version=what.rule_version,
        evidence=pictures,
        label=what.label,
    )


class Album:
    """The photographs of a case's best sample, with heads seen and hidden: taken once, held until a disk takes them."""

    def __init__(self, case: Case, heads: FindHeads) -> None:
        self.case, self._heads = case, heads

    def keep(self, vault: Vault) -> tuple[EvidenceItem, ...]:
        """Put them into the vault; none when the ring has lost the moment. Raises OSError or JournalError."""
        at, shots = self._taken
        best = self.case.moments[1]
        why = "" if abs(at - best) <= _FRAME_AGE_S else f"captured {at - best:+.1f} s from the best sample"
        items: dict[EvidenceKind, EvidenceItem] = {}
        for shot in shots:
            of = None if shot.of is None else items[shot.of].sha256
            kept = vault.put(shot.jpeg, "image/jpeg", self.case.priority, self.case.piece(shot.kind))
            items[shot.kind] = _item(shot.kind, kept, moment(at), moment(at), why, of=of)
        return tuple(items.values())

    @cached_property
    def _taken(self) -> tuple[float, tuple[Shot, ...]]:
        case = self.case
        _, best, _ = case.moments
        stretch = case.ring.stretch(best, best + _REORDER_S, best, case.seen)
        frame = frame_at(stretch.format, stretch.packets, best) if stretch.packets else None
        if frame is None:
            log.warning("no picture of the best sample is left in the ring", camera=case.camera.code, incident=case.id)
            return best, ()
        sample = best_sample(case.violation)
        zone = next((zone for zone in case.camera.zones if zone.code == case.violation.zone), None)
        shoot = partial(photograph, sample=sample, label=f"{case.violation.scene} {sample.score:.2f}", zone=zone)
        return capture_time(frame), variants(rgb(frame), self._heads, shoot)


@dataclass(frozen=True, slots=True)
class Cut:
    """A finished clip that the vault has not adopted yet."""

    path: Path
    coverage: clip.Coverage


def cut(case: Case, vault: Vault, stack: ExitStack) -> list[Cut]:
    """The clip; where the camera changed its picture format within it, one for each format.

    The files live as long as `stack`. Raises clip.ClipError, OSError or JournalError.
    """
    cuts, failure = list[Cut](), clip.ClipError("the ring holds no packets of that time")
    for stretch in case.ring.stretches(*case.clip_range, case.moments[1], case.seen):
        path = stack.enter_context(vault.part())
        try:
            cuts.append(Cut(path, clip.write(path, stretch)))
        except clip.ClipError as error:
            failure = error
    if not cuts:
        raise failure
    return cuts


def adopt(case: Case, vault: Vault, cuts: list[Cut], remark: str = "") -> list[EvidenceItem]:
    """Keep the clips in the vault; `remark` is what there is to say of them besides. Raises OSError or JournalError."""
    items = []
    for number, one in enumerate(cuts, 1):
        missing = one.coverage.missing(case.moments)
        part = f"part {number} of {len(cuts)}: the camera changed its picture format" if len(cuts) > 1 else ""
        why = part or missing or remark or one.coverage.gap()
        kept = vault.adopt(one.path, "video/mp4", case.priority, case.piece(EvidenceKind.CLIP))
        begin, end = moment(one.coverage.begin), moment(one.coverage.end)
        items.append(_item(EvidenceKind.CLIP, kept, begin, end, why, complete=not missing))
    return items


def keyframes(case: Case) -> Stretch:
    """What the clip's storyboard is made of, taken from the ring while it has it."""
    return thinned(case.ring.stretch(*case.clip_range, case.moments[1], case.seen))


def stills(case: Case, vault: Vault, heads: FindHeads, of: EvidenceItem, frames: Stretch) -> tuple[EvidenceItem, ...]:
    """The storyboard of a clip, kept in the vault; none when no keyframe is sound. Raises OSError or JournalError."""
    board = storyboard(frames, case.moments[1], heads)
    if board is None:
        return ()
    kept = vault.put(board.jpeg, "image/jpeg", case.priority, case.piece(EvidenceKind.STORYBOARD))
    return (_item(EvidenceKind.STORYBOARD, kept, moment(board.begin), moment(board.end), "", of=of.sha256),)


def best_sample(violation: Violation) -> Sample:
    """The sample at the violation's best moment."""
    return min(violation.samples, key=lambda sample: abs(sample.at - violation.best))


def _item(
    kind: EvidenceKind,
    kept: Kept,
    begin: datetime,
    end: datetime,
    why: str,
    *,
    complete: bool = True,
    of: str | None = None,
) -> EvidenceItem:
    return EvidenceItem(kind, kept.sha256, kept.media_type, kept.size, begin, end, complete, why, of)
