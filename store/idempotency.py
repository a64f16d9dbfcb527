"""Answers that a person's keyed requests got, kept for a day."""

from dataclasses import dataclass

from psycopg.rows import class_row

from store.connection import Connection
from store.people import Person


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier request under the same key. `answer` is None while it is not known."""

    request_sha256: bytes
    answer: bytes | None


async def claim(connection: Connection, person: Person, key_sha256: bytes, request_sha256: bytes) -> Earlier | None:
    """Take the key for this request; returns None when it is ours, else the request that has it."""
    await connection.execute("SELECT forget_answers()")
    cursor = await connection.execute(
        "INSERT INTO idempotency (person_id, key_sha256, request_sha256) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (person.id, key_sha256, request_sha256),
    )
    if cursor.rowcount:
        return None
    async with connection.cursor(row_factory=class_row(Earlier)) as found:
        await found.execute(
            "SELECT request_sha256, answer FROM idempotency WHERE person_id = %s AND key_sha256 = %s",
            (person.id, key_sha256),
        )
        return await found.fetchone() or Earlier(request_sha256, None)  # released just now: not known, try again


async def keep(connection: Connection, person: Person, key_sha256: bytes, answer: bytes) -> None:
    """What every repeat is answered."""
    await connection.execute(
        "UPDATE idempotency SET answer = %s WHERE person_id = %s AND key_sha256 = %s", (answer, person.id, key_sha256)
    )


async def release(connection: Connection, person: Person, key_sha256: bytes) -> None:
    """The request changed nothing: its key is free again."""
    await connection.execute(
        "DELETE FROM idempotency WHERE person_id = %s AND key_sha256 = %s AND answer IS NULL", (person.id, key_sha256)
    )
