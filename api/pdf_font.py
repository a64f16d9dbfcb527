"""The font of our PDFs: one of Adobe's Simplified Chinese collection, for which every reader has one (ADR 46)."""

from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

NAME = "STSong-Light"


@cache
def register() -> None:
    """Make the font known to reportlab, once."""
    pdfmetrics.registerFont(UnicodeCIDFont(NAME))
