"""The changed copies of clips: encoded once per clip and look, kept as files below a folder, never while serving."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from simulators.clip import Clip, ClipError, load_clip
from simulators.look import LOOKS, Look

ENCODERS = {
    "h264": ("libx264", {"preset": "ultrafast", "crf": "24", "bf": "0", "sc_threshold": "0", "forced-idr": "1"}),
    "hevc": (
        "libx265",
        {"preset": "ultrafast", "forced-idr": "1", "x265-params": "bframes=0:scenecut=0:log-level=none"},
    ),
}
GOP = 100_000  # keyframes only where the original has one, so that a switch finds both at the same place


class Wardrobe:
    """Gives each clip's copy in a look; what is not there yet is encoded in the call, so call it before serving."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the copies are kept; it is made when the first is needed."""
        self._folder = folder
        self._origins: dict[Clip, Path] = {}
        self._copies: dict[tuple[Clip, str], Clip] = {}
        self._at_work = threading.Lock()  # commands prepare in threads of their own

    def hang(self, clip: Clip, file: Path) -> Clip:
        """Take in a clip: a file, or the first part of one."""
        self._origins[clip] = file
        return clip

    def dress(self, clip: Clip, look: str) -> Clip:
        """The clip's copy. Raises ClipError where the file cannot be encoded anew."""
        with self._at_work:
            if (clip, look) not in self._copies:
                copy = load_clip(self._encoded(self._origins[clip], look, clip.duration_s))
                self._copies[clip, look] = replace(copy, name=f"{clip.name}.{look}", duration_s=clip.duration_s)
            return self._copies[clip, look]

    def look(self, name: str) -> Callable[[Clip], Clip]:
        """The clothes of a look, as a fault takes them."""
        return lambda clip: self.dress(clip, name)

    def _encoded(self, file: Path, look: str, seconds: float) -> Path:
        kept = self._folder / f"{file.stem}.{look}.{_mark(file, seconds)}.mp4"
        if not kept.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            half = kept.with_suffix(".part")
            _encode(file, half, LOOKS[look], seconds)
            half.replace(kept)
        return kept


def _mark(file: Path, seconds: float) -> str:
    """Another file of the same name gets copies of its own."""
    about = file.stat()
    return hashlib.sha256(f"{file.resolve()} {about.st_size} {about.st_mtime_ns} {seconds:.3f}".encode()).hexdigest()[
        :10
    ]


def _encode(source: Path, target: Path, look: Look, seconds: float) -> None:
    try:
        with av.open(str(source)) as video, av.open(str(target), "w", format="mp4") as copy:
            _copy(video, copy, look, seconds)
    except (av.error.FFmpegError, OSError) as error:
        raise ClipError(f"{source}: cannot be encoded anew ({error.strerror or error}).") from error


def _copy(video: InputContainer, copy: OutputContainer, look: Look, seconds: float) -> None:
    seen = video.streams.video[0]
    made: VideoStream | None = None
    for frame in _first(video, seconds):
        changed = look(frame)
        changed.pts, changed.time_base = frame.pts, frame.time_base
        changed.pict_type = PictureType.I if frame.key_frame else PictureType.NONE
        if made is None:
            made = _stream(copy, seen, changed)
        copy.mux(made.encode(changed))
    if made is not None:
        copy.mux(made.encode())


def _first(video: InputContainer, seconds: float) -> Iterator[VideoFrame]:
    zero: float | None = None
    for frame in video.decode(video=0):
        at = float(frame.time or 0.0)
        zero = at if zero is None else zero
        if at - zero > seconds - 0.001:
            return
        yield frame


def _stream(copy: OutputContainer, seen: VideoStream, frame: VideoFrame) -> VideoStream:
    encoder, options = ENCODERS[seen.codec_context.name]
    rate = seen.average_rate or Fraction(25)
    made = cast(VideoStream, copy.add_stream(encoder, rate=rate, options=dict(options)))
    made.width, made.height, made.pix_fmt = frame.width, frame.height, "yuv420p"
    if seen.time_base is not None:
        made.codec_context.time_base = seen.time_base
    made.gop_size = GOP
    return made
