"""The small English city of the docs' pictures: its names, and a month of what happened before they are taken."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.rows import TupleRow

from alerts import reporting, risk
from domain.period import ZONE, midnight
from domain.scene import Scene
from mingchu import demo, seed
from mingchu.seed import (
    AuthorityEntry,
    CameraEntry,
    DeviceEntry,
    EdgeEntry,
    OperatorEntry,
    RescuerEntry,
    Seed,
    SiteEntry,
    ZoneEntry,
)
from mingchu.settings import Settings
from store import risk as scores
from store.connection import ServiceRole, connect
from tests.console_world import World, add_alert, add_inspection, now

_PLAZA, _SCHOOL, _NOODLES, _COLD = (
    "91990100MA5MCQ0010",
    "91990100MA5MCQ0023",
    "91990100MA5MCQ0036",
    "91990100MA5MCQ0049",
)
_LAKE, _HARBOUR = "yunhai.lincheng.minghu", "yunhai.lincheng.donggang"
_LAKESIDE, _DOCKS = f"{_LAKE}.hubin", f"{_HARBOUR}.gangkou"
_PEOPLE = {"operator": "Mary Lee", "regulator": "Frank Wong", "admin": "Ann Smith"}
_MONTH = 34  # days
_THINGS = Path(__file__).with_name("city.sql")
_SITES = (
    ("kitchen-site-1", "restaurant", "Lake Plaza Restaurant", "1 Lakeside Road", _PLAZA, 120.1502, 30.2481),
    ("store-site-1", "warehouse", "Lake Plaza store room, by night", "1 Lakeside Road", _PLAZA, 120.1516, 30.2472),
    ("kitchen-2", "restaurant", "Lakeside Primary School canteen", "9 School Lane", _SCHOOL, 120.1561, 30.2538),
    ("kitchen-3", "restaurant", "Golden Wok", "12 Bridge Street", _NOODLES, 120.1459, 30.2426),
    ("building-1", "building", "Lakeside Apartments", "3 Lakeside Road", _PLAZA, 120.1601, 30.2502),
    ("building-2", "building", "Harbour Tower", "2 Dock Road", _COLD, 120.1748, 30.2451),
    ("market-1", "market", "Lakeside Farmers' Market", "5 Lakeside Road", _PLAZA, 120.1584, 30.2441),
    ("coldstore-1", "cold_store", "Lakeside Cold Store", "7 Lakeside Road", _PLAZA, 120.1652, 30.2477),
    ("coldstore-2", "cold_store", "Harbour Cold Store", "8 Dock Road", _COLD, 120.1791, 30.2402),
)
# Rule, device or camera, how often in that month.
_DATED = (
    *(("phone", "", "kitchen-1", 9), ("no-hat", "", "hats-1", 7), ("pest", "", "night-1", 3)),
    *(("smoking", "", "smoke-1", 5), ("fire-unattended", "", "stove-1", 3), ("intrusion", "", "store-1", 2)),
    *(("lift-door-open", "lift-1", "", 3), ("lift-entrapment", "lift-2", "", 1)),
    *(("scale-amount-mismatch", "scale-1", "", 4), ("scale-zero-drift", "scale-2", "", 2)),
    *(("cold-door-open", "cold-1", "", 3), ("cold-chilled-warm", "cold-2", "", 2)),
)


def _site(code: str, kind: str, name: str, street: str, owner: str, x: float, y: float) -> SiteEntry:
    authority = _DOCKS if "Dock" in street else _LAKESIDE
    hours: Literal["always", "never"] = "never" if code == "store-site-1" else "always"
    return SiteEntry(code, kind, name, name, authority, owner, street, hours, (x, y))


def _camera(code: str, site: str, name: str, clip: str, scene: Scene, zone: str) -> CameraEntry:
    area = ZoneEntry(
        *(scene.lower().replace("_", "-"), zone, zone, (scene,)),
        restricted=scene is Scene.INTRUSION,
        # DOMAIN §1 gives an unattended flame three minutes; the clip is shorter.
        overrides={scene: {"min_s": 15.0}} if scene is Scene.FIRE_UNATTENDED else {},
    )
    return CameraEntry(code, site, "edge-1", name, name, (area,), clip=clip)


def _device(site: str, code: str, profile: str, name: str) -> DeviceEntry:
    return DeviceEntry(site, code, profile, name, name)


def names() -> Seed:
    """The registry in English, over the one that the scenario brought."""
    authorities = (
        ("yunhai", "Yunhai Province"), ("yunhai.lincheng", "Lincheng City"), (_LAKE, "Lake District"),
        (_LAKESIDE, "Lakeside Station"), (_HARBOUR, "Harbour District"), (_DOCKS, "Docks Station"),
    )  # fmt: skip
    owners = (
        (_PLAZA, "Lake Plaza Ltd."), (_SCHOOL, "City Schools Catering"),
        (_NOODLES, "Golden Wok Restaurants"), (_COLD, "Harbour Cold Chain Ltd."),
    )  # fmt: skip
    return Seed(
        authority=tuple(AuthorityEntry(path, name, name) for path, name in authorities),
        operator=tuple(OperatorEntry(code, name, name) for code, name in owners),
        site=tuple(_site(*one) for one in _SITES),
        edge=(EdgeEntry("edge-1", "Lakeside edge", "Lakeside edge", _LAKESIDE),),
        camera=(
            _camera("kitchen-1", "kitchen-site-1", "Preparation room", "phone", Scene.PHONE, "Food area"),
            _camera("stove-1", "kitchen-site-1", "Stove", "flame-unattended", Scene.FIRE_UNATTENDED, "Stove area"),
            _camera("store-1", "store-site-1", "Store room door", "intrusion-night", Scene.INTRUSION, "Store room"),
            _camera("night-1", "store-site-1", "Store room floor", "rat-night", Scene.PEST, "Floor"),
            _camera("hats-1", "kitchen-2", "Serving line", "no-hat", Scene.NO_HAT, "Serving line"),
            _camera("smoke-1", "kitchen-3", "Back kitchen", "smoking", Scene.SMOKING, "Back kitchen"),
        ),
        device=(
            _device("building-1", "lift-1", "elevator-gbt24476", "Lift 1"),
            _device("building-2", "lift-2", "elevator-gbt24476", "Lift A"),
            _device("market-1", "scale-1", "scale-jjg1204", "Scale of stall 8"),
            _device("market-1", "scale-2", "scale-jjg1204", "Scale of stall 9"),
            _device("coldstore-1", "cold-1", "cold-store", "Freezer room 1"),
            _device("coldstore-2", "cold-2", "cold-store", "Freezer room A"),
            _device("kitchen-2", "fridge-1", "kitchen-fridge", "Sample fridge"),
        ),
        rescuer=tuple(
            RescuerEntry(code, name, name, path, phone)
            for code, name, path, phone in (
                ("maintainer-1", "Anson Lift Maintenance", "/push/maintainer", "400-000-0001"),
                ("grid-1", "Lakeside rescue station", "/push/grid", "400-000-0002"),
                ("emergency", "Fire and rescue", "/push/emergency", "119"),
            )
        ),
    )  # fmt: skip


async def rename(settings: Settings) -> World:
    """Plant the English names into a house that has just begun."""
    async with await connect(settings.dsn, autocommit=True) as owner:
        await seed.plant(owner, names(), demo.places(settings), anew=True)
        for login, name in _PEOPLE.items():
            await owner.execute("UPDATE person SET name = %s, lang = 'en' WHERE login = %s", (name, login))
        await owner.execute("UPDATE channel SET lang = 'en'")
    return world(settings)


def world(settings: Settings) -> World:
    """Codes to ids."""
    found = World(settings.dsn, settings.evidence)
    with psycopg.connect(settings.dsn) as plain:
        found.sites.update(plain.execute("SELECT code, id FROM site").fetchall())
        found.devices.update(plain.execute("SELECT code, id FROM device").fetchall())
        found.cameras.update(plain.execute("SELECT code, id FROM camera").fetchall())
        found.people.update(plain.execute("SELECT login, id FROM person").fetchall())
    return found


async def remember(found: World) -> None:
    """The month that went before: alerts and how they ended, readings, records, scores and reports."""
    chance = random.Random(7)  # the same month each time
    for rule, device, camera, times in _DATED:
        for number in range(times):
            _ended(found, rule, device, camera, chance, f"{rule}-{number}")
    add_inspection(found, "kitchen-site-1", "operator", "regulator", found.alerts["phone-0"])
    with psycopg.connect(found.dsn) as connection:
        connection.execute(_THINGS.read_bytes())
    await _judged(found.dsn)


def _ended(found: World, rule: str, device: str, camera: str, chance: random.Random, name: str) -> None:
    """One alert of the past month, its steps and its verdict."""
    ago = timedelta(days=_MONTH * chance.random() ** 1.3, hours=2)
    steps = [ago - timedelta(minutes=chance.uniform(*span)) for span in ((3, 40), (50, 200), (210, 400))]
    alert = add_alert(found, name, rule, device=device, camera=camera, status="closed", condition="CLEARED", began=ago)
    false = chance.random() < 0.12
    course = (
        ("operator", "acknowledge", "open", "acknowledged"), ("operator", "report", "acknowledged", "rectified"),
        ("regulator", "dismiss" if false else "accept", "rectified", "dismissed" if false else "closed"),
    )  # fmt: skip
    with psycopg.connect(found.dsn) as connection:
        for (login, action, source, target), past in zip(course, steps, strict=True):
            connection.execute(
                "INSERT INTO alert_history (alert_id, at, person_id, action, source, target, condition, reason)"
                " VALUES (%s, %s, %s, %s, %s, %s, 'CLEARED', '')",
                (alert, now() - max(past, timedelta(minutes=5)), found.people[login], action, source, target),
            )
        _verdict(connection, found, alert, steps[-1], "dismiss" if false else "accept")
        connection.execute(
            "UPDATE alert SET status = %s, due = began + interval '4 hours', met = %s, changed = %s,"
            " cleared = began + interval '40 min' WHERE id = %s",
            (course[-1][3], chance.random() < 0.85, now() - max(steps[-1], timedelta(minutes=5)), alert),
        )


def _verdict(connection: psycopg.Connection[TupleRow], found: World, alert: int, ago: timedelta, verdict: str) -> None:
    connection.execute(
        "INSERT INTO review (alert_id, person_id, at, verdict, reason) VALUES (%s, %s, %s, %s, '')",
        (alert, found.people["regulator"], now() - max(ago, timedelta(minutes=5)), verdict),
    )


async def _judged(dsn: str) -> None:
    """Scores of each day that has gone, and the reports of what is over."""
    today = now().astimezone(ZONE).date()
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM report")
    async with await connect(dsn, ServiceRole.ALERTS, autocommit=True) as alerts:
        weights = await scores.weights(alerts)
        assert weights is not None
        for back in range(30, 0, -1):
            day = today - timedelta(days=back)
            await risk.score_day(alerts, weights, day, midnight(day + timedelta(days=1)))
        await risk.score_day(alerts, weights, today, now())
        await reporting.keep(alerts, now())
