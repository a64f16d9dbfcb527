"""Two tenants: every route with an id answers 404 for another's, and the database alone shows nothing of it."""

import re
import time
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from alerts.risk import shipped
from domain.scene import Scene
from tests.console_client import Console, console
from tests.console_world import (
    World,
    add_alert,
    add_inspection,
    add_papers,
    add_public,
    add_readings,
    add_report,
    add_scene,
    add_tour,
    drawn,
    now,
)

TABLES = (
    "site", "device", "camera", "device_event", "transaction", "scene_event", "evidence", "camera_health", "alert",
    "alert_history", "rectification", "rectification_photo", "review", "push", "channel", "reading_latest",
    "device_reading", "device_reading_1m", "device_reading_1h", "device_reading_1d",
    "transaction_1d", "operator", "person", "edge_site", "edge_clock", "unblurred", "edge", "edge_code",
    "camera_revision", "edge_load", "clock", "card", "card_lift", "rescuer", "device_rescuer", "rescue_step",
    "report_key", "inspection_plan", "inspection", "inspection_answer", "inspection_paper",
    "risk_score", "draw", "draw_site", "report", "report_subscription", "evidence_tombstone", "legal_hold",
    "alert_transfer", "alert_comment", "appeal", "appeal_photo", "recheck",
    "recheck_still", "audit_draw", "campaign", "campaign_alert", "scene_precision", "idempotency",
    "rule_preview",
    "role", "api_token", "audit",
    "licence", "camera_list", "tour", "tour_end", "tour_look", "tour_picture", "tour_finding",
    "alert_by_hand", "alert_picture", "conformance_report",
    "equipment", "equipment_standing", "equipment_record", "complaint", "complaint_contact", "complaint_photo",
    "complaint_answer", "site_public", "site_live_wish", "public_camera",
    "webhook", "webhook_event", "webhook_delivery",
)  # fmt: skip


_FORMS = ("report", "appeal", "answers", "{side}")  # REST routes that take a form


