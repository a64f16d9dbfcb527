"""Pages out of templates: escaped always, in the reader's language, in the console's time zone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from typing import Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api import change_gate, display, language, navigation
from api.desk import Desk
from api.language import Language
from api.unblurred import stateable
from domain import basis, figure
from domain.profile import ValueName
from domain.severity import Severity
from store.people import Person


class _Named(Protocol):
    zh: str
    en: str


_environment = Environment(
    loader=PackageLoader("api"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def prepare() -> None:
    """Read the templates of what a day begins with: the login and the queue."""
    for name in ("login", "base", "icons", "parts", "queue", "queue_part", "queue_keys"):
        _environment.get_template(f"{name}.html")


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with its content."""
    content = files("api").joinpath("static").joinpath(name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def _name(spoken: Language, thing: _Named) -> str:
    return thing.en if spoken is Language.EN else thing.zh


def _word(spoken: Language, section: str, key: object) -> str:
    """A word for a code; a code without one reads as it is."""
    return language.table(spoken).get(f"{section}.{key}", str(key))


def _spelled(spoken: Language, values: Sequence[ValueName]) -> str:
    """A state's values and their words as JSON, for a script."""
    words = [(one.value, one.en if spoken is Language.EN else one.zh) for one in values]
    return json.dumps(words, ensure_ascii=False)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def page(
    request: Request,
    desk: Desk,
    person: Person | None,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    speaking: Language | None = None,
) -> HTMLResponse:
    """A template as a page for that person, in that language or in the person's."""
    spoken = speaking or language.of_page(request, person.lang if person else None)
    now = datetime.now(UTC)
    zone = ZoneInfo(desk.config.timezone)
    html = _environment.get_template(template).render(
        **context,
        lang=spoken.value,
        html_lang="zh-CN" if spoken is Language.ZH else "en",
        other_lang=(Language.EN if spoken is Language.ZH else Language.ZH).value,
        t=partial(language.text, spoken),
        word=partial(_word, spoken),
        name=partial(_name, spoken),
        clock=lambda moment: display.clock(moment, zone, now),
        iso=_iso,
        now=now,
        number=figure.number,
        spelled=partial(_spelled, spoken),
        spoken=lambda known: {one.name: one.en if spoken is Language.EN else one.zh for one in known},
        unit=partial(figure.sign, spoken.value),
        timezone=desk.config.timezone,
        basis=lambda source: basis.wording(source, spoken.value),
        size=display.size,
        asset=asset,
        severities=tuple(Severity),
        person=person,
        lets=partial(change_gate.lets, person),
        menu=navigation.menu(person, request.url.path) if person else None,
        purposes=stateable(person) if person else (),
        here=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
        path=request.url.path,
    )
    return HTMLResponse(html, status, {"cache-control": "no-store"})


def drawing(template: str, spoken: Language, context: Mapping[str, object]) -> str:
    """An SVG template as text, in one language."""
    return _environment.get_template(template).render(**context, t=partial(language.text, spoken), lang=spoken.value)


def document(template: str, context: Mapping[str, object]) -> str:
    """A template as a file of its own, both languages side by side: `t` gives a text in Chinese, `en` in English."""
    return _environment.get_template(template).render(
        **context,
        t=partial(language.text, Language.ZH),
        en=partial(language.text, Language.EN),
        word=partial(_word, Language.ZH),
        word_en=partial(_word, Language.EN),
        size=display.size,
    )


def single(template: str, context: Mapping[str, object], spoken: Language) -> str:
    """A template as a file of its own, in one language."""
    return _environment.get_template(template).render(
        **context, t=partial(language.text, spoken), word=partial(_word, spoken), number=figure.number
    )


def local_path(wanted: str | None) -> str:
    """A path of this console to go back to, never another site."""
    if wanted and wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable():
        return wanted
    return "/"
