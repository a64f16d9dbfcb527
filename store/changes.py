"""What other services announce about alerts, heard on one connection."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from store.connection import ServiceRole, connect

_QUIET_S = 20.0  # without any notice for so long the connection is tried, so that a dead one is found


@dataclass(frozen=True, slots=True)
class Change:
    """An alert that was raised or changed; `authority` (an ltree path) and `operator` are its site's, where told."""

    alert: int
    authority: str | None = None
    operator: int | None = None

    def concerns(self, authority: str | None, operator: int | None) -> bool:
        """Whether somebody of that authority or operator may see it, as row security will decide in the end."""
        if self.authority is None or self.operator is None:
            return True
        if operator is not None:
            return operator == self.operator
        return authority is not None and f"{self.authority}.".startswith(f"{authority}.")


def _change(payload: str) -> Change | None:
    match payload.split(" "):
        case [alert] if alert.isdecimal():
            return Change(int(alert))
        case [alert, authority, operator] if alert.isdecimal() and operator.isdecimal():
            return Change(int(alert), authority, int(operator))
        case _:
            return None


async def listen(dsn: str) -> AsyncIterator[Change | None]:
    """Yield None once listening and after each quiet spell, then every alert that was raised or changed.

    Raises DatabaseUnreachableError or psycopg.OperationalError when the connection is lost; notices sent meanwhile
    are lost too, so a new listener must read the tables again.
    """
    connection = await connect(dsn, ServiceRole.API, autocommit=True)
    try:
        await connection.execute("LISTEN mingchu_alert")
        while True:
            yield None
            async for notice in connection.notifies(timeout=_QUIET_S):
                if (change := _change(notice.payload)) is not None:
                    yield change
            await connection.execute("SELECT 1")
    finally:
        await connection.close()