def populate(house: Console) -> dict[str, object]:
    """The canteen's things, one of each kind, by the names of the routes' parameters."""
    world = house.world
    event = add_scene(world, "canteen-1-stove", Scene.FIRE_UNATTENDED, "stove", why="w", clip=b"clip" * 100)
    alert = add_alert(
        world, "fire", "fire-unattended", camera="canteen-1-stove", zone="stove", scene_event=event, status="rectified"
    )
    add_report(world, alert, "canteen", "done", [drawn("photo of the report")], timedelta(minutes=1))
    add_readings(world, "cold-1", "air_temp", [(now(), -18.0)])
    with psycopg.connect(world.dsn) as connection:
        connection.execute(
            "INSERT INTO unblurred (person_id, alert_id, purpose, words, since, until)"
            " VALUES (%s, %s, 'appeal', '', now(), now() + interval '1 hour')",
            (world.people["canteen"], alert),
        )
        cursor = connection.execute(
            "INSERT INTO card (site_id, alert_id, colour) SELECT site_id, id, 'red' FROM alert WHERE id = %s"
            " RETURNING id",
            (alert,),
        )
        card = cursor.fetchone()
        equipment, complaint = add_public(connection, world.sites["canteen-1"], world.people["yuexiu"])
        channel = connection.execute(
            "INSERT INTO channel (operator_id, kind, person_id, url, secret) SELECT operator_id, 'webpush', id,"
            " 'https://push.example/1', 's' FROM person WHERE login = 'canteen' RETURNING id"
        ).fetchone()
        assert channel is not None
        push = connection.execute(
            "INSERT INTO push (channel_id, about, reason) VALUES (%s, %s, 'test') RETURNING id::text",
            (channel[0], channel[0]),
        ).fetchone()
        assert push is not None
        preview = connection.execute(
            "INSERT INTO rule_preview (person_id, authority, body, begins, ends)"
            " SELECT %s, 'gz.yx', body, now(), now() FROM rule WHERE code = 'pest' RETURNING id",
            (world.people["yuexiu"],),
        ).fetchone()
        assert preview is not None
        connection.execute(
            "INSERT INTO role (authority, zh, en, base, permissions) VALUES ('gz.yx', '值', 'Duty', 'admin', '{}')"
        )
        token, session = (
            connection.execute(query, (world.people["canteen"],)).fetchone()
            for query in (
                "INSERT INTO api_token (person_id, sha256, name, scopes, expires)"
                " VALUES (%s, 'x', 't', '{}', now() + interval '1 day') RETURNING id",
                "INSERT INTO session (token_sha256, person_id, expires)"
                " VALUES ('y', %s, now() + interval '1 day') RETURNING id",
            )
        )
        assert token is not None
        assert session is not None
        connection.execute("INSERT INTO audit (person_id, action) VALUES (%s, 'login')", (world.people["canteen"],))
        of_tour = add_tour(connection, world.people["yuexiu"], world.cameras["canteen-1-stove"])
        licence = connection.execute(
            "INSERT INTO licence (site_id, kind, number, valid_until) VALUES (%s, 'food', 'JY1', now()) RETURNING id",
            (world.sites["canteen-1"],),
        ).fetchone()
        view = connection.execute(
            "INSERT INTO saved_view (person_id, name, query) VALUES (%s, 'v', 'tab=open') RETURNING id",
            (world.people["canteen"],),
        ).fetchone()
        assert view is not None
        webhook = connection.execute(
            "WITH hook AS (INSERT INTO webhook (operator_id, name, url, secret, kinds, person_id)"
            " SELECT operator_id, 'n',"
            " 'https://h.example', 's', '{alert.opened}', id FROM person WHERE login = 'canteen' RETURNING id),"
            " event AS (INSERT INTO webhook_event (kind, subject, data, webhook_id, spread)"
            "  SELECT 'webhook.ping', 'webhooks/1', '{}', id, true FROM hook RETURNING id, webhook_id)"
            " INSERT INTO webhook_delivery (webhook_id, event_id) SELECT webhook_id, id FROM event"
            " RETURNING webhook_id, id"
        ).fetchone()
        assert webhook is not None
    campaign = add_papers(world, alert, "canteen", "yuexiu")
    return {
        **of_tour,
        "licence_id": 0 if licence is None else licence[0],
        "name": "nobody's",
        "equipment_id": equipment,
        "complaint_id": complaint,
        "saved_id": view[0],
        "card_id": 0 if card is None else card[0],
        **_oversight(world, alert),
        **add_inspection(world, "canteen-1", "canteen", "yuexiu", alert),
        "place": 0,
        "item": "health",
        "finding_id": of_tour["look_id"],
        "side": "operator",
        "alert_id": alert,
        "campaign_id": campaign,
        "site_id": world.sites["canteen-1"],
        "camera_id": world.cameras["canteen-1-stove"],
        "sha256": world.evidence["canteen-1-stove frame"],
        "view_id": "a" * 32,
        "preview_id": preview[0],
        "token_id": token[0],
        "session_id": session[0],
        "edge_id": world.edges["edge-yx"],
        "channel_id": channel[0],
        "push_id": push[0],
        "webhook_id": webhook[0],
        "delivery_id": webhook[1],
    }


