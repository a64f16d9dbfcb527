"""An operator's photo: checked before it is decoded, then encoded anew, so that nothing but the picture remains."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 20 * 1024 * 1024
MAX_PHOTOS = 6
_SIDE = 1600
_THUMBNAIL = 360
_PIXELS = 50_000_000  # a baseline JPEG is decoded at a fraction of its size
_PIXELS_WHOLE = 20_000_000  # others must be decoded whole
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
