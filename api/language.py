"""Chinese and English texts of console and errors; Chinese first."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

from starlette.requests import HTTPConnection

COOKIE = "mingchu_lang"


class Language(StrEnum):
    """What a page or an error speaks."""

    ZH = "zh"
    EN = "en"


@cache
def table(language: Language) -> dict[str, str]:
    """All texts of a language by dotted key."""
    text = files("api").joinpath(f"text/{language}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{key}": str(value) for section, keys in tomllib.loads(text).items() for key, value in keys.items()
    }


def text(language: Language, key: str, /, **values: object) -> str:
    """The text of `key`, its {names} filled in; a missing key is a bug and raises KeyError."""
    found = table(language)[key]
    return found.format(**values) if values else found


def parse(wanted: str | None) -> Language | None:
    """The language that a tag names (`en-GB` → en), or None."""
    tag = (wanted or "").strip().lower().split("-")[0]
    return next((known for known in Language if known == tag), None)


def of_page(request: HTTPConnection, preferred: str | None = None) -> Language:
    """A console page speaks the switch's language, else the person's, else Chinese."""
    return parse(request.cookies.get(COOKIE)) or parse(preferred) or Language.ZH


def of_visitor(request: HTTPConnection) -> Language:
    """A public page sets no cookie: its address names the language, else the browser does."""
    return parse(request.query_params.get("lang")) or of_request(request)


def of_request(request: HTTPConnection) -> Language:
    """An API answer speaks the switch's language, else the first of Accept-Language that we have, else Chinese."""
    chosen = parse(request.cookies.get(COOKIE))
    if chosen is not None:
        return chosen
    offers = (offer.split(";")[0] for offer in request.headers.get("accept-language", "").split(","))
    return next((known for offer in offers if (known := parse(offer)) is not None), Language.ZH)