def _oversight(world: World, alert: int) -> dict[str, object]:
    """Scores, a draw, a report, a hold and a tombstone of the canteen's."""
    site, stone = world.sites["canteen-1"], world.evidence["canteen-1-stove frame"]
    with psycopg.connect(world.dsn) as connection:
        connection.execute("INSERT INTO risk_weights VALUES (1, %s)", (Jsonb(msgspec.to_builtins(shipped())),))
        connection.execute("INSERT INTO risk_day VALUES ('2026-11-25', now(), 1, 1)")
        connection.execute(
            "INSERT INTO risk_score VALUES (%s, 0, '2026-11-25', 50, array_fill(1.0, ARRAY[9]))", (site,)
        )
        draw = connection.execute(
            "INSERT INTO draw (authority, body, sha256) VALUES ('gz.yx', '{}', repeat('0', 64)) RETURNING id"
        ).fetchone()
        connection.execute("INSERT INTO draw_site VALUES (%s, %s, now())", (draw and draw[0], site))
        report = connection.execute(
            "INSERT INTO report (span, begin_at, end_at, closed, authority, body, sha256)"
            " VALUES ('day', now(), now(), now(), 'gz.yx', '{}', repeat('0', 64)) RETURNING id"
        ).fetchone()
        subscription = connection.execute(
            "INSERT INTO report_subscription (channel_id, span, authority, person_id)"
            " SELECT id, 'day', authority, %s FROM channel WHERE authority = 'gz.yx' RETURNING id",
            (world.people["yuexiu"],),
        ).fetchone()
        hold = connection.execute(
            "INSERT INTO legal_hold (alert_id, person_id, why) VALUES (%s, %s, 'w') RETURNING id",
            (alert, world.people["yuexiu"]),
        ).fetchone()
        connection.execute("INSERT INTO evidence_tombstone VALUES (%s, 1, 3, 180, now(), now(), now(), true)", (stone,))
    assert draw is not None
    assert report is not None
    assert hold is not None
    assert subscription is not None
    return {"draw_id": draw[0], "report_id": report[0], "hold_id": hold[0], "subscription_id": subscription[0]}


def _body(path: str) -> dict[str, object] | None:
    """What a route that takes JSON takes; None where it takes a form, or nothing."""
    camera = {"zh": "摄像机", "en": "Camera", "zones": [], "version": 1}
    source = {"address": "rtsp://192.0.2.9/1"}
    bodies: dict[str, dict[str, object]] = {
        "/api/v1/cameras/{camera_id}/settings": camera,
        "/api/v1/cameras/{camera_id}/restore": {"version": 1, "to": 1},
        "/api/v1/cameras/{camera_id}/view": {"version": 1},
        "/api/v1/sites/{site_id}/cameras": {**camera, "version": None, "code": "new", "edge_id": 1, "source": source},
        "/api/v1/channels/{channel_id}": {"name": "x"},
        "/api/v1/webhooks/{webhook_id}": {"name": "x"},
        "/api/v1/equipment/{equipment_id}/records": {"kind": "maintenance", "day": "2026-01-01", "done_by": "x"},
        "/api/v1/complaints/{complaint_id}/answer": {"words": "x"},
        "/api/v1/sites/{site_id}/public": {"published": True},
        "/api/v1/sites/{site_id}/public/live": {"wanted": True},
        "/api/v1/sites/{site_id}/edges": {"code": "new", "zh": "新", "en": "New"},
        "/api/v1/sites/{site_id}/place": {"longitude": 1.0, "latitude": 1.0},
        "/api/v1/sites/{site_id}/licences": {"kind": "food", "number": "1", "valid_until": "2030-01-01"},
        "/api/v1/tours/{tour_id}/looks/{look_id}/findings": {"words": "x"},
        "/api/v1/tours/{tour_id}/findings/{finding_id}/alert": {"severity": 2},
        "/api/v1/inspections/{inspection_id}/items/{item}/alert": {"severity": 2},
        "/api/v1/alerts/{alert_id}/hold": {"why": "x"},
        "/api/v1/sites/{site_id}/hold": {"why": "x"},
        "/api/v1/holds/{hold_id}/lift": {"why": "x"},
        "/api/v1/equipment/{equipment_id}/firm": {"firm": None},
        "/api/v1/sites/{site_id}/devices": {"code": "new", "zh": "新", "en": "New", "profile": "cold-store"},
    }
    bodies |= {
        "/api/v1/alerts/{alert_id}/assign": {"version": 1, "person": None},
        "/api/v1/alerts/{alert_id}/transfer": {"version": 1, "reason": "x", "authority": "gz"},
        "/api/v1/alerts/{alert_id}/supervise": {"version": 1, "reason": "x", "until": "2099-01-01T00:00:00Z"},
        "/api/v1/campaigns/{campaign_id}/alerts": {"alerts": [1]},
    }
    return bodies.get(path, {"version": 1, "reason": "x"} if path.startswith("/api/") else None)


