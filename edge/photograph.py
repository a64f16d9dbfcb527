"""Photographs of a scene: the clean frame, the same one with the sample's box, and the crop, as JPEG."""

from dataclasses import dataclass

import cv2
import numpy as np

from domain.camera import Zone
from domain.wire import Box, Sample
from edge.picture import Colour

QUALITY = 90
CROP_MARGIN = 0.25  # of the box's size, on each side: a hand is more than its phone
_BOX = (30, 60, 230)  # BGR
_ZONE = (60, 200, 250)
_WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Photographs:
    """JPEG bytes."""

    frame: bytes
    boxed: bytes
    crop: bytes

    @property
    def each(self) -> tuple[bytes, bytes, bytes]:
        """Frame, boxed, crop."""
        return self.frame, self.boxed, self.crop


def photograph(image: Colour, sample: Sample, label: str, zone: Zone | None) -> Photographs:
    """The three pictures of one sample in an RGB picture. `label` is ASCII."""
    clean = np.ascontiguousarray(image[:, :, ::-1])
    boxed = clean.copy()
    if zone is not None:
        _outline(boxed, zone)
    _mark(boxed, sample.box, label)
    left, top, right, bottom = _pixels(clean, _grown(sample.box))
    return Photographs(_jpeg(clean), _jpeg(boxed), _jpeg(clean[top:bottom, left:right]))


def _outline(image: Colour, zone: Zone) -> None:
    height, width = image.shape[:2]
    corners = np.array([(round(x * (width - 1)), round(y * (height - 1))) for x, y in zone.polygon], dtype=np.int32)
    cv2.polylines(image, [corners], isClosed=True, color=_ZONE, thickness=_line(image), lineType=cv2.LINE_AA)


def _mark(image: Colour, box: Box, label: str) -> None:
    left, top, right, bottom = _pixels(image, box)
    line, scale = _line(image), max(0.5, image.shape[0] / 900)
    cv2.rectangle(image, (left, top), (right - 1, bottom - 1), _BOX, line + 1)
    (wide, high), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, scale, line)
    base = max(high + 2 * line, top)
    cv2.rectangle(image, (left, base - high - 2 * line), (left + wide + 2 * line, base), _BOX, cv2.FILLED)
    cv2.putText(image, label, (left + line, base - line), cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, line, cv2.LINE_AA)


def _line(image: Colour) -> int:
    height: int = image.shape[0]
    return max(1, round(height / 540))


def _grown(box: Box) -> Box:
    left, top, right, bottom = box
    across, down = CROP_MARGIN * (right - left), CROP_MARGIN * (bottom - top)
    return left - across, top - down, right + across, bottom + down


def _pixels(image: Colour, box: Box) -> tuple[int, int, int, int]:
    """Left, top, right, bottom inside the image, at least one pixel each way."""
    height, width = image.shape[:2]
    left = min(max(0, int(box[0] * width)), width - 1)
    top = min(max(0, int(box[1] * height)), height - 1)
    right = min(max(left + 1, int(np.ceil(box[2] * width))), width)
    bottom = min(max(top + 1, int(np.ceil(box[3] * height))), height)
    return left, top, right, bottom


def _jpeg(image: Colour) -> bytes:
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert ok  # an 8-bit picture of at least one pixel can always be encoded
    return data.tobytes()
