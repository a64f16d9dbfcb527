"""Dead letters: messages that could not be landed, whole, each with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.columns import Int4s, ints, keys
from store.connection import Connection


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One refused message. The same `key` (16 bytes) again only raises the row's count."""

    key: bytes
    topic: str
    payload: bytes
    reason: str


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
            "INSERT INTO dead_letter AS old (key, topic, payload, reason, seen)"
            " SELECT * FROM unnest(%s, %s::text[], %s::bytea[], %s::text[], %s)"
            " ON CONFLICT (key) DO UPDATE SET seen = old.seen + excluded.seen, last = now()",
            (
                keys([row.key for row in rows]),
                [_text(row.topic) for row in rows],
                [row.payload for row in rows],
                [_text(row.reason) for row in rows],
                Int4s(ints([seen[row.key] for row in rows])),
            ),
        )


def _text(text: str) -> str:
    """PostgreSQL keeps no NUL and no lone surrogate in a text."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()
