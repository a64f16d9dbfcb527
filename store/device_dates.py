"""Duties of devices with dates: maintenance, inspection, verification, calibration."""

from dataclasses import dataclass
from datetime import date

from store.connection import Connection

DUTIES = ("maintenance", "inspection", "verification", "calibration")


@dataclass(frozen=True, slots=True)
class Duty:
    """When one of DUTIES was done last, and when it is due next; not both are None."""

    what: str
    done: date | None
    due: date | None


async def put(connection: Connection, site: str, device: str, duty: Duty) -> bool:
    """Note a duty's dates, each as it was where it is not given; False where there is no such device. As the owner."""
    cursor = await connection.execute(
        "INSERT INTO device_date AS old (device_id, what, done, due) SELECT device.id, %s, %s, %s FROM device"
        " JOIN site ON site.id = site_id WHERE site.code = %s AND device.code = %s ON CONFLICT (device_id, what)"
        " DO UPDATE SET done = coalesce(excluded.done, old.done), due = coalesce(excluded.due, old.due)",
        (duty.what, duty.done, duty.due, site, device),
    )
    return cursor.rowcount > 0
