"""Whole towns at once, for benchmarks: devices, sales and latest values by the statement, and what readings weigh."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from store.connection import Connection
from store.migrate import Edition, edition


async def plant_devices(connection: Connection, kind: str, profile: str, each: int) -> dict[int, list[int]]:
    """`each` devices on every site of a kind; the devices' ids by their site's."""
    await connection.execute(
        "INSERT INTO device (site_id, code, profile_code, zh, en) SELECT site.id, 'd-' || n, %s, 'd', 'd'"
        " FROM site, generate_series(1, %s) AS n WHERE site.kind = %s",
        (profile, each, kind),
    )
    cursor = await connection.execute(
        "SELECT site_id, device.id FROM device JOIN site ON site.id = site_id WHERE kind = %s ORDER BY 1, 2", (kind,)
    )
    found: dict[int, list[int]] = {}
    for site, device in await cursor.fetchall():
        found.setdefault(int(str(site)), []).append(int(str(device)))
    return found


async def metrics(connection: Connection, profile: str, most: int) -> list[int]:
    """Ids of a profile's first metrics."""
    cursor = await connection.execute(
        "SELECT id FROM metric WHERE profile_code = %s ORDER BY id LIMIT %s", (profile, most)
    )
    return [int(str(row[0])) for row in await cursor.fetchall()]


async def plant_sales(connection: Connection, kind: str, day: date, each: int) -> None:
    """`each` sales on a day, twenty minutes apart, by every device on sites of a kind."""
    await connection.execute(
        "INSERT INTO transaction (device_id, tx_id, seq, time, product, gross_g, tare_g, net_g, unit_price, amount,"
        " pay, trace) SELECT device.id, to_char(%(day)s::date, 'YYMMDD') || n, n, %(day)s::timestamp AT TIME ZONE"
        " 'Asia/Shanghai' + n * interval '20 minutes', 'cabbage', 500, 0, 500, 400, 200, '', ''"
        " FROM device JOIN site ON site.id = site_id, generate_series(1, %(each)s) AS n WHERE site.kind = %(kind)s",
        {"day": day, "each": each, "kind": kind},
    )


async def plant_latest(connection: Connection, devices: Sequence[int], metric_ids: Sequence[int], at: datetime) -> None:
    """A latest value of each metric of each device."""
    await connection.execute(
        "INSERT INTO reading_latest SELECT device, metric, %s, -18, 0 FROM unnest(%s::bigint[]) AS device,"
        " unnest(%s::integer[]) AS metric",
        (at, list(devices), list(metric_ids)),
    )


async def tidy(connection: Connection) -> None:
    """What autovacuum does in time; needs an autocommit connection."""
    await connection.execute("VACUUM ANALYZE")


async def scope(connection: Connection, authority: str) -> None:
    """For the transaction at hand: see what that authority may."""
    await connection.execute("SELECT set_config('mingchu.authority', %s, true)", (authority,))


async def stored_hours(connection: Connection, device: int, metric: int, begin: datetime) -> int:
    """How many hours of one metric are stored: the bare question behind a chart, without row-level security."""
    cursor = await connection.execute(
        "SELECT bucket, n, total, low, high FROM reading_1h WHERE device_id = %s AND metric_id = %s AND bucket >= %s",
        (device, metric, begin),
    )
    return len(await cursor.fetchall())


async def weight(connection: Connection) -> int:
    """Bytes of all readings with their indexes, as they lie now."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint FROM pg_inherits"
        " WHERE inhparent = 'reading'::regclass"
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(str(row[0]))


@dataclass(frozen=True, slots=True)
class Compressed:
    """What the compressed readings were and are, in bytes with their indexes, and how many they are."""

    before: int
    after: int
    readings: int


async def compress(connection: Connection) -> Compressed | None:
    """Compress all readings but the last day's; None where there is no compression."""
    if await edition(connection) is not Edition.COMMUNITY:
        return None
    await connection.execute(
        "SELECT compress_chunk(chunk, true) FROM show_chunks('reading', older_than => interval '1 day') AS chunk"
    )
    async with connection.cursor(row_factory=class_row(Compressed)) as cursor:
        await cursor.execute(
            "SELECT before_compression_total_bytes AS before, after_compression_total_bytes AS after,"
            " (SELECT count(*) FROM reading WHERE time < (SELECT max(range_end) FROM timescaledb_information.chunks"
            "  WHERE hypertable_name = 'reading' AND is_compressed)) AS readings"
            " FROM hypertable_compression_stats('reading')"
        )
        return await cursor.fetchone()
