"""What the watch path sees of the bundled clips: thumbnails of their keyframes, plain or in a look of the faults."""

from functools import cache
from itertools import islice
from pathlib import Path

import av

from edge.picture import Grey, Picture
from simulators.look import LOOKS

FOLDER = Path(__file__).parents[3] / "simulators" / "footage"
CLIPS = sorted(path.stem for path in FOLDER.glob("*.mp4"))
EVERY_S = 2.0  # between two keyframes
ENOUGH = 8  # keyframes of a clip in a look: to make them takes longer than to judge them


@cache
def keyframes(clip: str, look: str = "") -> tuple[Grey, ...]:
    """(135, 240) uint8 each."""
    with av.open(str(FOLDER / f"{clip}.mp4")) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        frames = islice(container.decode(stream), ENOUGH if look else None)
        return tuple(Picture(clip, LOOKS[look](frame) if look else frame).thumb() for frame in frames)
