"""Faces: nobody is served an original without a stated purpose, by no route; grants end, and all is written down."""

import io
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image

from alerts import message
from domain.purpose import GRANTED, purposes
from domain.scene import Scene
from domain.wire import LivePicture, LiveReply, LiveRequest
from store import dispatch
from store.connection import connect
from tests.console_client import Console, console, state_purpose
from tests.console_world import add_alert, add_report, add_scene, drawn

# Every documented route that serves pictures, clips or a camera's stream. A new one is named here and obeys the tests.
_SERVING = {
    ("get", "/api/v1/evidence/{sha256}"),
    ("get", "/api/v1/evidence/{sha256}/thumbnail"),
    ("get", "/api/v1/alerts/{alert_id}/export"),
    ("get", "/api/v1/cameras/{camera_id}/still"),
    ("post", "/api/v1/tours/{tour_id}/cameras/{camera_id}/look"),
    ("post", "/api/v1/cameras/{camera_id}/whep"),
    ("get", "/edge/models/{sha256}"),  # packs of models, to edges only
}
_MEDIA = re.compile(r"image/|video/|application/(sdp|zip)")
CLIP = b"the clip itself" * 40


def red() -> bytes:
    """An original as no redacted picture looks: red all over."""
    out = io.BytesIO()
    Image.new("RGB", (640, 360), (220, 20, 20)).save(out, "JPEG")
    return out.getvalue()


def is_original(data: bytes) -> bool:
    if CLIP[:20] in data:
        return True
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(is_original(archive.read(name)) for name in archive.namelist())
    try:
        with Image.open(io.BytesIO(data)) as image:
            red_, green, blue = image.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    except OSError:
        return False
    return bool(red_ > 180 and green < 60 and blue < 60)


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Place:
    """The console with one alert whose originals are red; its evidence by kind."""

    house: Console
    alert: int
    clock: Clock
    evidence: dict[str, str]

    @property
    def path(self) -> str:
        return f"/api/v1/alerts/{self.alert}"


def place(house: Console, camera: str = "canteen-1-stove") -> Place:
    world = house.world
    event = add_scene(
        world, camera, Scene.FIRE_UNATTENDED, "stove", why="w", frame=red(), boxed=red() + b"\0", clip=CLIP
    )
    with psycopg.connect(world.dsn) as connection:  # redacted pictures that look like none of the originals
        for kind in ("frame", "boxed"):
            hidden = world.keep(drawn(f"hidden {kind}"))
            connection.execute(
                "UPDATE evidence SET sha256 = %s WHERE scene_event_id = %s AND kind = %s",
                (hidden, event, f"{kind}_redacted"),
            )
            world.evidence[f"{camera} {kind}_redacted"] = hidden
    alert = add_alert(world, camera, "fire-unattended", camera=camera, scene_event=event, status="rectified")
    clock = Clock(datetime.now(UTC))
    house.app.state.desk = replace(house.app.state.desk, clock=clock)
    kinds = ("frame", "boxed", "clip", "frame_redacted", "boxed_redacted", "storyboard")
    return Place(house, alert, clock, {kind: world.evidence[f"{camera} {kind}"] for kind in kinds})


def audited(dsn: str, *actions: str) -> list[tuple[str, dict[str, object]]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT action, detail FROM audit WHERE action = ANY(%s) ORDER BY id", (list(actions),)
        ).fetchall()
    return [(str(action), detail) for action, detail in rows]


def test_only_two_places_of_the_api_open_the_vault() -> None:
    opening = {
        path.name
        for path in Path("api").glob("*.py")
        if re.search(r"vault\.(path|read)\(|FileResponse\(", path.read_text(encoding="utf-8"))
    }
    assert opening == {"rest_evidence.py", "export.py", "edge_models.py"}  # the last: packs of models, no pictures


