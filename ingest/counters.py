"""What the worker did, logged as one line at most every ten seconds."""

import asyncio
from dataclasses import asdict, dataclass

import structlog

log = structlog.get_logger()

_EVERY_S = 10.0
_MOST_REFUSALS = 50  # logged each between two such lines; beyond, they are only counted


@dataclass(slots=True)
class Counters:
    """Totals since the start. `committed` and `duplicates` count ledger rows: an edge's batch brings several."""

    received: int = 0
    committed: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    unauthorised: int = 0
    signals: int = 0
    batches: int = 0
    retries: int = 0
    waiting: int = 0
    lag_ms: int = 0  # from the receipt of the last batch's first message to its commit
    linked: int = 0  # 1 while the broker has let us in
    refusals: int = 0

    def refuse(self, topic: str, reason: str) -> None:
        """One security line for each message that its sender may not send, within reason."""
        self.unauthorised += 1
        self.refusals += 1
        if self.refusals <= _MOST_REFUSALS:
            log.warning("message refused", topic=topic, reason=reason)

    def totals(self) -> dict[str, int]:
        """All of them now."""
        return {name: n for name, n in asdict(self).items() if name != "refusals"}

    async def report(self) -> None:
        """Log for ever, when anything has changed."""
        before = Counters()
        while True:
            await asyncio.sleep(_EVERY_S)
            self.refusals = 0
            if self != before:
                log.info("ingest", **self.totals())
                before = Counters(**asdict(self))
