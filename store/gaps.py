"""What the tables know of a device's missing minutes: holes in its ledger, refusals, its presence, what came late."""

from datetime import datetime, timedelta

import msgspec

from domain.gap import LATE_AFTER, Facts, Silence, Spell
from domain.profile import DeviceProfile
from domain.topic import FOREIGN, ROOT
from store.connection import Connection
from store.registry import UnknownCodeError

MOST = 2000


async def pace(connection: Connection, site: str, code: str) -> tuple[int, float]:
    """A device's id, and after how many seconds without a message some are missing; raises UnknownCodeError.

    For the owner, who has no scope: this connection has the site's authority's from now on.
    """
    cursor = await connection.execute(
        "SELECT device.id, body::text, set_config('mingchu.authority', site.authority::text, false)"
        " FROM device JOIN site ON site.id = device.site_id JOIN device_profile ON device_profile.code = profile_code"
        " WHERE site.code = %s AND device.code = %s",
        (site, code),
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownCodeError(f"no device {site}/{code} is registered")
    return int(str(row[0])), msgspec.json.decode(str(row[1]), type=DeviceProfile).gap_s


async def silences(
    connection: Connection, device: int, begin: datetime, end: datetime, longest: timedelta
) -> list[Silence]:
    """Where neighbours measured within [begin, end) are further apart than `longest`, the bounds included."""
    cursor = await connection.execute(
        "SELECT before, time, seq_before, seq FROM ("
        " SELECT time, seq, coalesce(lag(time) OVER w, %(begin)s) AS before, lag(seq) OVER w AS seq_before FROM ("
        "  SELECT time, seq FROM device_ledger WHERE device_id = %(device)s AND time >= %(begin)s AND time < %(end)s"
        "  UNION ALL SELECT %(end)s, NULL) AS told WINDOW w AS (ORDER BY time, seq)) AS pair"
        " WHERE time - before > %(longest)s ORDER BY time LIMIT %(most)s",
        {"device": device, "begin": begin, "end": end, "longest": longest, "most": MOST},
    )
    return [Silence(*row) for row in await cursor.fetchall()]  # type: ignore[arg-type]


async def facts(connection: Connection, device: int, topic: str, begin: datetime, end: datetime) -> Facts:
    """What else is known of [begin, end). `topic`: what the device's native topics begin with."""
    return Facts(
        await _rejected(connection, topic, begin, end),
        await _mistimed(connection, device, begin, end),
        await _offline(connection, device, begin, end),
        await _late(connection, device, begin, end),
    )


async def _rejected(connection: Connection, topic: str, begin: datetime, end: datetime) -> list[datetime]:
    cursor = await connection.execute(
        "SELECT least(received, last), greatest(received, last) FROM dead_letter"
        " WHERE (topic ^@ %s OR topic ^@ %s) AND NOT partial AND last >= %s AND received < %s LIMIT %s",
        (topic, f"{FOREIGN}{topic.removeprefix(ROOT)}", begin, end, MOST),
    )
    times = {time for row in await cursor.fetchall() for time in row}
    return sorted(time for time in times if isinstance(time, datetime))


async def _mistimed(connection: Connection, device: int, begin: datetime, end: datetime) -> list[datetime]:
    cursor = await connection.execute(
        "SELECT received FROM device_ledger WHERE device_id = %(device)s AND (time < '2020-01-01' OR time >= %(end)s)"
        " AND received >= %(begin)s AND received < %(end)s AND (time < '2020-01-01' OR time > received + %(ahead)s)"
        " LIMIT %(most)s",
        {"device": device, "begin": begin, "end": end, "ahead": timedelta(minutes=5), "most": MOST},
    )
    return [row[0] for row in await cursor.fetchall()]  # type: ignore[misc]


async def _offline(connection: Connection, device: int, begin: datetime, end: datetime) -> list[Spell]:
    cursor = await connection.execute(
        "SELECT at, until FROM (SELECT at, online, lead(at) OVER (ORDER BY at) AS until FROM presence_change"
        " WHERE device_id = %s AND at < %s) AS spell WHERE NOT online AND coalesce(until, 'infinity') > %s"
        " ORDER BY at DESC LIMIT %s",
        (device, end, begin, MOST),
    )
    return [Spell(*row) for row in await cursor.fetchall()]  # type: ignore[arg-type]


async def _late(connection: Connection, device: int, begin: datetime, end: datetime) -> list[tuple[datetime, int]]:
    cursor = await connection.execute(
        "SELECT date_trunc('minute', time, 'UTC'), count(*)::int FROM device_ledger"
        " WHERE device_id = %s AND time >= %s AND time < %s AND received - time > %s GROUP BY 1 ORDER BY 1 LIMIT %s",
        (device, begin, end, LATE_AFTER, MOST),
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]  # type: ignore[misc]
