"""The chain at its source: each camera's statements are linked as they are spooled, in the same transaction."""

import msgspec

from domain import chain
from domain.wire import EdgeBody, Link, Statement
from edge.journal import Journal


class Chain:
    """The newest link of each camera, kept in the journal under the spool's name."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal, self._name = journal, name

    def sealed(self, body: EdgeBody) -> bytes:
        """The body's bytes; a statement is linked to its camera's newest one and becomes it. Within a transaction."""
        if not isinstance(body, Statement):
            return msgspec.json.encode(body)
        place, head = self._head(body.camera)
        link = Link(self._name, place + 1, head)
        sealed = msgspec.json.encode(msgspec.structs.replace(body, link=link))
        with self._journal.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO chain (camera, place, hash) VALUES (?, ?, ?)",
                (body.camera, link.index, chain.digest(sealed)),
            )
        return sealed

    def _head(self, camera: str) -> tuple[int, str]:
        rows = self._journal.rows("SELECT place, hash FROM chain WHERE camera = ?", camera)
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, chain.GENESIS)
