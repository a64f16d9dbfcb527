"""What the kit has to say about one property of a device."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What became of one check."""

    PASS = "pass"  # noqa: S105 - a verdict, not a secret
    WARN = "warn"  # works, but tells less than it could
    FAIL = "fail"
    UNSEEN = "unseen"  # nothing happened that would have shown it


class Finding(msgspec.Struct, frozen=True):
    """One line of a report. `samples` are a few of what was seen, `count` is how often it was."""

    check: str
    verdict: Verdict
    zh: str
    en: str
    detail: str
    count: int = 0
    samples: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """A finding before it has its title."""

    verdict: Verdict
    detail: str
    samples: tuple[str, ...] = ()
    count: int = 0


_MOST_SAMPLES, _LONGEST = 5, 200


def good(detail: str) -> Seen:
    return Seen(Verdict.PASS, detail)


def unseen(detail: str) -> Seen:
    return Seen(Verdict.UNSEEN, detail)


def warn(detail: str, samples: list[str]) -> Seen:
    return Seen(Verdict.WARN, detail, _few(samples), len(samples))


def bad(detail: str, samples: list[str]) -> Seen:
    return Seen(Verdict.FAIL, detail, _few(samples), len(samples))


def _few(samples: list[str]) -> tuple[str, ...]:
    return tuple(sample[:_LONGEST] for sample in dict.fromkeys(samples))[:_MOST_SAMPLES]
