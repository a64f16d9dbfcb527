"""Codes: the short names of sites, devices, cameras, edges and metrics, fit for a topic, a path and a URL."""

import re
from typing import Annotated

import msgspec

PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
Code = Annotated[str, msgspec.Meta(pattern=PATTERN)]
METRIC_NAME = r"^[a-z][a-z0-9_]{0,62}$"
MetricName = Annotated[str, msgspec.Meta(pattern=METRIC_NAME)]

_CODE = re.compile(PATTERN)


class BadCodeError(ValueError):
    """A code has lower-case letters, digits and hyphens, begins with a letter or digit, at most 63 in all."""


def check(text: str) -> str:
    """Return `text` when it is a code; raise BadCodeError otherwise."""
    if not _CODE.match(text):
        raise BadCodeError(f"{text!r} is not a code: {BadCodeError.__doc__}")
    return text
