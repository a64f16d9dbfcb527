"""What an operator may begin a report with: sentences by scene, by kind of device, and for everything else."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from api.language import Language


class _Suggestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    of: frozenset[str]  # scenes and kinds of devices; none: everything
    zh: tuple[str, ...]
    en: tuple[str, ...]


@cache
def _all() -> tuple[_Suggestion, ...]:
    text = files("api").joinpath("suggestions.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["suggestion"], tuple[_Suggestion, ...])


def sentences(of: str | None, spoken: Language) -> list[str]:
    """Those for a scene or a kind of device, then those for everything."""
    fitting = [one for one in _all() if of in one.of] + [one for one in _all() if not one.of]
    return [sentence for one in fitting for sentence in (one.en if spoken is Language.EN else one.zh)]
