"""How long to wait before the next attempt: the one place that holds the policy of restarts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling waits, in seconds; who stayed up for `healthy_s` begins again at the first."""

    first_s: float = 0.5
    most_s: float = 30.0
    healthy_s: float = 60.0
    failures: int = 0

    def after(self, lived_s: float) -> "Backoff":
        """The next state, after a life of `lived_s` has ended."""
        failures = 1 if lived_s >= self.healthy_s else self.failures + 1
        return Backoff(self.first_s, self.most_s, self.healthy_s, failures)

    @property
    def wait_s(self) -> float:
        """The wait that the failures so far call for; 0 before the first."""
        if self.failures == 0:
            return 0.0
        return min(self.most_s, self.first_s * 2.0 ** min(self.failures - 1, 30))
