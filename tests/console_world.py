"""A believable town for tests of the console: two districts, three operators, sites, people, alerts at every stage."""

import hashlib
import io
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import msgspec
import psycopg
from argon2 import PasswordHasher
from PIL import Image, ImageDraw
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from alerts import ladderbook, rulebook
from domain import checklist, credential, profile
from domain.alert import Role
from domain.camera import Camera, Zone
from domain.scene import Scene
from domain.schedule import ALWAYS_OPEN
from domain.wire import REDACTED
from store import ladders, profiles, registry, rules
from store.connection import connect

PASSWORD = "a pass phrase for tests"
EDGE_SECRET = credential.generate()
CANTEEN, COLD, MARKET = "91440101MA5MCQ0018", "91440101MA5MCQ0026", "91440101MA5MCQ0034"
# Cheap on purpose: what is tested is not the strength of the hash.
_PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
_PEOPLE: tuple[tuple[str, str, Role, str | None, str | None], ...] = (
    ("canteen", "王敏", Role.OPERATOR, None, CANTEEN),
    ("cold", "陈刚", Role.OPERATOR, None, COLD),
    ("market", "刘芳", Role.OPERATOR, None, MARKET),
    ("yuexiu", "李强", Role.REGULATOR, "gz.yx", None),
    ("tianhe", "赵琳", Role.REGULATOR, "gz.th", None),
    ("admin", "系统管理员", Role.ADMIN, "gz", None),
)
_WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def now() -> datetime:
    return datetime.now(UTC)


def drawn(
    title: str, box: tuple[float, float, float, float] | None = None, *, size: tuple[int, int] = (960, 540)
) -> bytes:
    """A drawn kitchen as JPEG, with or without a box."""
    width, height = size
    image = Image.new("RGB", size, (38, 46, 54))
    draw = ImageDraw.Draw(image)
    for line in range(height):
        shade = 60 + line * 70 // height
        draw.line([(0, line), (width, line)], fill=(shade, shade + 6, shade + 10))
    for column in range(5):
        left = 40 + column * width // 5
        draw.rectangle(
            [left, height * 0.45, left + width // 6, height * 0.9], fill=(150, 156, 160), outline=(90, 96, 100)
        )
        draw.ellipse([left + 30, height * 0.42, left + 110, height * 0.5], fill=(30, 30, 34))
    draw.text((16, 12), f"{title}  {now():%Y-%m-%d %H:%M:%S}", fill=(240, 240, 240))
    if box is not None:
        x1, y1, x2, y2 = box
        corners = [x1 * width, y1 * height, x2 * width, y2 * height]
        draw.rectangle(corners, outline=(230, 50, 40), width=4)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def address(data: bytes) -> str:
    """What bytes are called in the vault."""
    return hashlib.sha256(data).hexdigest()


@dataclass
class World:
    """Codes to ids of what was made, and the alerts by name."""

    dsn: str
    evidence_dir: Path
    sites: dict[str, int] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    cameras: dict[str, int] = field(default_factory=dict)
    edges: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    alerts: dict[str, int] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)

    def keep(self, data: bytes) -> str:
        """Put bytes into the vault, as an upload does."""
        sha256 = address(data)
        folder = self.evidence_dir / sha256[:2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / sha256).write_bytes(data)
        return sha256


