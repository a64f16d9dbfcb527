"""One look at the whole house: the children as the supervisor sees them, the work as the database counts it."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from mingchu.demo import Login
from mingchu.supervisor import Sight
from store import status
from store.connection import Connection, DatabaseUnreachableError, connect

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Work:
    """What the tables say; `rate` is messages per second since the look before."""

    counts: status.Counts
    rate: float
    alerts: Sequence[status.AlertLine]
    pushes: Sequence[status.PushLine]


@dataclass(frozen=True, slots=True)
class View:
    """What a screen shows. `work` is None while the database does not answer."""

    sights: Sequence[Sight]
    work: Work | None


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a user needs first."""

    console: str
    pushes: str | None
    broker: str
    logins: Sequence[Login]
    data: str
    took_s: float
    outside: str | None = None  # where devices of other machines connect, over TLS


class Watcher:
    """Looks at the tables over one connection; a lost one is opened again at the next look."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: Connection | None = None
        self._before: tuple[float, int] | None = None

    async def look(self, now_s: float) -> Work | None:
        """The work now, or None while the database does not answer. `now_s`: any steady clock."""
        try:
            connection = self._connection or await connect(self._dsn, autocommit=True)
            self._connection = connection
            counts = await status.counts(connection)
            alerts = await status.last_alerts(connection, _SHOWN)
            pushes = await status.last_pushes(connection, _SHOWN)
        except (DatabaseUnreachableError, psycopg.OperationalError):
            await self.close()
            return None
        return Work(counts, self._rate(now_s, counts.messages), alerts, pushes)

    def _rate(self, now_s: float, messages: int) -> float:
        before, self._before = self._before, (now_s, messages)
        if before is None or now_s <= before[0]:
            return 0.0
        return max(0.0, (messages - before[1]) / (now_s - before[0]))

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
