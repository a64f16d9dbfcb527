"""A person's saved views of the queue. Row-level security shows each person his own."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection

MOST = 12  # of one person: they stand side by side


@dataclass(frozen=True, slots=True)
class SavedView:
    """A choice of alerts under a name; `query` is the queue's address after the question mark."""

    id: int
    name: str
    query: str


async def own(connection: Connection) -> list[SavedView]:
    """The person's views, oldest first."""
    async with connection.cursor(row_factory=class_row(SavedView)) as cursor:
        await cursor.execute("SELECT id, name, query FROM saved_view ORDER BY id LIMIT %s", (MOST,))
        return await cursor.fetchall()


async def keep(connection: Connection, name: str, query: str) -> bool:
    """Keep a view, in the place of one of the same name; False where the person has as many as there may be."""
    cursor = await connection.execute(
        "INSERT INTO saved_view (name, query) SELECT %(name)s, %(query)s"
        " WHERE (SELECT count(*) FROM saved_view WHERE name <> %(name)s) < %(most)s"
        " ON CONFLICT (person_id, name) DO UPDATE SET query = excluded.query",
        {"name": name, "query": query, "most": MOST},
    )
    return cursor.rowcount > 0


async def drop(connection: Connection, view: int) -> bool:
    """Forget one of the person's views; False where there is none."""
    cursor = await connection.execute("DELETE FROM saved_view WHERE id = %s", (view,))
    return cursor.rowcount > 0
