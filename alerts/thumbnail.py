"""A small picture of an alert's evidence for channels that carry one: of the redacted frame only."""

import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

EDGE_PX = 640
BYTES = 256 * 1024  # far below WeCom's 2 MB


def made(evidence_dir: Path, sha256: str) -> bytes | None:
    """A JPEG of at most EDGE_PX and BYTES; None while the picture has not come, or is none. Reads and decodes: slow."""
    try:
        with Image.open(evidence_dir / sha256[:2] / sha256) as picture:
            picture.draft("RGB", (EDGE_PX, EDGE_PX))
            small = picture.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    small.thumbnail((EDGE_PX, EDGE_PX))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return out.getvalue() if out.tell() <= BYTES else None
