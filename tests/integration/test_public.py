"""The public's pages: what they show and what they do not, complaints and their bounds, badges by looks."""

import asyncio
import dataclasses
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image

from api.edge_line import EdgeLine, EdgeSilentError
from domain.wire import LiveLook, LivePicture, LiveRefusal, LiveRefused, LiveReply, LiveRequest
from tests.alert_world import count
from tests.console_client import Console, console
from tests.console_world import add_alert, drawn, now

EVIL = "<script>alert(1)</script>"
LIFT = {
    "site": "tower",
    "code": "3110-1",
    "kind": "elevator",
    "zh": "1 号客梯",
    "en": "Lift 1",
    "device": "lift-1",
    "maintainer": "维保公司",
    "registration": "梯11粤A1",
    "use_unit": "不公开的单位",
    "next_inspection": "2020-01-01",
}


class Line(EdgeLine):
    """A line to an edge that answers as the test says; `asked` counts."""

    def __init__(self, reply: Callable[[LiveLook], LiveReply | None]) -> None:
        super().__init__(None)
        self.reply, self.asked = reply, 0

    async def ask(self, edge: str, request: LiveRequest, patience_s: float) -> LiveReply:
        assert isinstance(request, LiveLook)
        assert request.redacted
        self.asked += 1
        await asyncio.sleep(0.01)
        found = self.reply(request)
        if found is None:
            raise EdgeSilentError
        return found


def picture(*, redacted: bool = True, age: timedelta = timedelta(0)) -> Callable[[LiveLook], LiveReply]:
    return lambda look: LivePicture(look.id, now() - age, drawn("kitchen"), redacted)


def put(house: Console, **parts: object) -> None:
    house.app.state.desk = dataclasses.replace(house.app.state.desk, **parts)


async def lift(house: Console, **other: str) -> str:
    """A lift's public page."""
    async with house.as_("yuexiu") as regulator:
        answer = await regulator.put("/api/v1/equipment", json=LIFT | other)
    assert answer.status_code == 200, answer.text
    return "/p/e/" + str(answer.json()["public"]).rpartition("/")[2]


async def published(house: Console, *cameras: str, live: bool = False) -> str:
    """The canteen's public page."""
    chosen = [house.world.cameras[code] for code in cameras]
    order = {"published": True, "cameras": chosen, "grade": "A", "live_consent": live}
    async with house.as_("yuexiu") as regulator:
        answer = await regulator.put(f"/api/v1/sites/{house.world.sites['canteen-1']}/public", json=order)
    assert answer.status_code == 200, answer.text
    return "/p/s/" + str(answer.json()["page"]).rpartition("/")[2]


async def badge(client: httpx.AsyncClient, way: str) -> str:
    answer = await client.get(f"{way}/badge.svg?lang=en")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=60"
    found = re.search("<title>Bright kitchen: (.*)</title>", answer.text)
    assert found is not None
    return found[1]


