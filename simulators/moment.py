"""When something of a scenario happens: so many seconds after the start, or daily at a time of day."""

from datetime import datetime, time, timedelta

DAY_S = 86_400.0


def offset(at: float | str, now: datetime, delay_s: float = 0.0) -> float:
    """Seconds from `now` (aware) to a moment; a number counts from the start, which is `delay_s` away."""
    if not isinstance(at, str):
        return at + delay_s
    here = now.astimezone()
    then = here.replace(tzinfo=None)
    wanted = datetime.combine(then.date(), time.fromisoformat(at))
    if wanted < then:
        wanted += timedelta(days=1)
    return (wanted - then).total_seconds()


def every(at: float | str) -> float | None:
    """After how many seconds a moment comes again by itself; None: only with its scenario."""
    return DAY_S if isinstance(at, str) else None
