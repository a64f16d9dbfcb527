"""The live view, whole: camera → edge → a viewer's decoder, arranged through the api; and who is not let in."""

import asyncio
import io
import shutil
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from PIL import Image

from api import ticket
from edge.config import LiveLimits
from tests.clips import encode
from tests.console_client import Console, console, state_purpose
from tests.live_kitchen import Kitchen, kitchen
from tests.live_viewer import LiveViewer, loopback
from tests.servers import PATIENCE_S, PrivateBroker, wait_for

STOVE, PREP, GATE = "canteen-1-stove", "canteen-1-prep", "canteen-2-stove"
SIZE = (320, 180)


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback(monkeypatch)


@pytest.fixture
def place(broker: PrivateBroker, tmp_path: Path) -> Iterator[Kitchen]:
    hevc = encode(tmp_path / "prep.mp4", pictures=50, size=SIZE, gop=25, shade=90, codec="libx265")
    clips = {
        STOVE: encode(tmp_path / "stove.mp4", pictures=100, size=SIZE, gop=50, shade=90),
        PREP: hevc,
        GATE: Path(shutil.copy(hevc, tmp_path / "gate.mp4")),
    }
    subs = {GATE: encode(tmp_path / "gate-sub.mp4", pictures=50, size=(160, 90), gop=25, shade=90)}
    limits = LiveLimits(per_camera=2, look_s=0.1, silent_s=20, connect_s=30, transcodes=1)
    with kitchen(broker, clips, tmp_path, limits, subs) as open_:
        yield open_


@dataclass
class Visitor:
    """Somebody's browser before a camera."""

    client: httpx.AsyncClient
    camera: int

    @property
    def path(self) -> str:
        return f"/api/v1/cameras/{self.camera}"

    async def ticket(self) -> str:
        await state_purpose(self.client, self.path)
        answer = await self.client.post(f"{self.path}/ticket")
        assert answer.status_code == 201, answer.text
        assert answer.json()["whep"] == f"{self.path}/whep"
        return str(answer.json()["ticket"])

    async def offers(self, sdp: str, shown: str) -> httpx.Response:
        headers = {b"content-type": b"application/sdp", b"authorization": f"Bearer {shown}".encode()}
        return await self.client.post(f"{self.path}/whep", content=sdp, headers=headers)


@asynccontextmanager
async def visiting(house: Console, login: str, camera: str) -> AsyncIterator[Visitor]:
    async with house.as_(login) as client:
        yield Visitor(client, house.world.cameras[camera])


@asynccontextmanager
async def opened(dsn: str, folder: Path, broker: PrivateBroker) -> AsyncIterator[Console]:
    """The console, connected to the broker."""
    async with console(dsn, folder / "vault", broker=broker) as house:
        async with visiting(house, "canteen", STOVE) as visitor:
            await shown(visitor)
        yield house


async def shown(visitor: Visitor) -> None:
    """Return when the camera can be seen."""
    deadline = time.monotonic() + PATIENCE_S
    while (answer := await visitor.client.get(f"{visitor.path}/still")).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(1.1)


def audited(dsn: str) -> list[tuple[str, str | None]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT action, detail->>'camera' FROM audit WHERE action LIKE 'live%' ORDER BY id"
        ).fetchall()
    return [(str(action), camera) for action, camera in rows if action != "live_still"]


async def test_an_operator_watches_the_kitchen(dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen) -> None:
    async with (
        opened(dsn, tmp_path, broker) as house,
        visiting(house, "canteen", STOVE) as visitor,
        LiveViewer() as viewer,
    ):
        answer = await visitor.offers(await viewer.offer(), await visitor.ticket())
        assert answer.status_code == 201, answer.text
        assert answer.headers["content-type"] == "application/sdp"
        await viewer.take(answer.text)
        first = await viewer.picture()
        assert (first.width, first.height) == SIZE
        pictures = [await viewer.picture() for _ in range(60)]
        assert not any(picture.is_corrupt for picture in pictures)
        assert len({bytes(picture.planes[0])[:6400] for picture in pictures}) > 20  # the bar moves

        address = answer.headers["location"]
        async with house.as_("yuexiu") as other:  # of the same district: sees the camera, not the view
            assert (await other.delete(address)).status_code == 404
        assert (await visitor.client.delete(address)).status_code == 204
        await viewer.gone()
        assert (await visitor.client.delete(address)).status_code == 204  # it is over: no fault
        for unknown in ("0" * 32, "x"):
            assert (await visitor.client.delete(f"{visitor.path}/whep/{unknown}")).status_code == 404
    seen = audited(dsn)
    assert seen[:2] == [("live_view", STOVE), ("live_end", STOVE)]


