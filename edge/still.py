"""A still: the newest keyframe of a camera as a small JPEG, for those who cannot watch the stream."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge.decoder import DecodeError, Decoder
from edge.picture import Colour, rgb
from edge.redaction import FindHeads, redacted
from edge.ring import Stretch

WIDTH = 960
_QUALITIES = (80, 60, 40)
MOST_BYTES = 400 * 1024  # as base64 in JSON below wire.MAX_LIVE


class StillError(Exception):
    """The keyframe cannot be shown."""


@dataclass(frozen=True, slots=True)
class Still:
    """JPEG bytes, and the capture time in Unix seconds."""

    at: float
    jpeg: bytes


def still(stretch: Stretch, heads: FindHeads | None) -> Still:
    """Decode the stretch's keyframe; at most 960 px wide, what `heads` finds hidden. Raises StillError."""
    keyframe = stretch.packets[0]
    try:
        frame = Decoder(stretch.format).lone(keyframe)
    except DecodeError as error:
        raise StillError(str(error)) from error
    if frame is None:
        raise StillError("the decoder gives no picture")
    image = _small(rgb(frame))
    return Still(keyframe.at, _jpeg(image if heads is None else redacted(image, heads(image))))


def _small(image: Colour) -> Colour:
    height, width = image.shape[:2]
    if width <= WIDTH:
        return image
    size = (WIDTH, max(1, round(height * WIDTH / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _jpeg(image: Colour) -> bytes:
    for quality in _QUALITIES:
        ok, data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        if ok and data.nbytes <= MOST_BYTES:
            return data.tobytes()
    raise StillError("the picture is too large")