async def test_every_route_that_serves_pictures_is_known(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        serving = {
            (verb, path)
            for path, verbs in house.app.openapi()["paths"].items()
            for verb, operation in verbs.items()
            if any(
                _MEDIA.match(media) for answer in operation["responses"].values() for media in answer.get("content", {})
            )
        }
        assert serving == _SERVING


@pytest.mark.parametrize("login", ["canteen", "yuexiu", "admin"])
async def test_without_a_purpose_no_route_gives_an_original_away(dsn: str, tmp_path: Path, login: str) -> None:
    async with console(dsn, tmp_path) as house, house.as_(login) as client:
        here, world = place(house), house.world
        add_report(world, here.alert, "canteen", "done", [drawn("photo")], timedelta(minutes=1))
        ids: dict[str, list[object]] = {
            "alert_id": [here.alert],
            "site_id": [world.sites["canteen-1"]],
            "camera_id": [world.cameras["canteen-1-stove"]],
            "device_id": [world.devices["cold-1"]],
            "sha256": list(here.evidence.values()),
            "view_id": ["a" * 32],
        }
        getting = [path for path, verbs in house.app.openapi()["paths"].items() if "get" in verbs]
        pages = ["/", "/queue", "/sites", "/sites/{site_id}", "/alerts/{alert_id}"]
        refused = 0
        for path in (*getting, *pages):
            if path == "/api/v1/events" or path.startswith("/edge/"):
                continue
            names = re.findall(r"{(\w+)}", path)
            for value in ids.get(names[0], [1]) if names else [0]:
                answer = await client.get(re.sub(r"{\w+}", str(value), path))
                assert not is_original(answer.content), path
                refused += answer.status_code == 403
                if path in pages:
                    for kind in ("frame", "boxed", "clip"):
                        assert here.evidence[kind] not in answer.text, path
        assert refused >= 6  # three originals, whole and as thumbnails
        for kind in ("frame_redacted", "boxed_redacted", "storyboard"):
            assert (await client.get(f"/api/v1/evidence/{here.evidence[kind]}")).status_code == 200
        answer = await client.get(f"/api/v1/evidence/{here.evidence['frame']}", headers={"if-none-match": "*"})
        assert answer.status_code == 403
        answer = await client.post(f"/api/v1/cameras/{ids['camera_id'][0]}/ticket")
        wanted = "unblurred" if login == "admin" else "purpose_needed"
        assert (answer.status_code, answer.json()["code"]) == (403, wanted)


async def test_a_purpose_opens_that_alert_for_that_person_for_half_an_hour(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client, house.as_("canteen") as other:
        here = place(house)
        original = f"/api/v1/evidence/{here.evidence['frame']}"
        answer = await client.post(f"{here.path}/unblurred", json={"purpose": "complaint", "words": " 群众\n举报 "})
        assert answer.status_code == 201
        assert datetime.fromisoformat(answer.json()["until"]) == here.clock.now + GRANTED

        seen = await client.get(original)
        assert (seen.status_code, seen.headers["cache-control"]) == (200, "private, no-store")
        assert is_original(seen.content)
        assert is_original((await client.get(f"{original}/thumbnail")).content)
        assert (await client.get(f"/api/v1/evidence/{here.evidence['clip']}")).content == CLIP
        assert (await other.get(original)).status_code == 403  # another person of the same alert

        here.clock.now += GRANTED - timedelta(seconds=1)
        assert (await client.get(original)).status_code == 200
        here.clock.now += timedelta(seconds=1)
        assert (await client.get(original, headers={"if-none-match": f'"{here.evidence["frame"]}"'})).status_code == 403
        assert (await client.get(f"{original}/thumbnail")).status_code == 403

    ((_, said),) = audited(dsn, "unblurred_granted")
    assert (said["purpose"], said["words"], said["alert"], said["right"]) == (
        "complaint", "群众 举报", here.alert, "evidence.unblurred",
    )  # fmt: skip
    looks = [detail for _, detail in audited(dsn, "evidence_unblurred")]
    assert [look["range"] for look in looks] == ["", "thumbnail", "", ""]
    assert {(look["grant"], look["purpose"]) for look in looks} == {(said["grant"], "complaint")}


async def test_a_grant_covers_no_other_alert_and_no_camera(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as client:
        here, there = place(house), place(house, "canteen-1-prep")
        camera = f"/api/v1/cameras/{house.world.cameras['canteen-1-stove']}"
        with psycopg.connect(dsn) as connection:  # the two alerts' originals are not the same bytes
            other = house.world.keep(red() + b"\1")
            connection.execute(
                "UPDATE evidence SET sha256 = %s WHERE kind = 'frame' AND scene_event_id ="
                " (SELECT scene_event_id FROM alert WHERE id = %s)",
                (other, there.alert),
            )
        await state_purpose(client, here.path)
        assert (await client.get(f"/api/v1/evidence/{here.evidence['frame']}")).status_code == 200
        assert (await client.get(f"/api/v1/evidence/{other}")).status_code == 403
        assert (await client.post(f"{camera}/ticket")).status_code == 403
        await state_purpose(client, camera)
        ticket = await client.post(f"{camera}/ticket")
        assert ticket.status_code == 201
        assert datetime.fromisoformat(ticket.json()["until"]) == there.clock.now + GRANTED
        there.clock.now += GRANTED
        assert (await client.post(f"{camera}/ticket")).status_code == 403


async def test_what_is_no_purpose_is_refused_in_a_sentence(dsn: str, tmp_path: Path) -> None:
    async def refused(client: httpx.AsyncClient, path: str, purpose: str, words: str = "") -> tuple[int, str]:
        answer = await client.post(f"{path}/unblurred", json={"purpose": purpose, "words": words})
        assert answer.json()["detail"]
        return answer.status_code, str(answer.json()["code"])

    async with console(dsn, tmp_path) as house:
        here = place(house)
        camera = f"/api/v1/cameras/{house.world.cameras['canteen-1-stove']}"
        for login in ("canteen", "yuexiu", "admin"):
            async with house.as_(login) as client:
                listed = [one["code"] for one in (await client.get("/api/v1/purposes")).json()]
                assert listed == [purpose.value for purpose in purposes(login_role(house, login))]
                for path in (here.path, camera):
                    if login == "admin":
                        assert await refused(client, path, "review") == (403, "role")
                        continue
                    assert await refused(client, path, "") == (422, "purpose")
                    assert await refused(client, path, "review" if login == "canteen" else "appeal") == (422, "purpose")
                    assert await refused(client, path, "other", " \n ") == (422, "purpose_words")
    assert audited(dsn, "unblurred_granted", "evidence_unblurred") == []


def login_role(house: Console, login: str):  # type: ignore[no-untyped-def]
    from domain.alert import Role

    with psycopg.connect(house.world.dsn) as connection:
        row = connection.execute("SELECT role FROM person WHERE login = %s", (login,)).fetchone()
    assert row is not None
    return Role(row[0])


async def test_two_tenants_and_two_grants(dsn: str, tmp_path: Path) -> None:
    """A purpose stated for one's own alert opens nothing of another's, though the bytes were the same."""
    async with console(dsn, tmp_path) as house, house.as_("market") as stranger:
        here = place(house)
        own = place(house, "market-1-gate")  # the same red picture
        assert own.evidence["frame"] == here.evidence["frame"]
        await state_purpose(stranger, own.path)
        assert (await stranger.post(f"{here.path}/unblurred", json={"purpose": "safety"})).status_code == 404
        assert (await stranger.get(f"/api/v1/evidence/{own.evidence['frame']}")).status_code == 200
        assert (await stranger.get(f"/api/v1/evidence/{here.evidence['frame_redacted']}")).status_code in (200, 404)
        async with house.as_("canteen") as client:
            assert (await client.get(f"/api/v1/evidence/{here.evidence['frame']}")).status_code == 403
    with psycopg.connect(dsn) as connection:  # the database alone shows a person only his own
        connection.execute("SET ROLE mingchu_api")
        connection.execute("SELECT set_config('mingchu.authority', 'gz', false)")
        for person, wanted in (("market", 1), ("canteen", 0)):
            connection.execute(
                "SELECT set_config('mingchu.person', %s, false), set_config('mingchu.faces', 'on', false)",
                (str(house.world.people[person]),),
            )
            assert connection.execute("SELECT count(*) FROM unblurred").fetchone() == (wanted,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE unblurred SET until = now() + interval '1 year'")


async def test_the_page_asks_for_a_purpose_and_says_so_while_it_lasts(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        here = place(house)
        page = f"/alerts/{here.alert}"
        before = (await client.get(page)).text
        assert here.evidence["boxed_redacted"] in before
        assert "data-unblur>" in before
        assert "data-until" not in before
        with psycopg.connect(house.world.dsn) as connection:  # a device's alert that the scene bears out shows it too
            seen = connection.execute("SELECT scene_event_id::text FROM alert WHERE id = %s", (here.alert,)).fetchone()
        gas = add_alert(
            house.world, "gas", "kitchen-stove-unattended", device="cold-1", scene_event=str((seen or "?")[0])
        )
        beside = (await client.get(f"/alerts/{gas}")).text
        assert (here.evidence["boxed_redacted"] in beside, here.evidence["boxed"] in beside) == (True, False)
        refused = await client.post(f"{page}/unblurred", data={"purpose": "other"})
        assert refused.status_code == 422
        assert "data-open" in refused.text
        told = await client.post(f"{page}/unblurred", data={"purpose": "review"})
        assert (told.status_code, told.headers["location"]) == (303, page)
        after = (await client.get(page)).text
        assert here.evidence["boxed"] in after
        assert here.evidence["clip"] in after
        assert here.evidence["boxed_redacted"] not in after
        assert "data-until" in after
        here.clock.now += GRANTED
        assert here.evidence["boxed_redacted"] in (await client.get(page)).text
        async with house.as_("admin") as keeper:
            assert "data-unblur>" not in (await keeper.get(page)).text


async def test_a_push_names_the_redacted_picture(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        here = place(house)
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO push (alert_id, channel_id, reason) SELECT %s, min(id), 'raised' FROM channel",
                (here.alert,),
            )
        connection_ = await connect(dsn, autocommit=True)
        try:
            (channel,) = await dispatch.due(connection_, [], 5)
            sent = [(one.id, [one.id]) for one in channel.waiting]
            (due,) = await dispatch.take(connection_, [dispatch.Taken(channel.id, sent, channel.budget, None)], 60.0)
        finally:
            await connection_.close()
    assert due.picture == here.evidence["boxed_redacted"]
    assert message.compose([due], "https://c", b"key").evidence_url == f"https://c/api/v1/evidence/{due.picture}"


async def test_evidence_of_before_is_shown_to_nobody_without_a_purpose(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        here = place(house)
        with psycopg.connect(dsn) as connection:
            connection.execute("DELETE FROM evidence WHERE kind LIKE '%redacted' OR kind = 'storyboard'")
        assert (await client.get(here.path)).json()["picture"] is None
        for page in ("/", f"/sites/{house.world.sites['canteen-1']}"):
            assert "/api/v1/evidence/" not in (await client.get(page)).text
        page = (await client.get(f"/alerts/{here.alert}")).text
        assert "没有可以公开查看的遮挡画面" in page
        assert "/api/v1/evidence/" not in page
        await state_purpose(client, here.path)
        assert here.evidence["boxed"] in (await client.get(f"/alerts/{here.alert}")).text


class OldEdge:
    """The line to an edge of before redaction: it sends its picture as it is, and cannot say so."""

    async def ask(self, edge: str, request: LiveRequest, patience_s: float) -> LiveReply:
        return LivePicture(request.id, datetime.now(UTC), red())


async def test_the_picture_of_an_edge_that_hides_nothing_is_not_passed_on(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as client:
        house.app.state.desk = replace(house.app.state.desk, line=OldEdge())
        camera = f"/api/v1/cameras/{house.world.cameras['canteen-1-stove']}"
        answer = await client.get(f"{camera}/still")
        assert (answer.status_code, answer.json()["code"]) == (503, "live_old")
        await state_purpose(client, camera)
        assert is_original((await client.get(f"{camera}/still")).content)