async def registered(dsn: str, evidence_dir: Path) -> World:
    """The registry: who and what there is, without any alert."""
    connection = await connect(dsn, autocommit=True)
    for path, zh, en in (
        ("gz", "广州市市场监督管理局", "Guangzhou"),
        ("gz.yx", "越秀区市场监督管理局", "Yuexiu"),
        ("gz.yx.bj", "北京街市场监管所", "Beijing Street station"),
        ("gz.th", "天河区市场监督管理局", "Tianhe"),
    ):
        await registry.put_authority(connection, path, zh, en)
    for uscc, zh, en in (
        (CANTEEN, "越秀百味餐饮管理有限公司", "Baiwei Catering"),
        (COLD, "南方冷链仓储有限公司", "Nanfang Cold Chain"),
        (MARKET, "天河惠民市场经营有限公司", "Huimin Markets"),
    ):
        await registry.put_operator(connection, uscc, zh, en)
    for code, kind, zh, en, address, authority, owner in (
        (
            "canteen-1",
            "kitchen",
            "百味餐厅中山五路店",
            "Baiwei, Zhongshan 5 Road",
            "越秀区中山五路 68 号",
            "gz.yx.bj",
            CANTEEN,
        ),
        ("canteen-2", "kitchen", "第七中学食堂", "No. 7 School canteen", "越秀区烟墩路 28 号", "gz.yx", CANTEEN),
        ("cold-base", "cold_store", "南方冷链一号库区", "Nanfang cold base 1", "越秀区沿江西路 12 号", "gz.yx", COLD),
        ("tower", "building", "正佳大厦", "Zhengjia tower", "越秀区北京路 158 号", "gz.yx.bj", COLD),
        ("market-1", "market", "惠民农贸市场", "Huimin market", "天河区天河路 208 号", "gz.th", MARKET),
    ):
        await registry.put_site(
            connection, registry.NewSite(code, kind, zh, en, address, authority, owner, ALWAYS_OPEN)
        )
    names = ("cold-store", "elevator-gbt24476", "scale-jjg1204")
    texts = (files("ingest").joinpath(f"profiles/{name}.toml").read_text(encoding="utf-8") for name in names)
    await profiles.install(connection, [profile.parse(text) for text in texts])
    await rules.install(connection, rulebook.default())
    await ladders.install(connection, ladderbook.ladders(), ladderbook.calendars())
    await registry.put_edge(
        connection, registry.NewEdge("edge-yx", "越秀边缘节点", "Yuexiu edge", "gz.yx", credential.protect(EDGE_SECRET))
    )
    await registry.put_edge(
        connection, registry.NewEdge("edge-th", "天河边缘节点", "Tianhe edge", "gz.th", credential.protect("x"))
    )
    zones = (
        Zone("stove", "灶台区", "Stoves", _WHOLE, (Scene.FIRE_UNATTENDED, Scene.PEST)),
        Zone("prep", "切配区", "Preparation", _WHOLE, (Scene.PHONE, Scene.SMOKING)),
    )
    for code, site, edge, zh, en in (
        ("canteen-1-stove", "canteen-1", "edge-yx", "热厨 1 号", "Hot kitchen 1"),
        ("canteen-1-prep", "canteen-1", "edge-yx", "切配间", "Preparation"),
        ("canteen-1-store", "canteen-1", "edge-yx", "后门仓库", "Back store"),
        ("canteen-2-stove", "canteen-2", "edge-yx", "热厨", "Hot kitchen"),
        ("market-1-gate", "market-1", "edge-th", "市场入口", "Gate"),
    ):
        await registry.put_camera(connection, Camera(code, site, "rtsp://user:marker@10.0.0.9/1", zones), edge, zh, en)
    for site, code, kind, zh, en in (
        ("cold-base", "cold-1", "cold-store", "一号冷冻库", "Freezer 1"),
        ("cold-base", "cold-2", "cold-store", "二号冷藏库", "Chiller 2"),
        ("tower", "lift-1", "elevator-gbt24476", "1 号客梯", "Lift 1"),
        ("market-1", "scale-1", "scale-jjg1204", "A12 摊位秤", "Stall A12 scale"),
    ):
        await registry.put_device(connection, registry.NewDevice(site, code, kind, zh, en, credential.protect("x")))
    for login, name, role, station, employer in _PEOPLE:
        await registry.put_person(
            connection, registry.NewPerson(login, name, role, _PASSWORD_HASH, authority=station, operator=employer)
        )
    for uscc in (CANTEEN, COLD, MARKET):
        await registry.put_channel(connection, f"https://hooks.example/{uscc}?key=marker", "k", operator=uscc)
    await registry.put_channel(connection, "https://hooks.example/yx", "k", authority="gz.yx")
    await connection.close()
    world = World(dsn, evidence_dir)
    with psycopg.connect(dsn) as plain:
        world.sites.update(plain.execute("SELECT code, id FROM site").fetchall())
        world.devices.update(plain.execute("SELECT code, id FROM device").fetchall())
        world.cameras.update(plain.execute("SELECT code, id FROM camera").fetchall())
        world.edges.update(plain.execute("SELECT code, id FROM edge").fetchall())
        world.people.update(plain.execute("SELECT login, id FROM person").fetchall())
        plain.execute("UPDATE camera SET health = 'OK', health_at = now() - interval '3 hours'")
        plain.execute("UPDATE device SET online = true, last_seen = now() - interval '4 seconds'")
        plain.execute("UPDATE edge SET online = true, last_seen = now() - interval '2 seconds' WHERE code = 'edge-yx'")
    return world


