"""Dead letters: messages that could not be landed, whole, each with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.columns import Int4s, ints, keys
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One refused message. The same `key` (16 bytes) again only raises the row's count.

    `partial`: the message was stored but for what the reason names.
    """

    key: bytes
    topic: str
    payload: bytes
    reason: str
    partial: bool = False


async def insert(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Keep them; repeats count up. In order of their keys, so that two workers cannot lock each other out."""
    first: dict[bytes, DeadLetter] = {}
    seen: dict[bytes, int] = {}
    for letter in letters:
        first.setdefault(letter.key, letter)
        seen[letter.key] = seen.get(letter.key, 0) + 1
    rows = [first[key] for key in sorted(first)]
    if rows:
        await connection.execute(
            "INSERT INTO dead_letter AS old (key, topic, payload, reason, partial, seen)"
            # Binary, so that payloads are not escaped.
            " SELECT * FROM unnest(%s, %b::text[], %b::bytea[], %b::text[], %b::boolean[], %s)"
            " ON CONFLICT (key) DO UPDATE SET seen = old.seen + excluded.seen, last = now()",
            (
                keys([row.key for row in rows]),
                [_text(row.topic) for row in rows],
                [row.payload for row in rows],
                [_text(row.reason) for row in rows],
                [row.partial for row in rows],
                Int4s(ints([seen[row.key] for row in rows])),
            ),
        )


@dataclass(frozen=True, slots=True)
class Letter:
    """A kept message. `replay`: since when somebody wants it read again."""

    id: int
    key: bytes
    topic: str
    payload: bytes
    reason: str
    partial: bool
    seen: int
    received: datetime
    last: datetime
    replay: datetime | None
    kept: int  # of a partial one: how many messages are kept whole


_LETTERS: LiteralString = (
    "SELECT id, uuid_send(key) AS key, topic, payload, reason, partial, seen, received, last, replay,"
    " kept FROM dead_letter"
)


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters: `topic` is what theirs begin with, `reason` a part of theirs; empty means any."""

    topic: str = ""
    reason: str = ""


async def page(connection: Connection, wanted: LetterFilter, before: int | None, limit: int) -> list[Letter]:
    """Letters from the newest on, those with a lower id than `before`."""
    async with connection.cursor(row_factory=class_row(Letter)) as cursor:
        await cursor.execute(
            _LETTERS + " WHERE starts_with(topic, %s) AND strpos(lower(reason), lower(%s)) > 0 AND id < %s"
            " ORDER BY id DESC LIMIT %s",
            (wanted.topic, wanted.reason, before or 2**63 - 1, limit),
        )
        return await cursor.fetchall()


async def one(connection: Connection, letter: int) -> Letter | None:
    """One letter, or None."""
    async with connection.cursor(row_factory=class_row(Letter)) as cursor:
        await cursor.execute(_LETTERS + " WHERE id = %s", (letter,))
        return await cursor.fetchone()


async def ask(connection: Connection, wanted: LetterFilter, letter: int | None = None) -> int:
    """Have letters read again, by their filter or the one; returns how many. Partial ones only if messages are kept."""
    cursor = await connection.execute(
        "UPDATE dead_letter SET replay = now() WHERE (NOT partial OR kept > 0) AND replay IS NULL"
        " AND starts_with(topic, %s) AND strpos(lower(reason), lower(%s)) > 0 AND id = coalesce(%s, id)",
        (wanted.topic, wanted.reason, letter),
    )
    await connection.execute("SELECT pg_notify('mingchu_letters', '')")
    return cursor.rowcount


async def asked(connection: Connection, limit: int) -> list[Letter]:
    """Letters that somebody wants read again, the oldest first."""
    async with connection.cursor(row_factory=class_row(Letter)) as cursor:
        await cursor.execute(_LETTERS + " WHERE replay IS NOT NULL ORDER BY id LIMIT %s", (limit,))
        return await cursor.fetchall()


async def refuse_again(connection: Connection, letter: int, reason: str) -> None:
    """It was read again in vain."""
    await connection.execute("UPDATE dead_letter SET replay = NULL, reason = %s WHERE id = %s", (_text(reason), letter))


async def remove(connection: Connection, letter: int) -> None:
    """It was read at last."""
    await connection.execute("DELETE FROM dead_letter WHERE id = %s", (letter,))


def _text(text: str) -> str:
    """PostgreSQL keeps no NUL and no lone surrogate in a text."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()
