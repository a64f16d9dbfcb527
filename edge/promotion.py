"""Promotions: which patrolled cameras are watched for a while, since a look found something. Pure; bounded."""

from dataclasses import dataclass


@dataclass(slots=True)
class _Stay:
    """One promoted camera. `doubt`: when it last wanted samples; `stir`: … or had a violation that was not over."""

    doubt: float
    stir: float


class Promotions:
    """Times in seconds of one clock."""

    def __init__(self, most: int, calm_s: float) -> None:
        """At most `most` at once; each stays until nothing has been there for `calm_s`."""
        self.most, self.calm_s = most, calm_s
        self.refused = 0
        self._stays: dict[str, _Stay] = {}

    def __len__(self) -> int:
        return len(self._stays)

    def __contains__(self, code: object) -> bool:
        return code in self._stays

    def admit(self, code: str, now: float) -> bool:
        """Whether there is room for it to be watched. Who is refused comes again soon."""
        if len(self._stays) >= self.most:
            self.refused += 1
            return False
        self._stays[code] = _Stay(now, now)
        return True

    def end(self, code: str) -> None:
        """It is gone, or on patrol again; harmless when it was."""
        self._stays.pop(code, None)

    def seen(self, code: str, now: float, *, doubtful: bool, unsettled: bool) -> None:
        """What the latest look at a promoted camera said."""
        stay = self._stays[code]
        stay.doubt = now if doubtful else stay.doubt
        stay.stir = now if doubtful or unsettled else stay.stir

    def over(self, now: float) -> list[str]:
        """Those that go back on patrol."""
        return [code for code, stay in self._stays.items() if now - stay.stir >= self.calm_s]

    def yielding(self, now: float) -> str | None:
        """The one to make room when another needs it: its violation is told, and its evidence taken."""
        told = [(stay.doubt, code) for code, stay in self._stays.items() if now - stay.doubt >= self.calm_s]
        return min(told)[1] if told else None