def add_alert(
    world: World,
    name: str,
    rule: str,
    *,
    device: str | None = None,
    camera: str | None = None,
    status: str = "open",
    condition: str = "ACTIVE",
    began: timedelta = timedelta(minutes=5),
    why: str = "test",
    zone: str = "",
    scene_event: str | None = None,
    due: timedelta = timedelta(minutes=60),
) -> int:
    """One alert as the engine raises it, with its first history row and pushes; `began` ago, `due` from now."""
    at = now() - began
    cleared = None if condition == "ACTIVE" else now() - timedelta(minutes=2)
    with psycopg.connect(world.dsn) as connection:
        body = connection.execute("SELECT version, body FROM rule WHERE code = %s AND active", (rule,)).fetchone()
        assert body is not None, rule
        row = connection.execute(
            "INSERT INTO alert (rule_code, rule_version, site_id, device_id, camera_id, zone, scene_event_id, severity,"
            " condition, status, began, raised, changed, cleared, due, why) VALUES (%s, %s,"
            " (SELECT site_id FROM device WHERE id = %s UNION ALL SELECT site_id FROM camera WHERE id = %s),"
            " %s, %s, %s, %s, %s, %s, %s, %s, %s, now(), %s, %s, %s) RETURNING id, site_id",
            (
                rule, body[0], world.devices.get(device or ""), world.cameras.get(camera or ""),
                world.devices.get(device or ""), world.cameras.get(camera or ""), zone, scene_event,
                body[1]["severity"], condition, status, at, at, cleared, now() + due, why,
            ),
        ).fetchone()  # fmt: skip
        assert row is not None
        alert = int(row[0])
        _history(connection, alert, None, "raised", None, "open", why, at)
        connection.execute(
            "INSERT INTO push (alert_id, channel_id, reason, created, next_try, tries, sent) SELECT %s, channel.id,"
            " 'raised', %s, NULL, 1, %s FROM channel WHERE operator_id = (SELECT operator_id FROM site WHERE id = %s)"
            " OR authority @> (SELECT authority FROM site WHERE id = %s)",
            (alert, at, at + timedelta(milliseconds=240), row[1], row[1]),
        )
        connection.execute("SELECT pg_notify('mingchu_alert', %s::text)", (alert,))
    world.alerts[name] = alert
    return alert


def _history(
    connection: psycopg.Connection[TupleRow],
    alert: int,
    person: int | None,
    action: str,
    source: str | None,
    target: str,
    reason: str,
    at: datetime,
) -> None:
    connection.execute(
        "INSERT INTO alert_history (alert_id, at, person_id, action, source, target, condition, reason)"
        " VALUES (%s, %s, %s, %s, %s, %s, 'ACTIVE', %s)",
        (alert, at, person, action, source, target, reason),
    )


def moved(
    world: World, alert: int, login: str, action: str, source: str, target: str, ago: timedelta, reason: str = ""
) -> None:
    """A step that somebody took."""
    with psycopg.connect(world.dsn) as connection:
        _history(connection, alert, world.people[login], action, source, target, reason, now() - ago)
        connection.execute("UPDATE alert SET version = version + 1 WHERE id = %s", (alert,))


