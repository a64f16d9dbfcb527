"""A report from a phone through REST: claimed times, a signature, a key that makes it one report; the home page."""

import asyncio
import io
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
from PIL import Image, ImageDraw

from tests.console_client import Console, console
from tests.console_world import add_alert, drawn


def signed(strokes: int = 3) -> bytes:
    """A signature as a canvas gives it: dark strokes on nothing."""
    image = Image.new("RGBA", (900, 420), (0, 0, 0, 0))
    for n in range(strokes):
        ImageDraw.Draw(image).line([(40, 60 + 90 * n), (860, 120 + 90 * n)], fill=(16, 24, 29, 255), width=6)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def _acknowledged(house: Console, client: httpx.AsyncClient) -> int:
    alert = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-1")
    assert (await client.post(f"/api/v1/alerts/{alert}/acknowledge", json={"version": 1})).status_code == 200
    return alert


def _photo(title: str) -> tuple[str, tuple[str, bytes, str]]:
    return "photos", ("a.jpg", drawn(title), "image/jpeg")


async def test_the_same_report_twice_is_one_even_at_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = await _acknowledged(house, cold)
        told = {"version": "2", "text": "修好了", "key": str(uuid.uuid4())}
        picture, pen = _photo("repair"), ("signature", ("s.png", signed(), "image/png"))
        sending = (cold.post(f"/api/v1/alerts/{alert}/report", data=told, files=[picture, pen]) for _ in range(3))
        answers = await asyncio.gather(*sending)
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert {answer.json()["status"] for answer in answers} == {"rectified"}
        late = await cold.post(f"/api/v1/alerts/{alert}/report", data=told, files=[picture, pen])
        assert (late.status_code, len(late.json()["rectifications"])) == (200, 1)
        other = {**told, "key": str(uuid.uuid4())}
        refused = await cold.post(f"/api/v1/alerts/{alert}/report", data=other, files=[picture, pen])
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT count(*) FROM rectification").fetchone() == (1,)
            assert connection.execute("SELECT count(*) FROM report_key").fetchone() == (1,)
        shown = late.json()["rectifications"][0]
        kept = await cold.get(f"/api/v1/evidence/{shown['signature']}")
        assert kept.headers["content-type"] == "image/png"
        assert shown["signature"] not in shown["photos"]


async def test_a_refused_report_leaves_its_key_free(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        alert = await _acknowledged(house, cold)
        told = {"version": "2", "text": "修好了", "key": str(uuid.uuid4())}
        pen = ("signature", ("s.png", signed(), "image/png"))
        bare = await cold.post(f"/api/v1/alerts/{alert}/report", data=told, files=[pen])
        assert (bare.status_code, bare.json()["code"]) == (422, "photo-missing")  # a signature is no photo
        empty = ("signature", ("s.png", signed(0), "image/png"))
        blank = await cold.post(f"/api/v1/alerts/{alert}/report", data=told, files=[_photo("x"), empty])
        assert (blank.status_code, blank.json()["code"]) == (422, "signature")
        whole = await cold.post(f"/api/v1/alerts/{alert}/report", data=told, files=[_photo("x"), pen])
        assert whole.status_code == 200


async def test_claimed_times_are_kept_as_claims_beside_ours(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold, house.as_("yuexiu") as regulator:
        alert = await _acknowledged(house, cold)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = "2026:11:20 10:11:12"  # without an offset: the console's zone
        own = io.BytesIO()
        Image.new("RGB", (640, 480), (90, 120, 90)).save(own, "JPEG", exif=exif)
        files = [_photo("one"), _photo("two"), ("photos", ("c.jpg", own.getvalue(), "image/jpeg"))]
        told = {"version": "2", "text": "修好了", "claimed": ["file 2026-11-26T08:00:00Z", "nonsense"]}
        done = await cold.post(f"/api/v1/alerts/{alert}/report", data=told, files=files)
        assert done.status_code == 200, done.text
        shown = (await regulator.get(f"/api/v1/alerts/{alert}")).json()["rectifications"][0]
        claims = {datetime.fromisoformat(one) if one else None for one in shown["claimed"]}
        assert claims == {
            datetime(2026, 11, 26, 8, tzinfo=UTC), None, datetime(2026, 11, 20, 2, 11, 12, tzinfo=UTC),
        }  # fmt: skip
        assert abs(datetime.fromisoformat(shown["at"]) - datetime.now(UTC)) < timedelta(minutes=5)
        assert "手机所称拍摄时间" in (await regulator.get(f"/alerts/{alert}")).text


async def test_the_home_is_the_operators_own_by_urgency(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house:
        late = add_alert(house.world, "door", "cold-door-open", device="cold-1", due=timedelta(minutes=-5))
        soon = add_alert(house.world, "warm", "cold-frozen-warm", device="cold-2", due=timedelta(minutes=30))
        grave = add_alert(house.world, "trapped", "cold-person-trapped", device="cold-1", due=timedelta(minutes=50))
        async with house.as_("cold") as cold:
            page = (await cold.get("/home")).text
            places = [page.index(f"/alerts/{alert}/guide") for alert in (grave, late, soon)]
            assert places == sorted(places)
            assert (await cold.get("/alerts/999999/guide")).status_code == 404
        async with house.as_("yuexiu") as regulator:
            assert (await regulator.get("/home")).headers["location"] == "/"
            assert (await regulator.get(f"/alerts/{soon}/guide")).status_code == 404


async def test_the_app_is_nobodys_until_somebody_logs_in(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as client:
        manifest = await client.get("/manifest.webmanifest")
        assert manifest.headers["content-type"] == "application/manifest+json"
        for icon in manifest.json()["icons"]:
            picture = await client.get(icon["src"])
            with Image.open(io.BytesIO(picture.content)) as drawn_icon:
                assert f"{drawn_icon.width}x{drawn_icon.height}" == icon["sizes"]
        worker = (await client.get("/sw.js")).text
        shell = worker[worker.index("[") : worker.index("]") + 1]
        assert "push" in worker
        for kept in httpx.Response(200, text=shell).json():
            assert (await client.get(kept)).status_code == 200, kept
        assert "没有网络" in (await client.get("/offline")).text
