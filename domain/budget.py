"""How many messages a channel may still have: one bucket for all, one that only class I may draw on."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens: at most `capacity`, `per_s` more each second. In any T seconds at most capacity + per_s · T are drawn."""

    capacity: float
    per_s: float

    def after(self, tokens: float, seconds: float) -> float:
        """What is in it after so long."""
        return float(min(self.capacity, tokens + self.per_s * seconds))

    def wait_s(self, tokens: float) -> float:
        """Seconds until there is a whole token."""
        return max(0.0, (1 - tokens) / self.per_s)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A kind of channel's limits. `open` is for all, `reserved` for class I alone, which draws on it first."""

    open: Bucket
    reserved: Bucket


@dataclass(frozen=True, slots=True)
class Budget:
    """The tokens of one channel as of `at`."""

    open: float
    reserved: float
    at: datetime

    def now(self, allowance: Allowance, now: datetime) -> "Budget":
        """Refilled; a clock that went back adds nothing."""
        seconds = max(0.0, (now - self.at).total_seconds())
        return Budget(
            allowance.open.after(self.open, seconds),
            allowance.reserved.after(self.reserved, seconds),
            max(self.at, now),
        )

    @property
    def ordinary(self) -> int:
        """Ordinary messages that may go now."""
        return int(self.open + _DUST)

    @property
    def grave(self) -> int:
        """Class I messages that may go now."""
        return int(self.open + _DUST) + int(self.reserved + _DUST)

    def spend(self, *, grave: bool) -> "Budget":
        """One message less. There must be a token for it."""
        if grave and self.reserved >= 1 - _DUST:
            return Budget(self.open, max(0.0, self.reserved - 1), self.at)
        return Budget(max(0.0, self.open - 1), self.reserved, self.at)

    def ordinary_at(self, allowance: Allowance) -> datetime:
        """When the next ordinary message may go."""
        return self.at + timedelta(seconds=allowance.open.wait_s(self.open))


_DUST = 1e-9  # a token that took its whole time to come is a token


def full(allowance: Allowance, at: datetime) -> Budget:
    """A budget that nothing was drawn from."""
    return Budget(float(allowance.open.capacity), float(allowance.reserved.capacity), at)