def add_scene(
    world: World,
    camera: str,
    scene: Scene,
    zone: str,
    *,
    why: str,
    began: timedelta = timedelta(minutes=5),
    frame: bytes | None = None,
    boxed: bytes | None = None,
    clip: bytes | None = None,
    box: tuple[float, float, float, float] = (0.42, 0.3, 0.6, 0.82),
    uploaded: bool = True,
) -> str:
    """A scene event with samples and evidence, in the vault or only announced; returns its id."""
    event, first = uuid.uuid4(), now() - began
    verdicts = (
        "violating",
        "violating",
        "not_visible",
        "violating",
        "violating",
        "violating",
        "compliant",
        "violating",
    )
    samples = [
        {
            "at": (first + timedelta(seconds=2 * index)).isoformat(),
            "box": [side + 0.003 * index for side in box],
            "score": round(0.62 + 0.3 * abs(math.sin(index)), 3),
            "verdict": verdict,
        }
        for index, verdict in enumerate(verdicts)
    ]
    items: list[tuple[str, str, bytes]] = [
        ("frame", "image/jpeg", frame or drawn(f"{camera} {event}")),
        ("boxed", "image/jpeg", boxed or drawn(f"{camera} {event}", box)),
    ]
    originals = {kind: address(data) for kind, _, data in items}
    items += [
        (f"{kind}_redacted", "image/jpeg", data)
        for kind, data in (("frame", hidden(items[0][2])), ("boxed", hidden(items[1][2])))
    ]
    if clip is not None:
        items.append(("clip", "video/mp4", clip))
        items.append(("storyboard", "image/jpeg", drawn(f"{camera} {event} storyboard", size=(640, 720))))
        originals |= {"storyboard": address(clip)}
    with psycopg.connect(world.dsn) as connection:
        connection.execute(
            "INSERT INTO scene_event (id, camera_id, scene, zone, track, first, best, last, why, samples, model,"
            " rule_version) VALUES (%s, %s, %s, %s, 3, %s, %s, %s, %s, %s, %s, 1)",
            (
                event, world.cameras[camera], scene, zone, first, first + timedelta(seconds=6),
                first + timedelta(seconds=14), why, Jsonb(samples), hashlib.sha256(b"model").hexdigest(),
            ),
        )  # fmt: skip
        for kind, media_type, data in items:
            sha256 = world.keep(data) if uploaded else address(data)
            world.evidence[f"{camera} {kind}"] = sha256
            connection.execute(
                "INSERT INTO evidence VALUES (%s, %s, %s, %s, %s, %s, %s, true, '', %s)",
                (
                    event,
                    kind,
                    sha256,
                    media_type,
                    len(data),
                    first - timedelta(seconds=10),
                    first + timedelta(seconds=20),
                    originals.get(kind.removesuffix("_redacted")) if kind in REDACTED else None,
                ),
            )
    return str(event)


def hidden(picture: bytes) -> bytes:
    """The picture with a grey patch where a head would be."""
    with Image.open(io.BytesIO(picture)) as image:
        width, height = image.size
        ImageDraw.Draw(image).rectangle([width * 0.45, height * 0.3, width * 0.55, height * 0.5], fill=(120, 120, 120))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=85)
    return out.getvalue()


def add_readings(world: World, device: str, metric: str, points: Sequence[tuple[datetime, float]]) -> None:
    """Readings of one metric, and its latest value."""
    identity = world.devices[device]
    with psycopg.connect(world.dsn) as connection:
        found = connection.execute(
            "SELECT metric.id FROM metric JOIN device USING (profile_code) WHERE device.id = %s AND name = %s",
            (identity, metric),
        ).fetchone()
        assert found is not None, metric
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO reading VALUES (%s, %s, %s, %s, 0)",
                [(at, identity, found[0], value) for at, value in points],
            )
        at, value = points[-1]
        connection.execute(
            "INSERT INTO reading_latest VALUES (%s, %s, %s, %s, 0) ON CONFLICT (device_id, metric_id)"
            " DO UPDATE SET time = excluded.time, value = excluded.value",
            (identity, found[0], at, value),
        )


def add_report(world: World, alert: int, login: str, text: str, photos: Sequence[bytes], ago: timedelta) -> None:
    """A rectification report that is there already."""
    with psycopg.connect(world.dsn) as connection:
        row = connection.execute(
            "INSERT INTO rectification (alert_id, person_id, at, text) VALUES (%s, %s, %s, %s) RETURNING id",
            (alert, world.people[login], now() - ago, text),
        ).fetchone()
        assert row is not None
        for photo in photos:
            connection.execute(
                "INSERT INTO rectification_photo VALUES (%s, %s, 'image/jpeg', %s)",
                (row[0], world.keep(photo), len(photo)),
            )
    moved(world, alert, login, "report", "acknowledged", "rectified", ago, text)


