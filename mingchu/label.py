"""The labels that carry claim codes: QR codes on A4 sheets, as SVG or PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from domain import claim_code

_COLUMNS, _ROWS = 3, 8  # labels of 70 × 37 mm on A4
_WIDTH, _HEIGHT, _PAGE = 70.0, 37.0, (210.0, 297.0)
_DOTS = 300 / 25.4  # a millimetre at 300 dpi


class LabelError(Exception):
    """A sheet of labels is an .svg or a .pdf file."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one label shows. `code` is the secret: who has it may claim the device once. `console`: where, if known."""

    code: str
    vendor: str
    profile: str
    serial: str
    console: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return self.vendor, self.profile, f"S/N {self.serial}", self.code


def write(labels: Sequence[Label], file: Path) -> None:
    """Write sheets of labels; raises LabelError for another kind of file, or more labels than an SVG's one page."""
    per_page = _COLUMNS * _ROWS
    match file.suffix.lower():
        case ".svg" if len(labels) <= per_page:
            file.write_text(svg(labels), encoding="utf-8")
        case ".svg":
            raise LabelError(f"an SVG file is one page of {per_page} labels; write a .pdf file for more")
        case ".pdf":
            starts = range(0, len(labels), per_page)
            pages = [_picture(labels[start : start + per_page]) for start in starts]
            pages[0].save(file, "PDF", resolution=300, save_all=True, append_images=pages[1:])
        case _:
            raise LabelError(f"{file}: a sheet of labels is an .svg or a .pdf file")


def _places(labels: Sequence[Label]) -> Iterator[tuple[Label, float, float]]:
    """Where each label's corner is on the page (mm)."""
    for number, label in enumerate(labels):
        row, column = divmod(number, _COLUMNS)
        yield label, column * _WIDTH, row * _HEIGHT


def _code(label: Label) -> segno.QRCode:
    return segno.make(claim_code.address(label.console, label.code), error="m", micro=False)


def svg(labels: Sequence[Label]) -> str:
    """One A4 page."""
    parts = [_svg_label(*place) for place in _places(labels)]
    width, height = _PAGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">\n{"".join(parts)}</svg>\n'
    )


def _svg_label(label: Label, x: float, y: float) -> str:
    code = _code(label)
    size = 29.0 / code.symbol_size(border=0)[0]
    drawn = code.svg_inline(border=0, scale=size, omitsize=False, svgclass=None, lineclass=None)
    words = "".join(
        f'<text x="{x + 36}" y="{y + 9 + 6 * n}" font-family="monospace" font-size="3">{escape(line)}</text>\n'
        for n, line in enumerate(label.lines)
    )
    return f'<svg x="{x + 4}" y="{y + 4}">{drawn}</svg>\n{words}'


def _picture(labels: Sequence[Label]) -> Image.Image:
    page = Image.new("1", (round(_PAGE[0] * _DOTS), round(_PAGE[1] * _DOTS)), 1)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(3 * _DOTS)
    for label, x, y in _places(labels):
        page.paste(_bitmap(label), (round((x + 4) * _DOTS), round((y + 4) * _DOTS)))
        for n, line in enumerate(label.lines):
            draw.text((round((x + 36) * _DOTS), round((y + 6 + 6 * n) * _DOTS)), line, fill=0, font=font)
    return page


def _bitmap(label: Label) -> Image.Image:
    rows = [[0 if dark else 1 for dark in row] for row in _code(label).matrix]
    small = Image.new("1", (len(rows[0]), len(rows)))
    small.putdata([dot for row in rows for dot in row])
    side = round(29 * _DOTS)
    return small.resize((side, side), Image.Resampling.NEAREST)
