"""Photos: what comes out is a plain upright JPEG; bombs and other files are refused before they are decoded."""

import io
import struct
import zlib

import pytest
from PIL import Image

from api import photo


def _jpeg(size: tuple[int, int], *, orientation: int | None = None) -> bytes:
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (0, 0, size[0] // 2, size[1]))  # blue on the left
    exif = Image.Exif()
    exif[0x010F] = "marker-camera"
    exif[0x8825] = {1: "N", 2: (23.0, 7.0, 0.0)}  # GPS
    if orientation is not None:
        exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def _huge_png(side: int) -> bytes:
    """The head of a PNG of side × side pixels, and almost no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_a_photo_gets_smaller_and_loses_its_metadata() -> None:
    clean = photo.reencode(_jpeg((3000, 2000)))
    with Image.open(io.BytesIO(clean)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (1600, 1067), {})
    assert b"marker-camera" not in clean


def test_a_photo_stands_upright() -> None:
    with Image.open(io.BytesIO(photo.reencode(_jpeg((400, 200), orientation=6)))) as image:
        assert image.size == (200, 400)
        red, _green, blue = image.convert("RGB").getpixel((100, 20))  # type: ignore[misc]
        assert blue > red  # what was left is above now


def test_png_becomes_jpeg() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 10), (1, 2, 3, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(photo.reencode(out.getvalue()))) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a" + bytes(100),
        _jpeg((400, 300))[:500],
        _huge_png(5000),
        _huge_png(12000),
        _huge_png(60000),
    ],
    ids=["empty", "text", "svg", "gif", "cut off", "25 million pixels", "144 million pixels", "3600 million pixels"],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(photo.PhotoError):
        photo.reencode(data)
