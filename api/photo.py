"""An operator's photo: checked before it is decoded, then encoded anew, so that nothing but the picture remains."""

import io
import warnings
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024
MAX_PHOTOS = 6
_SIDE = 1600
_THUMBNAIL = 360
_PIXELS = 50_000_000  # a baseline JPEG is decoded at a fraction of its size
_PIXELS_WHOLE = 20_000_000  # others must be decoded whole
_SIGNATURE = (1200, 600)
_INK = 40  # dark pixels: less is a slip of the finger
_EXIF, _TAKEN, _OFFSET = 0x8769, 0x9003, 0x9011  # Exif IFD, DateTimeOriginal, OffsetTimeOriginal (CIPA DC-008)
_FORMATS = ("JPEG", "PNG", "WEBP")  # SVG and the rest are no photos
_FAULTS = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError,
           Image.DecompressionBombWarning)  # fmt: skip

# Pillow warns of a bomb up to twice its size and goes on: here that is a refusal too.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PhotoError(ValueError):
    """A photo is a JPEG, PNG or WebP file of at most 20 MB and 50 million pixels."""


def reencode(data: bytes) -> bytes:
    """The photo as JPEG of at most 1,600 px a side, upright, without EXIF; raises PhotoError."""
    if len(data) > MAX_BYTES:
        raise PhotoError("too many bytes")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check(image)
            return _jpeg(image, _SIDE, quality=85)
    except _FAULTS as error:
        raise PhotoError(str(error)) from error


def thumbnail(data: bytes) -> bytes:
    """A small JPEG of an evidence picture; raises PhotoError."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check(image)
            return _jpeg(image, _THUMBNAIL, quality=75)
    except _FAULTS as error:
        raise PhotoError(str(error)) from error


def signature(data: bytes) -> bytes:
    """A signature as a grey PNG on white, without metadata; raises PhotoError, also where nothing is drawn."""
    if len(data) > MAX_BYTES:
        raise PhotoError("too many bytes")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            _check(image)
            drawn = image.convert("RGBA")
            drawn.thumbnail(_SIGNATURE, Image.Resampling.LANCZOS)
            clean = Image.new("RGBA", drawn.size, "white")
            clean.alpha_composite(drawn)
            grey = clean.convert("L")
            if sum(grey.histogram()[:128]) < _INK:
                raise PhotoError("nothing is drawn")
            out = io.BytesIO()
            grey.save(out, "PNG", optimize=True)
            return out.getvalue()
    except _FAULTS as error:
        raise PhotoError(str(error)) from error


def taken(data: bytes, zone: ZoneInfo) -> datetime | None:
    """When a photo was taken as its EXIF says, in `zone` where it names no offset; None where it says nothing."""
    with suppress(*_FAULTS), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        exif = image.getexif().get_ifd(_EXIF)
        told = f"{exif.get(_TAKEN, '')}"[:19].replace(":", "-", 2) + f"{exif.get(_OFFSET, '')}"[:6]
        found = datetime.fromisoformat(told)
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)
    return None


def _check(image: Image.Image) -> None:
    width, height = image.size
    whole = image.format != "JPEG" or "progressive" in image.info
    if width * height > (_PIXELS_WHOLE if whole else _PIXELS):
        raise PhotoError(f"{width} × {height} pixels")


def _jpeg(image: Image.Image, side: int, *, quality: int) -> bytes:
    image.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(image)
    picture = upright.convert("RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    # A fresh image: whatever metadata the file had stays behind.
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