def busy_day(world: World, pictures: Sequence[bytes] = (), clip: bytes | None = None) -> None:
    """Alerts at every stage, readings of six hours, a camera in trouble, a message that nobody could read."""
    shots = [*pictures] or [drawn(f"camera {number}") for number in range(4)]
    fire = add_scene(
        world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", began=timedelta(minutes=9), frame=shots[0],
        boxed=_boxed(shots[0]), clip=clip, why="明火持续 184 秒，灶台区内无人（20 个样本）",
    )  # fmt: skip
    add_alert(
        world, "fire", "fire-unattended", camera="canteen-1-stove", zone="stove", scene_event=fire,
        began=timedelta(minutes=9), due=timedelta(minutes=21), why="明火持续 184 秒，灶台区内无人（20 个样本）",
    )  # fmt: skip
    _cold(world)
    phone = add_scene(
        world, "canteen-1-prep", Scene.PHONE, "prep", began=timedelta(minutes=38), frame=shots[1 % len(shots)],
        boxed=_boxed(shots[1 % len(shots)]), clip=clip, why="12 秒内 11 个样本中 9 个看到手机靠近人员",
    )  # fmt: skip
    reported = add_alert(
        world, "phone", "phone", camera="canteen-1-prep", zone="prep", scene_event=phone, status="rectified",
        condition="CLEARED", began=timedelta(minutes=38), due=timedelta(hours=23),
        why="12 秒内 11 个样本中 9 个看到手机靠近人员",
    )  # fmt: skip
    moved(world, reported, "canteen", "acknowledge", "open", "acknowledged", timedelta(minutes=30))
    add_report(
        world, reported, "canteen", "已对当班人员批评教育，手机统一存放在更衣室手机柜，并在切配间张贴提示。",
        [drawn("整改 1"), drawn("整改 2", (0.1, 0.2, 0.3, 0.5))], timedelta(minutes=12),
    )  # fmt: skip
    rat = add_scene(
        world, "canteen-1-store", Scene.PEST, "stove", began=timedelta(hours=5), frame=shots[2 % len(shots)],
        boxed=_boxed(shots[2 % len(shots)]), clip=clip, why="闭店时段 2 秒内 5 次移动目标",
    )  # fmt: skip
    closed = add_alert(
        world, "rat", "pest", camera="canteen-1-store", zone="stove", scene_event=rat, status="closed",
        condition="CLEARED", began=timedelta(hours=5), due=timedelta(hours=-4), why="闭店时段 2 秒内 5 次移动目标",
    )  # fmt: skip
    moved(world, closed, "canteen", "acknowledge", "open", "acknowledged", timedelta(hours=4, minutes=48))
    add_report(world, closed, "canteen", "已封堵后门缝隙，消杀公司上门布放。", [drawn("封堵")], timedelta(hours=3))
    moved(world, closed, "yuexiu", "accept", "rectified", "closed", timedelta(hours=2))
    add_alert(
        world, "lift", "lift-door-open", device="lift-1", condition="CLEARED", began=timedelta(minutes=54),
        due=timedelta(hours=23), why="door_closed = 0 for 131 s (service_mode = 1)",
    )  # fmt: skip
    add_alert(
        world, "scale", "scale-cover-opened", device="scale-1", began=timedelta(minutes=3), why="cover = 1: opened",
    )  # fmt: skip
    with psycopg.connect(world.dsn) as connection:
        connection.execute(
            "UPDATE camera SET health = 'OFFLINE', health_at = now() - interval '26 minutes',"
            " health_why = 'no packet for 60 s' WHERE code = 'canteen-2-stove'"
        )
        connection.execute(
            "INSERT INTO dead_letter (topic, payload, reason)"
            " VALUES ('mc/v1/tower/lift-1/telemetry', 'x', 'not JSON: invalid character'),"
            " ('mc/v1/tower/lift-1/telemetry', 'y', 'not JSON: invalid character')"
        )