def routes(house: Console) -> list[tuple[str, str]]:
    """Every documented operation with an id, but for the edges' and the admins' own, and rules, which are the
    installation's; and the pages.
    """
    documented = [
        (verb.upper(), path)
        for path, verbs in house.app.openapi()["paths"].items()
        for verb in verbs
        if "{" in path
        and not (verb == "put" and path.endswith("/{name}"))  # whose name is the person's own to choose
        and not path.startswith(("/edge/", "/api/v1/dead-letters/", "/api/v1/vendors/", "/api/v1/profiles/"))
        and not path.startswith("/api/v1/rules/{code}")
        and not path.startswith(("/api/v1/people/", "/api/v1/roles/"))  # the managers' own: see test_console_people
        and not path.startswith(("/api/v1/supply/", "/api/v1/upkeep/"))  # outsiders' own: see test_outsiders
        and "{table}" not in path  # a kind, no id: one's own rows of it (test_extracts)
    ]
    pages = [("GET", "/alerts/{alert_id}"), ("POST", "/alerts/{alert_id}/acknowledge"), ("GET", "/sites/{site_id}"),
             ("GET", "/devices/{device_id}"), ("GET", "/devices/{device_id}/readings"),
             ("POST", "/alerts/{alert_id}/report"), ("POST", "/alerts/{alert_id}/dismiss"),
             ("POST", "/alerts/{alert_id}/unblurred"), ("POST", "/alerts/{alert_id}/appeal"),
             ("POST", "/alerts/{alert_id}/still"), ("POST", "/alerts/{alert_id}/transfer"),
             ("GET", "/campaigns/{campaign_id}"), ("POST", "/campaigns/{campaign_id}/alerts"),
             ("GET", "/cameras/{camera_id}/settings"), ("GET", "/cameras/{camera_id}/history"),
             ("POST", "/cameras/{camera_id}/restore"), ("POST", "/cameras/{camera_id}/view"),
             ("POST", "/cameras/{camera_id}/remove"), ("GET", "/sites/{site_id}/cameras/new"),
             ("GET", "/sites/{site_id}/edges/new"), ("POST", "/sites/{site_id}/edges"), ("GET", "/edges/{edge_id}"),
             ("POST", "/sites/{site_id}/cards/{card_id}/lift"),
             ("POST", "/me/tokens/{token_id}/revoke"), ("POST", "/me/sessions/{session_id}/end"),
             ("POST", "/equipment/{equipment_id}/firm"),
             ("GET", "/equipment/{equipment_id}"), ("GET", "/equipment/{equipment_id}/edit"),
             ("POST", "/equipment/{equipment_id}/records"), ("POST", "/equipment/{equipment_id}/remove"),
             ("POST", "/complaints/{complaint_id}/answer"), ("GET", "/sites/{site_id}/public"),
             ("POST", "/sites/{site_id}/public"), ("POST", "/sites/{site_id}/public/live"),
             ("POST", "/edges/{edge_id}/code"), ("POST", "/edges/{edge_id}/revoke"),
             ("GET", "/sites/{site_id}/devices/new"), ("POST", "/sites/{site_id}/devices"),
             ("GET", "/draws/{draw_id}"), ("GET", "/reports/{report_id}"), ("GET", "/reports/{report_id}/workbook"),
             ("GET", "/reports/{report_id}/pdf"), ("POST", "/reports/subscriptions/{subscription_id}/end"),
             ("POST", "/alerts/{alert_id}/hold"), ("POST", "/sites/{site_id}/hold"),
             ("POST", "/holds/{hold_id}/lift"),
             ("GET", "/alerts/{alert_id}/guide"), ("POST", "/alerts/{alert_id}/guide"),
             ("GET", "/inspections/{inspection_id}"), ("GET", "/inspections/{inspection_id}/steps/{place}"),
             ("POST", "/inspections/{inspection_id}/steps/{place}/report"),
             ("POST", "/inspections/{inspection_id}/sign/{side}/report"),
             ("POST", "/inspections/plans/{plan_id}/end"),
             ("POST", "/views/{saved_id}/drop"),
             ("POST", "/channels/{channel_id}"), ("POST", "/channels/{channel_id}/test"),
             ("POST", "/channels/{channel_id}/remove"),
             ("GET", "/webhooks/{webhook_id}"), ("POST", "/webhooks/{webhook_id}/remove"),
             ("POST", "/webhooks/{webhook_id}/secret"), ("POST", "/webhooks/{webhook_id}/ping"),
             ("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver"),
             ("POST", "/sites/{site_id}/place"), ("POST", "/sites/{site_id}/licences"),
             ("POST", "/sites/{site_id}/licences/{licence_id}/strike"),
             ("POST", "/tours/{tour_id}/findings/{look_id}/alert"),
             ("POST", "/inspections/{inspection_id}/items/health/alert"),
             ("GET", "/tours/{tour_id}"), ("POST", "/tours/{tour_id}/end"),
             ("POST", "/devices/{device_id}/credential"), ("POST", "/devices/{device_id}/revoke")]  # fmt: skip
    return documented + pages