async def test_a_lifts_page_shows_what_the_public_may_see_and_nothing_else(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        way = await lift(house, maintainer=EVIL)
        page = await phone.get(way)
        assert page.status_code == 200
        for shown in ("1 号客梯", "梯11粤A1", "超期未检", "2020-01-01", "&lt;script&gt;"):
            assert shown in page.text, shown
        for hidden in ("不公开的单位", "3110-1", "tower", "lift-1", EVIL, "/api/", "/login", f'"{house.world.sites}"'):
            assert hidden not in page.text, hidden
        assert re.findall(r'(?:href|action|src)="(/[^"]*)"', page.text.replace("/static/", "")) == [
            f"{way}/complaint?lang=zh#complaint"
        ]
        assert "set-cookie" not in page.headers
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "Overdue" not in (await phone.get(f"{way}?lang=en")).text
        assert (
            "past" in (await phone.get(f"{way}?lang=en")).text or "overdue" in (await phone.get(way + "?lang=en")).text
        )
        for wrong in ("/p/e/" + "0" * 32, "/p/e/1", f"/p/s/{way[-32:]}", f"/p/c/{way[-32:]}"):
            answer = await phone.get(wrong)
            assert answer.status_code in (404, 422), wrong
            assert "set-cookie" not in answer.headers


async def test_a_complaint_reaches_the_alert_the_site_and_the_regulator(dsn: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    Image.new("RGB", (400, 300), (90, 20, 20)).save(out, "JPEG", exif=exif)
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        way = await lift(house)
        alert = add_alert(house.world, "trapped", "lift-entrapment", device="lift-1")
        said = {"topic": "trapped", "words": f"有人 {EVIL}", "phone": "13800000000"}
        sent = await phone.post(f"{way}/complaint", data=said, files=[("photos", ("a.jpg", out.getvalue()))])
        assert sent.status_code == 303, sent.text
        assert "set-cookie" not in sent.headers
        receipt = sent.headers["location"]
        assert "保存本页地址" in (await phone.get(receipt)).text
        async with house.as_("yuexiu") as regulator:
            (found,) = (await regulator.get("/api/v1/complaints?unanswered=true")).json()
            assert (found["topic"], found["phone"], found["device_id"]) == (
                "trapped", "13800000000", house.world.devices["lift-1"],
            )  # fmt: skip
            for path in (f"/alerts/{alert}", f"/sites/{house.world.sites['tower']}", "/complaints",
                         f"/equipment/{found['equipment_id']}"):  # fmt: skip
                page = (await regulator.get(path)).text
                assert "有人被困" in page, path
                assert "13800000000" in page, path
                assert EVIL not in page, path
            kept = await regulator.get(f"/api/v1/evidence/{found['photos'][0]}")
            assert kept.status_code == 200
            assert b"where I live" not in kept.content
            answer = {"words": f"已派人 {EVIL}", "closes": True}
            done = await regulator.post(f"/api/v1/complaints/{found['id']}/answer", json=answer)
            assert (done.status_code, done.json()["closed"] is not None) == (200, True)
            assert (await regulator.post(f"/api/v1/complaints/{found['id']}/answer", json=answer)).status_code == 409
            assert (await regulator.get("/api/v1/complaints?unanswered=true")).json() == []
            assert "有人被困" not in (await regulator.get(f"/sites/{house.world.sites['tower']}")).text
            assert "有人被困" in (await regulator.get(f"/alerts/{alert}")).text  # it is part of what happened
        answered = (await phone.get(receipt)).text
        assert "已派人" in answered
        assert EVIL not in answered
        assert "李强" not in answered
        async with house.as_("cold") as operator:  # he learns who is trapped, and not who said so
            (seen,) = (await operator.get("/api/v1/complaints")).json()
            assert (seen["topic"], seen["phone"]) == ("trapped", "")
            assert "13800000000" not in (await operator.get(f"/alerts/{alert}")).text
            assert (await operator.post(f"/api/v1/complaints/{found['id']}/answer", json=answer)).status_code == 403
            await phone.post(f"{way}/complaint", data={"topic": "feedback", "words": "the operator is rude"})
            assert len((await operator.get("/api/v1/complaints")).json()) == 1
    assert count(dsn, "SELECT count(*) FROM audit WHERE action = 'complaint_answered'") == 1


async def test_what_is_written_wrongly_is_refused_and_kept_for_another_try(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        way = await lift(house)
        for data, files, word in (
            ({"topic": "hygiene", "words": "my words"}, [], "请选择事项"),
            ({"topic": "fault", "words": "   "}, [], "请填写内容"),
            ({"topic": "fault", "words": "my words", "phone": EVIL}, [], "电话只能包含"),
            ({"topic": "fault", "words": "my words"}, [("photos", ("a.jpg", b"no photo"))], "照片无法接受"),
            (
                {"topic": "fault", "words": "my words"},
                [("photos", (f"{n}.jpg", drawn("x"))) for n in range(4)],
                "最多 3",
            ),
        ):
            answer = await phone.post(f"{way}/complaint", data=data, files=files or None)
            assert answer.status_code == 422, word
            assert word in answer.text
            assert EVIL not in answer.text
            assert "my words" in answer.text or not data["words"].strip()
        assert (await phone.post(f"{way}/complaint", json={"topic": "fault"})).status_code == 422
        foreign = {"sec-fetch-site": "cross-site"}
        assert (await phone.post(f"{way}/complaint", data={"words": "x"}, headers=foreign)).status_code == 403
    assert count(dsn, "SELECT count(*) FROM complaint") == 0


async def test_complaints_are_bounded_by_visitor_by_subject_and_by_day(dsn: str, tmp_path: Path) -> None:
    said = {"topic": "fault", "words": "x"}
    async with console(dsn, tmp_path) as house:
        first, second = await lift(house), await lift(house, code="3110-2")
        async with house.visitor(address="198.51.100.7") as phone:
            codes = [(await phone.post(f"{first}/complaint", data=said)).status_code for _ in range(11)]
            assert codes == [303] * 10 + [429]
            refused = await phone.post(f"{second}/complaint", data=said)
            assert (refused.status_code, int(refused.headers["retry-after"]) > 3000) == (429, True)
            assert (await phone.get(first)).status_code == 200  # he still may read
        codes = []
        for number in range(21):
            async with house.visitor(address=f"198.51.100.{20 + number}") as phone:
                codes.append((await phone.post(f"{first}/complaint", data=said)).status_code)
        assert codes == [303] * 20 + [429]
        async with house.visitor(address="198.51.100.99") as phone:
            assert (await phone.post(f"{second}/complaint", data=said)).status_code == 303
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "INSERT INTO complaint (site_id, equipment_id, topic, words) SELECT site_id, id, 'fault', 'x'"
                " FROM equipment CROSS JOIN generate_series(1, 60) WHERE code = '3110-2'"
            )
        async with house.visitor(address="198.51.100.98") as phone:  # every process and restart knows of those
            assert (await phone.post(f"{second}/complaint", data=said)).status_code == 429


async def test_all_is_off_until_it_is_switched_on_and_each_side_decides_its_own(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        site = house.world.sites["canteen-1"]
        way = f"/api/v1/sites/{site}/public"
        async with house.as_("canteen") as operator:
            assert (await operator.get(way)).json()["badge"] == "none"
            assert (await operator.put(way, json={"published": True})).status_code == 403
            assert (await operator.put(f"{way}/live", json={"wanted": True})).json()["live"] is False
            assert "disabled" in (await operator.get(f"/sites/{site}/public")).text
        async with house.as_("yuexiu") as regulator:
            assert (await regulator.put(f"{way}/live", json={"wanted": True})).status_code == 403
            strange = house.world.cameras["market-1-gate"]
            form = {"published": "true", "cameras": [str(house.world.cameras["canteen-1-prep"]), str(strange)],
                    "grade": "B", "live_consent": "true"}  # fmt: skip
            assert (await regulator.post(f"/sites/{site}/public", data=form)).status_code == 303
            found = (await regulator.get(way)).json()
            assert [camera["code"] for camera in found["cameras"] if camera["published"]] == ["canteen-1-prep"]
            assert (found["live"], found["badge"], found["grade"]) == (True, "pending", "B")
            public = "/p/s/" + found["page"].rpartition("/")[2]
            page = (await phone.get(public)).text
            assert "canteen-1" not in page
            assert "等级 <b>B</b>" in page
            assert await badge(phone, public) == "pending"
            assert (await regulator.put(way, json={"published": False})).status_code == 200
        assert (await phone.get(public)).status_code == 404
        assert (await phone.post(f"{public}/complaint", data={"topic": "feedback", "words": "x"})).status_code == 404
        assert await badge(phone, public) == "not public"  # the address stays
        assert (await phone.get("/p/s/" + "0" * 32 + "/badge.svg")).status_code == 404
    assert count(dsn, "SELECT count(*) FROM audit WHERE action LIKE 'publicity_%%'") == 3


async def test_a_badge_is_active_by_looks_and_many_visitors_cost_one_look(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        line = Line(picture())
        put(house, line=line)
        way = await published(house, "canteen-1-prep")
        assert (await phone.get(f"{way}/1.jpg")).status_code == 404
        states = await asyncio.gather(*(badge(phone, way) for _ in range(12)))
        assert line.asked == 1
        assert "live" in states
        assert await badge(phone, way) == "live"
        still = await phone.get(f"{way}/1.jpg")
        assert (still.status_code, still.headers["content-type"]) == (200, "image/jpeg")
        assert "set-cookie" not in still.headers
        assert (await phone.get(f"{way}/2.jpg")).status_code == 404
        page = (await phone.get(way)).text
        assert f'src="{way}/1.jpg?at=' in page
        assert "data-live" not in page
        assert line.asked == 1
        put(house, clock=lambda: datetime.now(UTC) + timedelta(minutes=5, seconds=5))
        line.reply = lambda _look: None  # the edge is silent now
        assert await badge(phone, way) == "not visible"
        put(house, clock=lambda: datetime.now(UTC))
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE camera SET health = 'BLACK' WHERE code = 'canteen-1-prep'")
        assert await badge(phone, way) == "not visible"
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE camera SET health = 'OK' WHERE code = 'canteen-1-prep'")
        assert await badge(phone, way) == "live"


@pytest.mark.parametrize("reply", [
    picture(redacted=False), picture(age=timedelta(minutes=10)), lambda _look: None,
    lambda look: LiveRefused(look.id, LiveRefusal.NO_PICTURE),
])  # fmt: skip
async def test_a_look_that_shows_faces_or_the_past_or_nothing_does_not_pass(
    dsn: str, tmp_path: Path, reply: Callable[[LiveLook], LiveReply | None]
) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        put(house, line=Line(reply))
        way = await published(house, "canteen-1-prep")
        assert await badge(phone, way) == "pending"
        assert (await phone.get(f"{way}/1.jpg")).status_code == 404
    assert count(dsn, "SELECT count(*) FROM public_look WHERE jpeg IS NULL AND why <> ''") == 1


async def test_live_pictures_need_both_and_are_shared_by_all_viewers(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as phone:
        line = Line(picture())
        put(house, line=line)
        way = await published(house, "canteen-1-prep", live=True)
        assert "data-live" not in (await phone.get(way)).text
        async with house.as_("canteen") as operator:
            site = house.world.sites["canteen-1"]
            assert (await operator.post(f"/sites/{site}/public/live", data={"wanted": "true"})).status_code == 303
        assert f'data-live="{way}/1.jpg"' in (await phone.get(way)).text
        asked = line.asked
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE public_look SET asked = asked - interval '6 seconds'")
        await asyncio.gather(*(phone.get(f"{way}/1.jpg") for _ in range(12)))
        assert line.asked == asked + 1
