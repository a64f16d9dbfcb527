"""QR labels of special equipment as PDF: A4 sheets of 70 × 37 mm, three by eight, to be printed at their real size."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame, Paragraph

from api import pdf_font

MEDIA_TYPE = "application/pdf"

_COLUMNS, _ROWS = 3, 8
_WIDTH, _HEIGHT = 70 * mm, 37 * mm
_CODE, _MARGIN = 30 * mm, 3 * mm
_QUIET = 4  # modules of white around a code (ISO/IEC 18004)
_LINE = ParagraphStyle("line", fontName=pdf_font.NAME, fontSize=8.5, leading=11, wordWrap="CJK")
_NAME = ParagraphStyle("name", parent=_LINE, fontSize=10.5, leading=13)


@dataclass(frozen=True, slots=True)
class Label:
    """One label: what its code says, and its lines, the name first."""

    address: str
    lines: tuple[str, ...]


def sheets(labels: Sequence[Label], title: str) -> bytes:
    """The labels in their order; the same bytes for the same labels."""
    pdf_font.register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(title)
    for number, label in enumerate(labels):
        place = number % (_COLUMNS * _ROWS)
        if number and not place:
            canvas.showPage()
        row, column = divmod(place, _COLUMNS)
        _draw(canvas, label, column * _WIDTH, A4[1] - (row + 1) * _HEIGHT)
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, label: Label, x: float, y: float) -> None:
    """One label; (x, y) is its lower left corner, in points."""
    _code(canvas, label.address, x + _MARGIN, y + (_HEIGHT - _CODE) / 2)
    left = x + _MARGIN + _CODE + 1.5 * mm
    said = [Paragraph(escape(line), _LINE if at else _NAME) for at, line in enumerate(label.lines) if line]
    frame = KeepInFrame(x + _WIDTH - _MARGIN - left, _HEIGHT - 2 * _MARGIN, said, mode="shrink")
    _, height = frame.wrapOn(canvas, frame.maxWidth, frame.maxHeight)
    frame.drawOn(canvas, left, y + (_HEIGHT - height) / 2)


def _code(canvas: Canvas, text: str, x: float, y: float) -> None:
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=_QUIET))
    module = _CODE / len(rows)
    side = module * 1.02  # a hair wider, so that no printer leaves a line between two
    for at, row in enumerate(reversed(rows)):
        for column, dark in enumerate(row):
            if dark:
                canvas.rect(x + column * module, y + at * module, side, side, stroke=0, fill=1)