async def test_every_id_of_another_tenant_is_not_there(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        ids = populate(house)
        known = routes(house)
        assert len(known) > 40
        for stranger in ("market", "tianhe", "cold"):
            # The cold store is the stranger's own where the stranger is its operator: take the canteen's there.
            foreign = {**ids, "device_id": house.world.devices["scale-1" if stranger == "cold" else "cold-1"]}
            async with house.as_(stranger) as client:
                for verb, path in known:
                    address = re.sub(r"{(\w+)}", lambda found: str(foreign[found.group(1)]), path)  # noqa: B023
                    form = {"version": "1", "reason": "x", "to": "1", "code": "new", "zh": "z", "en": "e"}
                    if (
                        verb in ("POST", "PUT", "PATCH")
                        and path.startswith("/api/")
                        and path.split("/")[-1] not in _FORMS
                    ):
                        answer = await client.request(verb, address, json=_body(path))
                    else:
                        query = {"metric": "air_temp"} if path.endswith("/series") else {"version": "1"}
                        answer = await client.request(
                            verb, address, params=query, data=form if verb == "POST" else None
                        )
                    assert answer.status_code == 404, (stranger, verb, address, answer.text[:200])
                for listed in ("/api/v1/alerts", "/api/v1/cameras", "/api/v1/sites", "/inspections", "/home"):
                    assert "canteen" not in (await client.get(listed)).text
        async with house.as_("canteen") as client:  # and the owner sees them
            for path in (
                f"/api/v1/alerts/{ids['alert_id']}",
                f"/api/v1/evidence/{house.world.evidence['canteen-1-stove frame_redacted']}",
                f"/alerts/{ids['alert_id']}",
            ):
                assert (await client.get(path)).status_code == 200


async def test_row_security_alone_shows_a_stranger_nothing(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        populate(house)
        with psycopg.connect(dsn) as connection:
            connection.execute("SET ROLE mingchu_api")
            for table in TABLES:
                count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
                connection.execute("RESET mingchu.authority")
                assert connection.execute(count).fetchone() == (0,), f"{table} without a scope"
                connection.execute("SELECT set_config('mingchu.authority', 'gz.th.other', false)")
                assert connection.execute(count).fetchone() == (0,), f"{table} of another authority"


async def test_nobody_and_wrong_roles(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        ids = populate(house)
        async with house.visitor() as client:
            for verb, path in routes(house):
                address = re.sub(r"{(\w+)}", "1", path)
                answer = await client.request(verb, address, json=_body(path) if verb in ("POST", "PUT") else None)
                wanted = 401 if path.startswith("/api/") else 303
                assert answer.status_code in (wanted, 422) if verb == "POST" else answer.status_code == wanted, path
        async with house.as_("canteen") as client:
            assert (await client.get("/api/v1/operations")).status_code == 403
            assert (await client.get("/operations")).status_code == 403
            answer = await client.post(f"/api/v1/alerts/{ids['alert_id']}/dismiss", json={"version": 2, "reason": "x"})
            assert (answer.status_code, answer.json()["code"]) == (403, "wrong-role")
        async with house.as_("admin") as client:
            found = (await client.get("/api/v1/operations")).json()
            assert [edge["code"] for edge in found["edges"]] == ["edge-th", "edge-yx"]
            assert (await client.get("/operations")).status_code == 200


async def test_an_edges_clock_is_shown_to_the_regulator_and_to_nobody_else(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        ids = populate(house)
        with psycopg.connect(dsn, autocommit=True) as connection:
            for seconds, offset in ((60, 12), (1, -5000)):
                connection.execute(
                    "INSERT INTO edge_clock (edge_id, at, offset_ms, rtt_ms, received)"
                    " SELECT id, now() + make_interval(secs => %s), %s, 3, now() - make_interval(secs => %s) FROM edge"
                    " WHERE code = 'edge-yx'",
                    (seconds, offset, seconds),
                )
            connection.execute("UPDATE edge SET shed = 17, shed_at = now() WHERE code = 'edge-yx'")
        async with house.as_("admin") as client:
            edges = {edge["code"]: edge for edge in (await client.get("/api/v1/operations")).json()["edges"]}
            assert edges["edge-th"]["clock"] is None
            clock = edges["edge-yx"]["clock"]
            assert (clock["ahead_ms"], clock["rtt_ms"], clock["wrong"]) == (-5000, 3, True)
            assert edges["edge-yx"]["shed"] == 17
            page = (await client.get(f"/sites/{ids['site_id']}")).text
            assert "时钟慢 5.0 秒" in page
            assert "舍弃 17 条" in page
            assert "天河边缘节点" not in page
        async with house.as_("canteen") as client:
            assert "时钟慢" not in (await client.get(f"/sites/{ids['site_id']}")).text


async def test_an_edge_that_does_less_says_so_and_patrolled_cameras_are_marked(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        ids = populate(house)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO edge_load SELECT id, now(), 5, 4, 0.5, 500, 2, 31 FROM edge WHERE code = 'edge-yx'"
            )
            connection.execute("UPDATE camera SET mode = 'patrol', weight = 3 WHERE code = 'canteen-1-stove'")
        async with house.as_("admin") as client:
            found = (await client.get("/api/v1/operations")).json()
            edges = {edge["code"]: edge for edge in found["edges"]}
            assert [(edges[code]["step"], edges[code]["periods"]) for code in ("edge-yx", "edge-th")] == [
                (5, 4),
                (0, 1),
            ]
            modes = {camera["code"]: (camera["mode"], camera["weight"]) for camera in found["cameras"]}
            assert modes["canteen-1-stove"] == ("patrol", 3)
            page = (await client.get("/operations")).text
            assert "巡查周期 × 4 · 疑似画面取样 50%" in page
            assert "巡查 500 路，漏查 31 次" in page
            assert "巡查 × 3" in (await client.get(f"/sites/{ids['site_id']}")).text


async def test_edges_may_ask_for_the_time_without_a_login(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as client:
        now = (await client.get("/edge/time")).json()
    assert now["received"] <= now["answered"]
    assert abs(time.time() * 1e6 - now["answered"]) < 60e6


async def test_camera_addresses_and_keys_of_channels_stay_inside(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        ids = populate(house)
        async with house.as_("admin") as client:
            for path in ("/api/v1/operations", "/operations", "/api/v1/cameras", f"/alerts/{ids['alert_id']}",
                         f"/api/v1/alerts/{ids['alert_id']}", f"/sites/{ids['site_id']}"):  # fmt: skip
                answer = await client.get(path)
                assert answer.status_code == 200
                assert "marker" not in answer.text, path
                assert "rtsp:" not in answer.text, path


async def test_names_are_shown_as_text(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        evil = "<script>alert(1)</script>"
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE site SET zh = %(evil)s, en = %(evil)s", {"evil": evil})
            connection.execute("UPDATE device SET zh = %(evil)s", {"evil": evil})
        alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1", why=evil)
        async with house.as_("cold") as client:
            for path in ("/", "/sites", f"/alerts/{alert}", f"/devices/{house.world.devices['cold-1']}"):
                page = await client.get(path)
                assert page.status_code == 200
                assert evil not in page.text
                assert "&lt;script&gt;" in page.text
