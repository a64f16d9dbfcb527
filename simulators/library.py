"""The clips of a run, by name, each read once, with their changed copies."""

from dataclasses import replace
from pathlib import Path

from simulators.clip import Clip, ClipError, load_clip
from simulators.scenario_file import FOOTAGE
from simulators.wardrobe import Wardrobe

KINDS = {".mp4", ".mkv", ".mov"}


class Library:
    """Clips that ship, or the user's own; whatever it hands out hangs in its wardrobe."""

    def __init__(self, wardrobe: Wardrobe, footage: Path | None = None) -> None:
        """`footage`: the user's own files, shown instead of the clips that ship. Raises ClipError."""
        self.wardrobe = wardrobe
        self._read: dict[tuple[str, float], Clip] = {}
        self.own = [wardrobe.hang(load_clip(file), file) for file in _own(footage)] if footage is not None else []

    def get(self, name: str, seconds: float = 0.0) -> Clip:
        """A clip that ships, or its first `seconds`. Raises ClipError."""
        if (name, seconds) not in self._read:
            file = FOOTAGE / f"{name}.mp4"
            whole = self.get(name) if seconds else load_clip(file)
            self._read[name, seconds] = self.wardrobe.hang(head(whole, seconds), file)
        return self._read[name, seconds]


def _own(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in KINDS)
    if not files:
        raise ClipError(f"{folder}: has no .mp4, .mkv or .mov file to play.")
    return files


def head(clip: Clip, seconds: float) -> Clip:
    """The clip's first `seconds`, rounded up to the next keyframe; all of it for 0."""
    ends = [unit.send_s for unit in clip.units if unit.keyframe and unit.send_s >= seconds - 0.001]
    if seconds <= 0 or not ends:
        return clip
    return replace(
        clip,
        name=f"{clip.name}-head",
        units=tuple(unit for unit in clip.units if unit.send_s < ends[0]),
        duration_s=ends[0],
    )
