"""Two vendors and two maintenance firms with something of their own each, for tests of their accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import psycopg

from store import provisioning, rescue
from store.connection import connect
from tests.console_client import Console
from tests.console_world import World
from tests.rescue_world import trapped


@dataclass(frozen=True)
class Outside:
    """What there is. `acme` supplies cold-1, `bolt` the scale; Anshun keeps the lift, Hengli the boiler."""

    lift: int  # the lift in the registry of equipment
    boiler: int
    alert: int
    firms: dict[str, int]


async def furnished(world: World) -> Outside:
    """Vendors, their devices with a refused message each, firms, equipment, and people trapped in the lift."""
    async with await connect(world.dsn, autocommit=True) as owner:
        for code, zh in (("acme", "顶点"), ("bolt", "闪电")):
            await provisioning.put_vendor(owner, code, zh, code.title(), "")
        await rescue.put_rescuer(owner, "hengli", "恒力维保", "Hengli", "400-2")
    await trapped(world)
    with psycopg.connect(world.dsn) as connection:
        for vendor, device, site in (("acme", "cold-1", "cold-base"), ("bolt", "scale-1", "market-1")):
            connection.execute(
                "UPDATE device SET vendor_code = %s, serial = %s, issued = now() WHERE code = %s",
                (vendor, f"SN-{vendor}", device),
            )
            connection.execute(
                "INSERT INTO dead_letter (topic, payload, reason) VALUES (%s, %s, %s)",
                (f"mc/v1/{site}/{device}/telemetry", f"secret of {vendor}".encode(), f"bad message of {vendor}"),
            )
        firms: dict[str, int] = dict(connection.execute("SELECT code, id FROM rescuer").fetchall())
        made = [
            connection.execute(
                "INSERT INTO equipment (site_id, code, kind, zh, en, device_id, firm_id) VALUES"
                " (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
                (world.sites["tower"], code, kind, zh, zh, world.devices.get(device), firm),
            ).fetchone()
            for code, kind, zh, device, firm in (
                ("L1", "elevator", "一号电梯", "lift-1", None),
                ("B1", "boiler", "蒸汽锅炉", "", firms["hengli"]),
            )
        ]
    lift, boiler = (0 if row is None else int(row[0]) for row in made)
    return Outside(lift, boiler, world.alerts["trapped"], firms)


@asynccontextmanager
async def let_in(
    house: Console, admin: httpx.AsyncClient, login: str, role: str, **place: object
) -> AsyncIterator[httpx.AsyncClient]:
    """An account of that place, made by `admin`; its browser, logged in."""
    answer = await admin.post("/api/v1/people", json={"login": login, "name": login, "role": role, **place})
    assert answer.status_code == 201, answer.text
    async with house.visitor(address=f"10.3.0.{len(login)}") as client:
        words = {"login": login, "password": answer.json()["password"]}
        assert (await client.post("/api/v1/login", json=words)).status_code == 200
        yield client