def _cold(world: World) -> None:
    late = add_alert(
        world, "warm", "cold-frozen-warm", device="cold-1", status="acknowledged", began=timedelta(minutes=66),
        due=timedelta(minutes=-6), why="air_temp = −12.8 °C > −15 °C，已持续 30 分钟",
    )  # fmt: skip
    moved(world, late, "cold", "acknowledge", "open", "acknowledged", timedelta(minutes=31))
    start, points = now() - timedelta(hours=6), 6 * 180
    times = [start + timedelta(seconds=20 * (index + 1)) for index in range(points)]
    left = [(now() - at).total_seconds() / 60 for at in times]
    rise = [max(0.0, min(1.0, (96 - minutes) / 70)) for minutes in left]
    waves = [0.5 * math.sin(index / 22) + 0.08 * math.sin(index * 1.7) for index in range(points)]
    add_readings(
        world,
        "cold-1",
        "air_temp",
        [*zip(times, [-18.6 + 6 * r + w for r, w in zip(rise, waves, strict=True)], strict=True)],
    )
    add_readings(
        world,
        "cold-1",
        "product_temp",
        [*zip(times, [-18.9 + 2.4 * r**2 + w / 6 for r, w in zip(rise, waves, strict=True)], strict=True)],
    )
    add_readings(world, "cold-1", "humidity", [*zip(times, [78 + 6 * w for w in waves], strict=True)])
    for metric, value in (("set_point", -18.0), ("door_open", 0.0), ("compressor", 1.0), ("defrost", 0.0)):
        add_readings(world, "cold-1", metric, [(at, value) for at in times[::30]])
    add_readings(world, "cold-2", "air_temp", [*zip(times[::3], [4.1 + w for w in waves[::3]], strict=True)])
    for metric, value in (("car_floor", 7.0), ("speed", 1.75), ("door_closed", 1.0), ("passenger_present", 1.0)):
        add_readings(world, "lift-1", metric, [(at, value) for at in times[::60]])


def _boxed(picture: bytes) -> bytes:
    with Image.open(io.BytesIO(picture)) as image:
        draw = ImageDraw.Draw(image)
        width, height = image.size
        draw.rectangle([width * 0.42, height * 0.3, width * 0.6, height * 0.82], outline=(230, 50, 40), width=4)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=85)
    return out.getvalue()


def add_papers(world: World, alert: int, operator: str, regulator: str) -> int:
    """One of each paper beside an alert that was reported on, and a campaign with it; returns the campaign."""
    photo = world.keep(drawn("appeal"))
    people = {"alert": alert, "operator": world.people[operator], "regulator": world.people[regulator], "sha": photo}
    with psycopg.connect(world.dsn) as connection:
        for query in (
            "INSERT INTO alert_transfer (alert_id, authority, person_id)"
            " SELECT %(alert)s, site.authority, %(regulator)s FROM alert"
            " JOIN site ON site.id = alert.site_id WHERE alert.id = %(alert)s",
            "INSERT INTO alert_comment (alert_id, person_id, side, text)"
            " SELECT %(alert)s, %(operator)s, side, 'said' FROM unnest(ARRAY['both', 'operator', 'authority']) AS side",
            "INSERT INTO appeal (alert_id, person_id, text, due) VALUES (%(alert)s, %(operator)s, 'steam', now())",
            "INSERT INTO appeal_photo SELECT id, %(sha)s, 'image/jpeg', 1 FROM appeal WHERE alert_id = %(alert)s",
            "INSERT INTO recheck (rectification_id, alert_id, watch_s, next_look)"
            " SELECT id, alert_id, 60, now() FROM rectification WHERE alert_id = %(alert)s",
            "INSERT INTO recheck_still SELECT id, %(sha)s, 1, now(), %(operator)s FROM rectification"
            " WHERE alert_id = %(alert)s",
            "INSERT INTO audit_draw (alert_id, seed, share, drawn, human) VALUES (%(alert)s, 's', 0.5, 0.7, true)",
            "INSERT INTO review (alert_id, person_id, verdict, reason)"
            " VALUES (%(alert)s, %(regulator)s, 'reject', 'unclear')",
        ):
            connection.execute(query, people)
        row = connection.execute(
            "INSERT INTO campaign (authority, name, goal, begins, ends, filter, person_id)"
            " VALUES ('gz.yx', '夏季专项', '目标', now(), now() + interval '30 days', '{}', %(regulator)s)"
            " RETURNING id",
            people,
        ).fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO campaign_alert (campaign_id, alert_id, by_hand, person_id)"
            " VALUES (%(campaign)s, %(alert)s, true, %(regulator)s)",
            {**people, "campaign": row[0]},
        )
    return int(row[0])