async def test_faces_are_hidden_until_a_purpose_is_stated(
    dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen
) -> None:
    async with opened(dsn, tmp_path, broker) as house, visiting(house, "yuexiu", STOVE) as visitor:
        answer = await visitor.client.post(f"{visitor.path}/ticket")
        assert (answer.status_code, answer.json()["code"]) == (403, "purpose_needed")
        hidden = await visitor.client.get(f"{visitor.path}/still")
        await state_purpose(visitor.client, visitor.path)
        clear = await visitor.client.get(f"{visitor.path}/still")
        assert [each.headers["mingchu-redacted"] for each in (hidden, clear)] == ["yes", "no"]
        assert {each.headers["cache-control"] for each in (hidden, clear)} == {"private, no-store"}
    with psycopg.connect(dsn) as connection:
        looks = connection.execute(
            "SELECT detail->>'grant' IS NOT NULL FROM audit WHERE action = 'live_still' AND person_id ="
            " (SELECT id FROM person WHERE login = 'yuexiu') ORDER BY id"
        ).fetchall()
    assert looks == [(False,), (True,)]


async def test_nobody_watches_without_a_ticket_of_his_own(
    dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen
) -> None:
    async with (
        opened(dsn, tmp_path, broker) as house,
        visiting(house, "canteen", STOVE) as owner,
        visiting(house, "yuexiu", STOVE) as regulator,
        visiting(house, "canteen", PREP) as elsewhere,
        visiting(house, "market", STOVE) as stranger,
        LiveViewer() as viewer,
    ):
        sdp, own = await viewer.offer(), await owner.ticket()
        for visitor, shown in (
            (owner, ""),
            (owner, own[:-1] + ("0" if own[-1] != "0" else "1")),
            (owner, "." + own),
            (owner, "a.b.c.d.ü"),
            (regulator, own),
            (elsewhere, own),
        ):
            answer = await visitor.offers(sdp, shown)
            assert (answer.status_code, answer.json()["code"]) == (403, "live_ticket")
        for path in ("/ticket", "/whep"):
            assert (await stranger.client.post(f"{stranger.path}{path}")).status_code == 404
        assert (await stranger.client.get(f"{stranger.path}/still")).status_code == 404
        async with house.visitor() as nobody:
            assert (await nobody.post(f"{owner.path}/whep")).status_code == 401

        assert (await owner.offers(sdp, own)).status_code == 201
        again = await owner.offers(sdp, own)
        assert (again.status_code, again.json()["code"]) == (403, "live_used")
    assert audited(dsn) == [("live_view", STOVE), ("live_view", STOVE), ("live_refused", STOVE)]


async def test_what_the_edge_refuses_is_said_in_a_sentence(
    dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen
) -> None:
    async with (
        opened(dsn, tmp_path, broker) as house,
        visiting(house, "canteen", STOVE) as stove,
        visiting(house, "canteen", PREP) as prep,
        visiting(house, "canteen", "canteen-1-store") as store,
        LiveViewer() as viewer,
    ):
        sdp = await viewer.offer()

        async def refused(visitor: Visitor, offer: str = sdp) -> tuple[int, str]:
            answer = await visitor.offers(offer, await visitor.ticket())
            assert answer.json()["detail"]
            return answer.status_code, str(answer.json()["code"])

        assert await refused(store) == (503, "live_camera")
        assert await refused(stove, "v=0") == (422, "live_offer")
        assert await refused(stove, "v" * 30_000) == (422, "live_offer")
        for _ in range(2):
            assert (await stove.offers(sdp, await stove.ticket())).status_code == 201
        assert await refused(stove) == (429, "live_viewers")
        picture = await prep.client.get(f"{prep.path}/still")  # for HEVC too
        with Image.open(io.BytesIO(picture.content)) as image:
            assert (image.format, image.size) == ("JPEG", SIZE)
        assert picture.headers["last-modified"].endswith("GMT")


