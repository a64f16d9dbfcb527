"""Device profiles and their metrics' ids."""

from collections.abc import Iterable

import msgspec

from domain.profile import DeviceProfile
from store.connection import Connection


async def install(connection: Connection, profiles: Iterable[DeviceProfile]) -> None:
    """Add new profiles, replace older versions; a metric keeps its id for ever. Needs the owner's rights."""
    async with connection.transaction():
        for profile in profiles:
            await connection.execute(
                "INSERT INTO device_profile AS old (code, version, body) VALUES (%s, %s, %s::jsonb)"
                " ON CONFLICT (code) DO UPDATE SET version = excluded.version, body = excluded.body"
                " WHERE excluded.version > old.version",
                (profile.code, profile.version, msgspec.json.encode(profile).decode()),
            )
            for metric in profile.metrics:
                await connection.execute(
                    "INSERT INTO metric (profile_code, name, unit) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    (profile.code, metric.name, metric.unit),
                )
        await connection.execute("SELECT pg_notify('mingchu_config', '')")
