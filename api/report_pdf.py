"""A report as PDF: the same bytes whenever it is made of the same report.

It names a font of Adobe's Simplified Chinese collection, for which every reader has one: a font of our own would weigh
more than a year of reports (ADR 46).
"""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from api import language, pdf_font
from api.language import Language
from api.report_words import lasting, moment, scene, share, thing
from domain.report import Figures, Fleet
from store.reports import Report

MEDIA_TYPE = "application/pdf"

_FONT = pdf_font.NAME
_WIDTH = A4[0] - 32 * mm
_LINE = colors.HexColor("#d5dade")
_SOFT = colors.HexColor("#5b656e")

Texts = Callable[[str], str]
Row = Sequence[str]


def document(report: Report, spoken: Language) -> bytes:
    """A4 pages with what the report's page shows."""
    pdf_font.register()
    out, t = io.BytesIO(), partial(language.text, spoken)
    title = f"{t('report.title')} · {thing(report.figures.scope, spoken)}"
    pages = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=16 * mm,
        rightMargin=16 * mm,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        title=title,
        author="明厨 Mingchu",
        subject=f"sha256 {report.sha256}",
        invariant=1,  # neither the moment of making nor a random identity
    )
    foot = partial(_foot, f"{title} · {_period(report.figures)}")
    pages.build(list(_story(report, t, spoken)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _foot(told: str, canvas: Canvas, _: object) -> None:
    canvas.setFont(_FONT, 8)
    canvas.setFillColor(_SOFT)
    canvas.drawString(16 * mm, 9 * mm, told)
    canvas.drawRightString(A4[0] - 16 * mm, 9 * mm, str(canvas.getPageNumber()))


def _period(figures: Figures) -> str:
    return f"{figures.first}" if figures.first == figures.last else f"{figures.first} – {figures.last}"


def _story(report: Report, t: Texts, spoken: Language) -> Iterator[Flowable]:
    figures = report.figures
    yield _words(f"明厨 Mingchu · {t(f'report.span_{figures.span}')} {_period(figures)}", 9, soft=True)
    yield _words(thing(figures.scope, spoken), 17)
    yield Spacer(0, 3 * mm)
    yield _tiles(figures, t)
    yield from _section(t("report.by_class"), *_classes(figures, t))
    yield _words(t("report.times_hint"), 8, soft=True)
    yield from _verdicts(figures, t, spoken)
    for name, counted in (("rules", figures.rules), ("sites", figures.sites)):
        rows = [(thing(one.thing, spoken), one.thing.code, str(one.n)) for one in counted]
        yield from _section(t(f"report.{name}"), [t("report.what"), t("report.code"), t("report.raised")], rows)
    yield from _fleet(t("report.camera_time"), figures.camera_time, t, spoken)
    yield from _fleet(t("report.device_time"), figures.device_time, t, spoken)
    yield Spacer(0, 4 * mm)
    closed = language.text(spoken, "report.frozen", closed=moment(figures.closed))
    yield _words(f"{closed} {report.sha256}", 8, soft=True)


def _tiles(figures: Figures, t: Texts) -> Flowable:
    told = {
        "raised": str(figures.raised),
        "on_time": share(figures.on_time),
        "precision": share(figures.precision),
        "camera_share": share(figures.camera_time.share),
    }
    cells = [
        [_words(value, 15) for value in told.values()],
        [_words(t(f"report.{name}"), 8, soft=True) for name in told],
    ]
    return Table(cells, colWidths=[_WIDTH / 4] * 4, style=TableStyle([("BOX", (0, 0), (-1, -1), 0.5, _LINE)]))


def _classes(figures: Figures, t: Texts) -> tuple[Row, list[Row]]:
    names = ("class", "raised", "dismissed", "closed", "met", "ack_p50", "ack_p90", "rectify_p50", "rectify_p90")
    head = [t(f"report.{name}") for name in names]
    head[4] = f"{head[4]}/{t('report.due')}"
    rows = [
        (
            *(t(f"severity.{one.severity}"), str(one.raised), str(one.dismissed), str(one.closed)),
            f"{one.met}/{one.due}",
            *(lasting(each) for each in (one.ack_p50, one.ack_p90, one.rectify_p50, one.rectify_p90)),
        )
        for one in figures.classes
    ]
    return head, list(rows)


def _verdicts(figures: Figures, t: Texts, spoken: Language) -> Iterator[Flowable]:
    head = [t(f"report.{name}") for name in ("scene", "camera", "true", "false", "precision")]
    rows = [
        (
            scene(one.scene, spoken),
            t("report.all") if one.thing is None else f"{thing(one.thing, spoken)} {one.thing.code}",
            *(str(one.true), str(one.false), share(one.share)),
        )
        for one in (*figures.scenes, *figures.cameras)
    ]
    yield from _section(t("report.by_verdict"), head, rows, t("report.no_verdicts"))


def _fleet(title: str, fleet: Fleet, t: Texts, spoken: Language) -> Iterator[Flowable]:
    head = [t(f"report.{name}") for name in ("what", "site", "away", "share")]
    rows = [
        (
            f"{thing(one.thing, spoken)} {one.thing.code}",
            one.thing.site,
            lasting(one.told_s - one.well_s),
            share(one.share),
        )
        for one in fleet.worst
    ]
    none = t("report.all_well" if fleet.n else "report.none_told")
    yield from _section(f"{title} {fleet.n} · {share(fleet.share)}", head, rows, none)


def _section(title: str, head: Row, rows: Sequence[Row], none: str = "") -> Iterator[Flowable]:
    """A heading and a table; where there are no rows a sentence in its place, or nothing."""
    if not rows and not none:
        return
    yield Spacer(0, 4 * mm)
    yield _words(title, 11)
    if not rows:
        yield _words(none, 9, soft=True)
        return
    cells = [[_words(cell, 8, soft=True) for cell in head], *([_words(cell, 9) for cell in row] for row in rows)]
    first = _WIDTH * max(2 / (len(head) + 1), 0.16)
    widths = [first, *([(_WIDTH - first) / (len(head) - 1)] * (len(head) - 1))]
    style = TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    yield Table(cells, colWidths=widths, repeatRows=1, style=style, hAlign="LEFT")


def _words(text: str, size: float, *, soft: bool = False) -> Paragraph:
    """What is written is never markup; Chinese breaks anywhere."""
    style = ParagraphStyle(
        "", fontName=_FONT, fontSize=size, leading=size * 1.4, textColor=_SOFT if soft else colors.black, wordWrap="CJK"
    )
    return Paragraph(escape(text), style)
