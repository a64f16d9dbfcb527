"""The live view's look-up: which edge shows a camera, for those who may see it."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class LiveCamera:
    """A camera's code and its edge's."""

    code: str
    edge: str


async def camera(connection: Connection, identity: int) -> LiveCamera | None:
    """The camera, or None where there is none or it is another tenant's."""
    async with connection.cursor(row_factory=class_row(LiveCamera)) as cursor:
        await cursor.execute("SELECT code, edge_of_camera(id) AS edge FROM camera WHERE id = %s", (identity,))
        return await cursor.fetchone()