async def test_a_camera_that_browsers_cannot_play_is_watched_all_the_same(
    dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen
) -> None:
    """HEVC is transcoded, or the sub-stream is shown where there is one."""
    async with (
        opened(dsn, tmp_path, broker) as house,
        visiting(house, "canteen", PREP) as prep,
        visiting(house, "canteen", GATE) as gate,
    ):
        for visitor, size in ((prep, SIZE), (gate, (160, 90))):
            async with LiveViewer() as viewer:
                answer = await visitor.offers(await viewer.offer(), await visitor.ticket())
                assert answer.status_code == 201, answer.text
                await viewer.take(answer.text)
                pictures = [await viewer.picture() for _ in range(15)]
                assert {(picture.width, picture.height) for picture in pictures} == {size}
                assert len({bytes(picture.planes[0]) for picture in pictures}) > 5  # the bar moves
                assert (await visitor.client.delete(answer.headers["location"])).status_code == 204
                await viewer.gone()
    opened_for_them = {"transcode", "sub-stream"}
    await asyncio.to_thread(wait_for, lambda: not opened_for_them & {each.name for each in threading.enumerate()})


async def test_without_broker_or_edge_the_view_is_off_and_the_console_is_not(
    dsn: str, tmp_path: Path, broker: PrivateBroker
) -> None:
    async with console(dsn, tmp_path) as house, visiting(house, "canteen", STOVE) as visitor:
        answer = await visitor.client.get(f"{visitor.path}/still")
        assert (answer.status_code, answer.json()["code"]) == (503, "live_off")
        assert (await visitor.client.get("/api/v1/cameras")).status_code == 200


@pytest.mark.slow
async def test_the_line_to_the_edges_heals(dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen) -> None:
    async with opened(dsn, tmp_path, broker) as house, visiting(house, "canteen", STOVE) as visitor:
        await asyncio.to_thread(broker.stop)
        answer = await visitor.client.get(f"{visitor.path}/still")
        assert (answer.status_code, answer.json()["code"]) in ((503, "live_off"), (503, "live_silent"))
        await asyncio.to_thread(broker.start)
        await shown(visitor)


@pytest.mark.slow
async def test_a_thousand_offers_are_bounded_and_reaped(
    dsn: str, tmp_path: Path, broker: PrivateBroker, place: Kitchen
) -> None:
    """Tickets are bounded by person, so this one signs his own: what is tested is what stands behind them."""
    async with (
        opened(dsn, tmp_path, broker) as house,
        visiting(house, "canteen", STOVE) as visitor,
        LiveViewer() as one,
    ):
        sdp, person = await one.offer(), house.world.people["canteen"]
        await state_purpose(visitor.client, visitor.path)
        config = house.app.state.desk.config

        async def offered(_: int) -> int:
            own = ticket.sign(ticket.issue(person, visitor.camera, time.time(), 1), config.ticket_key)
            return (await visitor.offers(sdp, own)).status_code

        seen: Counter[int] = Counter()
        for begin in range(0, 1000, 100):
            seen.update(await asyncio.gather(*(offered(n) for n in range(begin, begin + 100))))
        assert set(seen) <= {201, 429, 503}  # 503: a busy edge did not answer in time
        assert 2 <= seen[201] <= 20  # two at a time; those that never connect are reaped meanwhile
        deadline = time.monotonic() + PATIENCE_S
        while await offered(0) != 201:  # and make room again
            assert time.monotonic() < deadline
            await asyncio.sleep(1)
        answer = await visitor.client.get(f"{visitor.path}/still")
        assert answer.status_code == 200, answer.text

        assert [await taken(visitor) for _ in range(70)].count(429) >= 10


async def taken(visitor: Visitor) -> int:
    return (await visitor.client.post(f"{visitor.path}/ticket")).status_code
