"""A report as a page: what its templates need, and the page as a file of its own, for people and printers."""

from collections.abc import Mapping
from functools import partial

from api import render
from api.language import Language
from api.report_words import lasting, moment, scene, thing
from domain.report import Thing
from store.reports import Report


def context(report: Report, spoken: Language) -> dict[str, object]:
    """What the body of a report needs beside its figures."""
    figures, closed = report.figures, moment(report.figures.closed)
    return {
        "report": report,
        "figures": figures,
        "closed": closed,
        "called": partial(_called, spoken),
        "lasting": lasting,
    }


def standalone(report: Report, spoken: Language) -> str:
    """The report as one HTML file with nothing outside it."""
    told: Mapping[str, object] = {**context(report, spoken), "html_lang": "en" if spoken is Language.EN else "zh-CN"}
    return render.single("report_file.html", told, spoken)


def _called(spoken: Language, what: Thing | str) -> str:
    """A thing's or a scene's name."""
    return scene(what, spoken) if isinstance(what, str) else thing(what, spoken)
