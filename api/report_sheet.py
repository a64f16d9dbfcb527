"""A report as an XLSX workbook: the same bytes whenever it is made of the same report; no cell is a formula."""

import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from xlsxwriter import Workbook

from api import language
from api.language import Language
from api.report_words import scene, thing
from domain.report import Figures, Fleet, Thing, inert
from store.reports import Report

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | float | None
Row = Sequence[Cell]
Texts = Callable[[str], str]


def workbook(report: Report, spoken: Language) -> bytes:
    """Five sheets: totals, precision, rules and sites, cameras, devices."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": report.made.replace(tzinfo=None), "comments": f"sha256 {report.sha256}"})
    t = partial(language.text, spoken)
    for name, rows in _sheets(report.figures, t, spoken):
        _fill(book, name, rows)
    book.close()
    return out.getvalue()


def _fill(book: Workbook, name: str, rows: Iterator[Row]) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True})
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, column, inert(cell), head if line == 0 else None)
            elif cell is not None:
                sheet.write_number(line, column, cell)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 14, 14)
    sheet.freeze_panes(1, 0)


def _sheets(figures: Figures, t: Texts, spoken: Language) -> Iterator[tuple[str, Iterator[Row]]]:
    yield t("report.sheet_totals"), _totals(figures, t, spoken)
    yield t("report.sheet_precision"), _precision(figures, t, spoken)
    yield t("report.sheet_counts"), _counts(figures, t, spoken)
    yield t("report.sheet_cameras"), _fleet(figures.camera_time, t, spoken)
    yield t("report.sheet_devices"), _fleet(figures.device_time, t, spoken)


def _totals(figures: Figures, t: Texts, spoken: Language) -> Iterator[Row]:
    names = ("raised", "dismissed", "closed", "due", "met", "acknowledged", "ack_p50", "ack_p90", "rectified",
             "rectify_p50", "rectify_p90")  # fmt: skip
    yield (t("report.class"), *(t(f"report.{name}") for name in names))
    for one in figures.classes:
        yield (t(f"severity.{one.severity}"), *(getattr(one, name) for name in names))
    yield ()
    shares = {
        "on_time": figures.on_time,
        "precision": figures.precision,
        "camera_share": figures.camera_time.share,
        "device_share": figures.device_time.share,
    }
    for name, share in shares.items():
        yield (t(f"report.{name}"), None if share is None else round(share, 6))
    yield (t("report.period"), f"{figures.first} – {figures.last}")
    yield (t("report.scope"), thing(figures.scope, spoken), figures.scope.code)


def _precision(figures: Figures, t: Texts, spoken: Language) -> Iterator[Row]:
    yield tuple(t(f"report.{name}") for name in ("scene", "camera", "code", "true", "false", "precision"))
    for one in (*figures.scenes, *figures.cameras):
        yield (scene(one.scene, spoken), *_thing(one.thing, spoken), one.true, one.false, round(one.share, 6))


def _counts(figures: Figures, t: Texts, spoken: Language) -> Iterator[Row]:
    yield tuple(t(f"report.{name}") for name in ("what", "code", "raised"))
    for one in (*figures.rules, *figures.sites):
        yield (*_thing(one.thing, spoken), one.n)


def _fleet(fleet: Fleet, t: Texts, spoken: Language) -> Iterator[Row]:
    yield tuple(t(f"report.{name}") for name in ("what", "code", "site", "told_s", "well_s", "share"))
    yield (
        t("report.all"),
        str(fleet.n),
        None,
        fleet.told_s,
        fleet.well_s,
        None if fleet.share is None else round(fleet.share, 6),
    )
    for one in fleet.worst:
        yield (*_thing(one.thing, spoken), one.thing.site, one.told_s, one.well_s, round(one.share, 6))


def _thing(one: Thing | None, spoken: Language) -> tuple[str, str]:
    return ("", "") if one is None else (thing(one, spoken), one.code)
