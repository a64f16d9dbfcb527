"""Evidence of one scene event: which pictures and which stretch of video show it, taken from the camera's ring."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from domain.camera import Camera
from domain.scene import KINDS, Scene
from domain.severity import Severity
from domain.wire import EvidenceItem, EvidenceKind, Sample, SceneBegan
from edge import clip
from edge.decoder import capture_time, frame_at
from edge.photograph import photograph
from edge.picture import moment, rgb
from edge.redaction import FindHeads, variants
from edge.ring import Ring, Stretch
from edge.spool import Priority
from edge.storyboard import storyboard, thinned
from edge.vault import Kept, Vault
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
    """A violation on its way to the platform: where it was seen, and the id that its event has."""

    id: str
    camera: Camera
    ring: Ring
    violation: Violation

    @property
    def priority(self) -> Priority:
        severity = KINDS[self.violation.scene].severity
        return Priority.CLASS_I if severity is Severity.I else Priority.SCENE

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


def began(case: Case, model: str, pictures: tuple[EvidenceItem, ...]) -> SceneBegan:
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
        model=model,
        rule_version=what.rule_version,
        evidence=pictures,
        label=what.label,
    )


def pictures(case: Case, vault: Vault, heads: FindHeads) -> tuple[EvidenceItem, ...]:
    """The photographs of the best sample, and the same with heads hidden, kept in the vault.

    None when the ring has lost it. Raises OSError or JournalError.
    """
    _, best, _ = case.moments
    stretch = case.ring.stretch(best, best + _REORDER_S, best)
    frame = frame_at(stretch.format, stretch.packets, best) if stretch.packets else None
    if frame is None:
        log.warning("no picture of the best sample is left in the ring", camera=case.camera.code, incident=case.id)
        return ()
    at = capture_time(frame)
    why = "" if abs(at - best) <= _FRAME_AGE_S else f"captured {at - best:+.1f} s from the best sample"
    sample = best_sample(case.violation)
    zone = next((zone for zone in case.camera.zones if zone.code == case.violation.zone), None)
    shoot = partial(photograph, sample=sample, label=f"{case.violation.scene} {sample.score:.2f}", zone=zone)
    items: dict[EvidenceKind, EvidenceItem] = {}
    for shot in variants(rgb(frame), heads, shoot):
        of = None if shot.of is None else items[shot.of].sha256
        kept = vault.put(shot.jpeg, "image/jpeg", case.priority)
        items[shot.kind] = _item(shot.kind, kept, moment(at), moment(at), why, of=of)
    return tuple(items.values())


def video(case: Case, vault: Vault, remark: str = "") -> EvidenceItem:
    """The clip, kept in the vault. Raises clip.ClipError, OSError or JournalError."""
    begin, end = case.clip_range
    stretch = case.ring.stretch(begin, end, case.moments[1])
    with vault.part() as part:
        coverage = clip.write(part, stretch)
        missing = coverage.missing(case.moments)
        kept = vault.adopt(part, "video/mp4", case.priority)
    return _item(
        EvidenceKind.CLIP, kept, moment(coverage.begin), moment(coverage.end), missing or remark, complete=not missing
    )


def keyframes(case: Case) -> Stretch:
    """What the clip's storyboard is made of, taken from the ring while it has it."""
    return thinned(case.ring.stretch(*case.clip_range, case.moments[1]))


def stills(case: Case, vault: Vault, heads: FindHeads, of: EvidenceItem, frames: Stretch) -> tuple[EvidenceItem, ...]:
    """The storyboard of a clip, kept in the vault; none when no keyframe is sound. Raises OSError or JournalError."""
    board = storyboard(frames, case.moments[1], heads)
    if board is None:
        return ()
    kept = vault.put(board.jpeg, "image/jpeg", case.priority)
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
