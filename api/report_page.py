"""A report as a page: what its templates need, and the page as a file of its own, for people and printers."""

from collections.abc import Mapping
from functools import partial

from api import render
from api.language import Language
from domain.report import Thing
from domain.scene import KINDS, Scene
from store.reports import Report


def context(report: Report, spoken: Language) -> dict[str, object]:
    """What the body of a report needs beside its figures."""
    return {"report": report, "figures": report.figures, "called": partial(_called, spoken), "lasting": lasting}


def standalone(report: Report, spoken: Language) -> str:
    """The report as one HTML file with nothing outside it."""
    told: Mapping[str, object] = {**context(report, spoken), "html_lang": "en" if spoken is Language.EN else "zh-CN"}
    return render.single("report_file.html", told, spoken)


def _called(spoken: Language, thing: Thing | str) -> str:
    """A thing's or a scene's name."""
    if isinstance(thing, str):
        kind = KINDS[Scene(thing)]
        return kind.en if spoken is Language.EN else kind.zh
    return (thing.en if spoken is Language.EN else thing.zh) or thing.code


def lasting(seconds: int | None) -> str:
    """Hours and minutes, or seconds below one: 1:05, 0:07, 42 s."""
    if seconds is None:
        return "–"
    minutes = seconds // 60
    return f"{minutes // 60}:{minutes % 60:02}" if seconds >= 60 else f"{seconds} s"
