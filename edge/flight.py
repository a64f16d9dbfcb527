"""A flight: which batches of one lane of the spool are under way to the platform, and when they count as lost."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

FIRST_S = 2.5  # for the first answer of a connection
PATIENCE_S = 10.0  # without any answer for so long, what is under way counts as lost
MOST_PATIENCE_S = 80.0


@dataclass(slots=True)
class _Batch:
    awaited: set[int]
    until: float  # monotonic
    answered: bool = False  # something of it was acknowledged


class Flight:
    """At most `window` batches without an answer; as in TCP but one until the first answer, and again after a loss.

    A broker that was restarted may drop what comes before ingest is back: then the first batch goes again, and none has
    overtaken it. A platform that cannot commit gets one batch again now and then, not all of them every ten seconds.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._batches: list[_Batch] = []
        self._flowing = False
        self._patience = FIRST_S
        self.after: dict[int, int] = {}  # priority → the greatest number that was sent: where to read on

    def has_room(self, now: float) -> bool:
        """Whether another batch may be sent at `now` (monotonic seconds)."""
        late = [batch for batch in self._batches if batch.until <= now]
        if any(not batch.answered for batch in late):
            self._flowing = False
            self._patience = min(2 * self._patience, MOST_PATIENCE_S)
        if late:
            self._forget()
        unanswered = sum(not batch.answered for batch in self._batches)
        return unanswered < (self._window if self._flowing else 1)

    def sent(self, seqs: Collection[int], upto: Mapping[int, int], now: float) -> None:
        """A batch goes out."""
        self._batches.append(_Batch(set(seqs), now + self._patience))
        self.after.update(upto)

    def acknowledged(self, seqs: Collection[int], now: float) -> None:
        """The platform has committed these: the line moves, so the others are waited for anew."""
        done = set(seqs)
        for batch in self._batches:
            if not batch.awaited.isdisjoint(done):
                batch.awaited -= done
                batch.answered = self._flowing = True
                self._patience = PATIENCE_S
        self._batches = [batch for batch in self._batches if batch.awaited]
        for batch in self._batches:
            if not batch.answered:  # what was left out of an answer is asked for again in its own time
                batch.until = now + self._patience

    def restart(self) -> None:
        """A new connection: nothing is known of what was under way."""
        self._forget()
        self._flowing, self._patience = False, FIRST_S

    def _forget(self) -> None:
        """All that is still in the spool goes again. A repeat does no harm."""
        self._batches.clear()
        self.after.clear()
