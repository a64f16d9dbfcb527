"""The storyboard: a clip as a few still pictures with heads hidden, for those who may not see the clip (ADR 20)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.decoder import DecodeError, Decoder
from edge.picture import Colour, rgb
from edge.redaction import FindHeads, redacted
from edge.ring import EncodedPacket, Stretch

MOST = 8
COLUMNS = 2  # two beside each other can be read on a phone
WIDTH = 640  # of one picture: about what the detector takes in
QUALITY = 80
_INK, _PAPER = (255, 255, 255), (40, 40, 40)


@dataclass(frozen=True, slots=True)
class Storyboard:
    """JPEG bytes, and the capture times of the first and the last picture, Unix seconds."""

    jpeg: bytes
    begin: float
    end: float


def storyboard(stretch: Stretch, best: float, heads: FindHeads) -> Storyboard | None:
    """At most MOST keyframes, evenly over the stretch, each with its seconds from `best`; None when none is sound."""
    stills = list(_stills(thinned(stretch)))
    if not stills:
        return None
    tiles = [_labelled(redacted(image, heads(image)), f"{at - best:+.1f} s") for at, image in stills]
    sheet = _sheet(tiles)
    ok, data = cv2.imencode(".jpg", sheet[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert ok  # an 8-bit picture of at least one pixel can always be encoded
    return Storyboard(data.tobytes(), stills[0][0], stills[-1][0])


def thinned(stretch: Stretch) -> Stretch:
    """Only the keyframes that a storyboard shows."""
    return Stretch(stretch.format, tuple(chosen([packet for packet in stretch.packets if packet.keyframe])))


def chosen(keyframes: Sequence[EncodedPacket]) -> Sequence[EncodedPacket]:
    """At most MOST of them, the first and the last among these."""
    if len(keyframes) <= MOST:
        return keyframes
    return [keyframes[round(index)] for index in np.linspace(0, len(keyframes) - 1, MOST)]


def _stills(keyframes: Stretch) -> Iterator[tuple[float, Colour]]:
    if not keyframes.packets:
        return
    decoder = Decoder(keyframes.format)
    for packet in keyframes.packets:
        try:
            frame = decoder.lone(packet)
        except DecodeError:
            continue
        if frame is not None and not frame.is_corrupt:
            yield packet.at, _small(rgb(frame))


def _small(image: Colour) -> Colour:
    size = (WIDTH, max(1, round(image.shape[0] * WIDTH / image.shape[1])))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _labelled(image: Colour, label: str) -> Colour:
    (wide, high), base = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 2)
    cv2.rectangle(image, (0, 0), (wide + 12, high + base + 8), _PAPER, cv2.FILLED)
    cv2.putText(image, label, (6, high + 6), cv2.FONT_HERSHEY_SIMPLEX, 0.7, _INK, 2, cv2.LINE_AA)
    return image


def _sheet(tiles: Sequence[Colour]) -> Colour:
    height = tiles[0].shape[0]  # one stretch has one format, hence one shape
    columns = min(COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * height, columns * WIDTH, 3), _PAPER, dtype=np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        sheet[row * height : (row + 1) * height, column * WIDTH : (column + 1) * WIDTH] = tile
    return sheet