def add_inspection(world: World, site: str, operator: str, regulator: str, alert: int | None) -> dict[str, object]:
    """A plan of a site's, its task with an answer, a photo and a report's key; returns the ids of both."""
    body = files("api").joinpath("checklists/kitchen-daily.toml").read_text(encoding="utf-8")
    listed = Jsonb(msgspec.to_builtins(checklist.parse([body])[0]))
    picture, person = drawn("hand basin"), world.people[operator]
    with psycopg.connect(world.dsn) as connection:
        plan = connection.execute(
            "INSERT INTO inspection_plan (site_id, body, every, starts, person_id) VALUES (%s, %s, 'day', '2026-01-01',"
            " %s) RETURNING id",
            (world.sites[site], listed, world.people[regulator]),
        ).fetchone()
        assert plan is not None
        task = connection.execute(
            "INSERT INTO inspection (site_id, plan_id, body, due) VALUES (%s, %s, %s, now() - interval '1 hour')"
            " RETURNING id",
            (world.sites[site], plan[0], listed),
        ).fetchone()
        assert task is not None
        connection.execute(
            "INSERT INTO inspection_answer (inspection_id, item, value, failed, note, alert_id, person_id, login)"
            " VALUES (%s, 'health', 'no', true, 'one had a fever', %s, %s, %s)",
            (task[0], alert, person, operator),
        )
        connection.execute(
            "INSERT INTO inspection_paper (inspection_id, item, kind, sha256, media_type, size, person_id, login)"
            " VALUES (%s, 'handwash', 'photo', %s, 'image/jpeg', %s, %s, %s)",
            (task[0], world.keep(picture), len(picture), person, operator),
        )
        connection.execute("INSERT INTO report_key VALUES (%s, %s, gen_random_uuid())", (alert, person))
    world.evidence[f"{site} inspection"] = address(picture)
    return {"inspection_id": task[0], "plan_id": plan[0]}


def add_tour(connection: psycopg.Connection[TupleRow], person: int, camera: int) -> dict[str, int]:
    """A regulator's tour with one look at a camera, kept, with a finding, and ended."""
    begun = "INSERT INTO tour (person_id, plan, cameras) VALUES (%s, 'worst', ARRAY[%s]) RETURNING id"
    tour = connection.execute(begun, (person, camera)).fetchone()
    assert tour is not None
    looked = "INSERT INTO tour_look (tour_id, camera_id, captured, digest) VALUES (%s, %s, now(), %s) RETURNING id"
    look = connection.execute(looked, (tour[0], camera, "a" * 64)).fetchone()
    assert look is not None
    connection.execute("INSERT INTO tour_picture (look_id, sha256) VALUES (%s, %s)", (look[0], "a" * 64))
    connection.execute("INSERT INTO tour_finding (look_id, words) VALUES (%s, 'x')", (look[0],))
    connection.execute("INSERT INTO tour_end (tour_id) VALUES (%s)", (tour[0],))
    connection.execute(
        "INSERT INTO camera_list (person_id, name, columns, cameras) VALUES (%s, 'mine', 2, ARRAY[%s])",
        (person, camera),
    )
    return {"tour_id": tour[0], "look_id": look[0]}


def add_public(connection: psycopg.Connection[TupleRow], site: int, person: int) -> tuple[int, int]:
    """A piece of equipment and a complaint with all that belongs to them; the site is published."""
    statements = (
        "INSERT INTO equipment (site_id, code, kind, zh, en) VALUES (%(site)s, 'e1', 'boiler', '锅炉', 'Boiler')",
        "INSERT INTO equipment_record (equipment_id, kind, day, done_by, result, person_id)"
        " SELECT id, 'maintenance', '2026-01-01', 'x', 'passed', %(person)s FROM equipment",
        "INSERT INTO complaint (site_id, topic, words) VALUES (%(site)s, 'trapped', 'help')",
        "INSERT INTO complaint_contact SELECT id, '123' FROM complaint",
        "INSERT INTO complaint_photo SELECT id, repeat('b', 64), 'image/jpeg', 1 FROM complaint",
        "INSERT INTO complaint_answer (complaint_id, person_id, words, closes)"
        " SELECT id, %(person)s, 'x', false FROM complaint",
        "INSERT INTO site_public (site_id, published) VALUES (%(site)s, true)",
        "INSERT INTO site_live_wish (site_id, wanted) VALUES (%(site)s, true)",
        "INSERT INTO public_camera SELECT id FROM camera WHERE site_id = %(site)s",
    )
    for statement in statements:
        connection.execute(statement.encode(), {"site": site, "person": person})
    found = connection.execute("SELECT (SELECT max(id) FROM equipment), (SELECT max(id) FROM complaint)").fetchone()
    assert found is not None
    return int(found[0]), int(found[1])
