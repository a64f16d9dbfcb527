"""The model versions that are published."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row

from domain.model import Card, Model
from store.connection import Connection


class ReleaseTakenError(Exception):
    """Another pack was published under that name and version."""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One version. `weights`: the digest by which evidence names it; `card`: JSON (domain.model.Card)."""

    release: str
    sha256: str
    weights: str
    size: int
    card: str
    published: datetime
    cameras: int


async def publish(connection: Connection, model: Model, weights: str, size: int, card: Card) -> bool:
    """Add a version; False when the same is there already. Raises ReleaseTakenError. Needs the owner's rights."""
    async with connection.transaction():
        cursor = await connection.execute(
            "INSERT INTO model (release, sha256, weights, size, card) VALUES (%s, %s, %s, %s, %s::jsonb)"
            " ON CONFLICT DO NOTHING",
            (model.release, model.sha256, weights, size, msgspec.json.encode(card).decode()),
        )
        if cursor.rowcount:
            await connection.execute(
                "INSERT INTO audit (action, detail) VALUES ('model_published',"
                " jsonb_build_object('model', %s::text, 'sha256', %s::text, 'by', 'command'))",
                (model.release, model.sha256),
            )
            return True
        cursor = await connection.execute(
            "SELECT 1 FROM model WHERE release = %s AND sha256 = %s", (model.release, model.sha256)
        )
        if await cursor.fetchone() is None:
            raise ReleaseTakenError(
                f"another model was published as {model.release!r}, or this one under another name:"
                " raise the version in its card"
            )
        return False


async def models(connection: Connection) -> list[ModelRow]:
    """All of them, the newest first; `cameras` are those that the asker may see."""
    async with connection.cursor(row_factory=class_row(ModelRow)) as cursor:
        await cursor.execute(
            "SELECT release, sha256, weights, size, card::text AS card, published,"
            " (SELECT count(*) FROM camera WHERE camera.model = model.release AND removed IS NULL) AS cameras"
            " FROM model ORDER BY published DESC, release LIMIT 200"
        )
        return await cursor.fetchall()


async def is_published(connection: Connection, sha256: str) -> bool:
    """Whether a pack is one of theirs."""
    cursor = await connection.execute("SELECT 1 FROM model WHERE sha256 = %s", (sha256,))
    return await cursor.fetchone() is not None
