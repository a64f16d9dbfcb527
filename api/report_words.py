"""How a report's page and files write its names and figures."""

from datetime import datetime

from api.language import Language
from domain.period import ZONE
from domain.report import Thing
from domain.scene import KINDS, Scene


def thing(one: Thing, spoken: Language) -> str:
    """A thing's name, its code where it has none."""
    return (one.en if spoken is Language.EN else one.zh) or one.code


def scene(code: str, spoken: Language) -> str:
    """A scene's name."""
    kind = KINDS[Scene(code)]
    return kind.en if spoken is Language.EN else kind.zh


def lasting(seconds: int | None) -> str:
    """Hours and minutes, or seconds below one: 1:05, 0:07, 42 s."""
    if seconds is None:
        return "–"
    minutes = seconds // 60
    return f"{minutes // 60}:{minutes % 60:02}" if seconds >= 60 else f"{seconds} s"


def moment(at: datetime) -> str:
    """A moment in the city's time, whose offset is said: 2026-11-26 01:00 UTC+8."""
    local = at.astimezone(ZONE)
    return f"{local:%Y-%m-%d %H:%M} UTC{int(local.strftime('%z')) // 100:+}"


def share(value: float | None) -> str:
    """As per cent with one digit."""
    return "–" if value is None else f"{100 * value:.1f}%"
