"""The house's keys for pushes: Web Push's pair, and the one that signs one-time links. Made once, the same for all."""

from dataclasses import dataclass, field

from psycopg.rows import class_row

from store.connection import Connection


@dataclass(frozen=True, slots=True)
class PushKeys:
    """`vapid_private` is PEM, `vapid_public` a point in base64url."""

    vapid_private: str = field(repr=False)
    vapid_public: str
    link: bytes = field(repr=False)


async def keep(connection: Connection, fresh: tuple[str, str]) -> PushKeys:
    """The keys that are kept; a `fresh` pair, private and public, where there is none yet."""
    await connection.execute(
        "INSERT INTO push_key (vapid_private, vapid_public) VALUES (%s, %s) ON CONFLICT DO NOTHING", fresh
    )
    async with connection.cursor(row_factory=class_row(PushKeys)) as cursor:
        await cursor.execute(
            "SELECT vapid_private, vapid_public, convert_to(key, 'UTF8') AS link FROM push_key, link_key"
        )
        row = await cursor.fetchone()
    assert row is not None
    return row


async def public(connection: Connection) -> tuple[str | None, bytes]:
    """What the api may know: Web Push's public key, None before the first pusher has run, and the links' key."""
    cursor = await connection.execute(
        "SELECT vapid_public, convert_to(key, 'UTF8') FROM link_key LEFT JOIN push_key ON true"
    )
    row = await cursor.fetchone()
    assert row is not None
    assert isinstance(row[1], bytes)
    return None if row[0] is None else str(row[0]), row[1]
