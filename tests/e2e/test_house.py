"""The whole house as its people meet it: operator on a phone, regulator at a desk, devices, and what a kill does."""

import os
import re
import signal
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.e2e.house import (
    CHILDREN,
    Freezer,
    House,
    add_freezer,
    air_of,
    camera_of,
    device_of,
    reading_of,
    seen_json,
    settle,
    waited,
)
from tests.e2e.visitor import DESK, PHONE, fits, log_in, opened, photo, picture, plays, seen, shot, visiting

WARM, COLD = -13.5, -20.5  # °C; the demo's rule: above −15 for 10 s, then back for 10 s
TRIES = 60  # of the regulator, every two seconds, while the machine's re-check runs

NEIGHBOUR = """
[[operator]]
uscc = "91440101MA5MCQ0018"
zh = "隔壁冷链有限公司"
en = "Neighbour Cold Chain Co."

[[site]]
code = "neighbour-1"
kind = "cold_store"
zh = "隔壁冷库"
en = "Neighbour's store"
authority = "yunhai.lincheng.minghu.hubin"
operator = "91440101MA5MCQ0018"

[[device]]
site = "neighbour-1"
code = "cold-8"
profile = "cold-store"
zh = "八号冷冻间"
en = "Freezer room 8"
"""


@pytest.fixture(scope="module")
def house(server_directory: Path) -> Iterator[House]:
    house = House(server_directory / uuid.uuid4().hex[:8])
    try:
        house.wait_until_ready()
        yield house
    finally:
        if house.process.poll() is None:
            house.end(signal.SIGINT)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as browser:
        yield browser


@pytest.fixture(scope="module")
def regulator(house: House) -> Iterator[httpx.Client]:
    with house.visitor("regulator") as client:
        yield client


def alert_of(client: httpx.Client, rule: str, code: str) -> int | None:
    """The unfinished alert of that rule on that subject."""
    items = client.get("/api/v1/alerts", params={"limit": 200}).json()["items"]
    finished = {"closed", "dismissed"}
    mine = (one for one in items if (one["rule"]["code"], one["subject"]["code"]) == (rule, code))
    return next((int(one["id"]) for one in mine if one["status"] not in finished), None)


# A device's alert, from the message to the verified close -----------------------------------------


@pytest.fixture(scope="module")
def freezer(house: House, regulator: httpx.Client) -> Freezer:
    return add_freezer(house, regulator, "coldstore-1", "cold-9", "九号冷冻间")


def test_a_devices_alert_is_driven_to_a_verified_close(
    house: House, browser: Browser, regulator: httpx.Client, freezer: Freezer
) -> None:
    with (
        visiting(browser, house, "operator", PHONE, faults=1) as phone,
        visiting(browser, house, "regulator", DESK, faults=TRIES) as desk,
    ):
        alert = arrives(phone, regulator, freezer)
        waited(lambda: {("operator", "raised"), ("regulator", "raised")} <= house.pushes(alert), "the first pushes")
        operator_reports(phone, alert)
        waited(lambda: ("regulator", "rectified") in house.pushes(alert), "the push to review")
        regulator_is_refused(desk, alert)
        freezer.says(COLD)
        regulator_accepts(desk)
        waited(lambda: ("operator", "closed") in house.pushes(alert), "the last push")
        expect(phone.locator(".steps [aria-current]")).to_have_text("已办结")  # by itself
        assert history(desk) == [
            ("发出告警", "系统"),
            ("签收", "李店长 · 经营者"),
            ("提交整改报告", "李店长 · 经营者"),
            ("现场恢复", "系统"),
            ("复核通过", "王所长 · 监管人员"),
        ]
        seen(desk.locator(".report .photos img").first)
        picture(phone, "alert-phone-closed")
    case = regulator.get(f"/api/v1/alerts/{alert}").json()
    assert (case["status"], case["condition"]) == ("closed", "CLEARED")


def arrives(phone: Page, regulator: httpx.Client, freezer: Freezer) -> int:
    """The freezer gets warm; its alert appears on a page that nobody reloads."""
    phone.evaluate("window.untouched = true")
    # That it jumps so fast is an alert of its own.
    row = phone.locator(".row", has_text="九号冷冻间").filter(has_text="冷冻库温度高于")
    expect(row).to_have_count(0)
    freezer.says(WARM)
    expect(row).to_be_visible()
    assert phone.evaluate("window.untouched")
    expect(row).to_contain_text("冷冻库温度高于 −15 ℃")
    assert fits(phone)
    picture(phone, "queue-phone")
    return waited(lambda: alert_of(regulator, "cold-frozen-warm", freezer.code), "the alert")


def operator_reports(phone: Page, alert: int) -> None:
    """Acknowledge, then report: without a photo there is a sentence and the text stays, with one it is taken."""
    phone.locator(f".row[data-id='{alert}'] a").tap()
    expect(phone.locator("h1")).to_contain_text("冷冻库温度高于 −15 ℃")
    expect(phone.locator(".chart canvas")).to_be_visible()
    phone.locator("[action$='/acknowledge'] button").tap()
    expect(phone.locator(".notice.good")).to_have_text("已签收。")
    assert fits(phone)
    picture(phone, "alert-phone")
    phone.fill("textarea[name=text]", "压缩机跳闸，已复位并检查线路，库温正在下降。")
    phone.locator("[data-report] button").tap()
    expect(phone.locator(".notice.bad")).to_have_text("请至少上传一张整改照片。")
    expect(phone.locator("textarea[name=text]")).to_have_value("压缩机跳闸，已复位并检查线路，库温正在下降。")
    phone.set_input_files("[type=file]", files=[FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=photo())])
    expect(phone.locator("[data-preview] img")).to_have_count(1)
    picture(phone, "report-phone")
    phone.locator("[data-report] button").tap()
    expect(phone.locator(".notice.good")).to_contain_text("等待复核")
    seen(phone.locator(".report .photos img"))


def regulator_is_refused(desk: Page, alert: int) -> None:
    """While the freezer is warm the page says why the alert cannot be closed, before and after trying."""
    desk.goto(f"/alerts/{alert}")
    expect(desk.locator("[action$='/accept']")).to_contain_text("现场情况尚未恢复，暂时不能办结。")
    desk.click("[action$='/accept'] button")
    expect(desk.locator(".notice.bad")).to_have_text("系统检测到问题仍然存在，暂不能办结。")
    expect(desk.locator(".steps [aria-current]")).to_have_text("待复核")


def regulator_accepts(desk: Page) -> None:
    """Once the machine sees it cleared for long enough the same button closes it; until then it says why not."""
    expect(desk.locator(".cond.CLEARED")).to_be_visible()  # by itself
    said = desk.locator(".notice:visible")
    for _ in range(TRIES - 1):
        desk.evaluate("window.asking = true")
        desk.click("[action$='/accept'] button")
        desk.wait_for_function("!window.asking")  # what it says is the answer's, not left from the try before
        expect(said).to_be_visible()
        if said.inner_text() == "已办结。":
            break
        expect(said).to_have_text("系统复核时间未到，请稍后再办结。")
        time.sleep(2.0)  # a person's patience
    expect(desk.locator(".steps [aria-current]")).to_have_text("已办结")


def history(page: Page) -> list[tuple[str, str]]:
    """The steps, oldest first: what, and who."""
    steps = page.locator(".timeline li").all()
    told = [(step.locator("b").inner_text(), step.locator("p.small").inner_text()) for step in steps]
    return [(what, who.partition(" · ")[2]) for what, who in reversed(told)]


# A camera's alert ---------------------------------------------------------------------------------


def with_evidence(client: httpx.Client) -> dict[str, Any] | None:
    """A camera's alert whose frames and clip have all arrived, and that is over: its page does not change any more.

    Somebody is in the picture: where no head is hidden the original is the very same file.
    """
    for row in client.get("/api/v1/alerts", params={"limit": 200}).json()["items"]:
        if row["subject"]["kind"] == "camera" and row["condition"] == "CLEARED":
            case: dict[str, Any] = client.get(f"/api/v1/alerts/{row['id']}").json()
            files = {item["kind"]: item["sha256"] for item in case["evidence"] if item["there"]}
            whole = {"frame", "frame_redacted", "boxed", "clip", "storyboard"} <= files.keys()
            if whole and files["frame"] != files["frame_redacted"]:
                return case
    return None


def test_a_cameras_alert_shows_its_evidence_and_plays_its_clip(
    house: House, browser: Browser, regulator: httpx.Client
) -> None:
    case = waited(lambda: with_evidence(regulator), "a camera's alert with its evidence")
    with visiting(browser, house, "regulator", DESK) as desk:
        picture(desk, "queue")
        desk.goto(f"/alerts/{case['id']}")
        expect(desk.locator(".reason")).to_have_text(re.compile("[一-龥]"))  # in the reader's words …
        expect(desk.locator(".record")).to_have_text(case["why"])  # … and as the machine wrote it down
        shown = {shot(desk, name).get_attribute("src") for name in ("画面", "标注画面", "片段截图")}
        assert len(shown) == 3
        picture(desk, "alert")
        desk.locator("[data-unblur]").click()
        picture(desk, "alert-purpose")
        desk.locator("dialog.purpose button.main").click()
        expect(desk.locator("[data-until]")).to_contain_text("未遮挡，查看已记录，用途：复核处置")
        assert shot(desk, "原始画面").get_attribute("src") not in shown
        desk.locator(".stage").get_by_text("视频片段", exact=True).click()
        expect(desk.locator(".stage .warn")).to_have_count(0)
        plays(desk.locator(".stage video"))
        picture(desk, "alert-clip")
        samples = desk.locator("details", has=desk.locator("summary", has_text="判定样本"))
        samples.locator("summary").click()
        expect(samples.locator("tbody tr")).to_have_count(len(case["samples"]))
        assert len(case["samples"]) >= 3
        assert "违规" in samples.locator("tbody").inner_text()
        assert fits(desk)


def test_places_show_what_stands_there_and_how_it_is(house: House, browser: Browser, regulator: httpx.Client) -> None:
    lift = waited(lambda: moving_lift(regulator), "the lift")
    site = waited(lambda: well_camera(regulator), "a camera that is well")["site"]["id"]
    with visiting(browser, house, "regulator", DESK) as desk:
        desk.goto("/sites")
        expect(desk.locator(".place", has_text="明湖食府（中央厨房）")).to_be_visible()
        picture(desk, "sites")
        desk.goto(f"/sites/{site}")
        expect(desk.locator(".camera", has_text="切配间").locator(".health.good")).to_be_visible()
        picture(desk, "site")
        desk.goto(f"/devices/{lift['id']}")
        expect(desk.locator("[data-plots] canvas").first).to_be_visible()
        expect(desk.locator("[data-readings]")).to_contain_text("速度")
        picture(desk, "device")
        assert fits(desk)


def moving_lift(client: httpx.Client) -> dict[str, Any] | None:
    """The lift, once it has told its speed."""
    lift = device_of(client, "building-1", "lift-1")
    return lift if reading_of(lift, "speed") is not None else None


def well_camera(client: httpx.Client) -> dict[str, Any] | None:
    """The kitchen's camera, once the edge sees its picture."""
    camera = camera_of(client, "kitchen-1")
    return camera if camera is not None and camera["health"] == "OK" else None


# Mistakes -----------------------------------------------------------------------------------------


def test_mistakes_get_one_clear_sentence(
    house: House, browser: Browser, regulator: httpx.Client, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=house.console, locale="zh-CN", viewport=DESK)
    page = context.new_page()
    page.goto("/login")
    log_in(page, "operator", "not the password")
    expect(page.locator("[role=alert]")).to_have_text("账号或密码不对，请核对后再试。")
    log_in(page, "operator", house.password("operator"))
    expect(page.locator("[data-live]")).to_be_visible()

    strange = neighbours_alert(house, regulator, tmp_path)
    for path, words in (
        ("/nowhere", "没有这个地址。"),
        ("/alerts/999999999", "没有这一项，或者它不在您的管辖范围内。"),
        (f"/alerts/{strange}", "没有这一项，或者它不在您的管辖范围内。"),
    ):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404
        expect(page.locator("main.sorry")).to_contain_text(words)
        assert "Traceback" not in page.content()
    context.close()


def neighbours_alert(house: House, regulator: httpx.Client, folder: Path) -> int:
    """An alert of another operator, whom the same regulator watches."""
    file = folder / "neighbour.toml"
    file.write_text(NEIGHBOUR, encoding="utf-8")
    house.run("registry", "apply", str(file))
    secret = (house.root / "secrets" / "neighbour-1.cold-8").read_text(encoding="ascii")
    freezer = house.freezer("neighbour-1", "cold-8", secret)
    settle(regulator, freezer)
    freezer.says(COLD, trapped=True)
    return waited(lambda: alert_of(regulator, "cold-person-trapped", "cold-8"), "the neighbour's alert")


# Kills --------------------------------------------------------------------------------------------


def test_each_child_comes_back_and_ctrl_c_leaves_nothing(
    house: House, regulator: httpx.Client, freezer: Freezer
) -> None:
    with house.visitor("admin") as admin:
        for number, name in enumerate(CHILDREN):
            comes_back(house, admin, name)
            lands(regulator, freezer, -21.0 - number / 10)
    waited(lambda: set(house.children()) == set(CHILDREN), "all children")  # the last kill may have cost others a life
    assert house.process.poll() is None

    processes = house.processes()
    assert len(processes) > len(CHILDREN)
    assert house.end(signal.SIGINT) == 0
    assert house.processes() == []
    assert not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    assert waited(lambda: house.has_said("stopped"), "the last word")


def comes_back(house: House, admin: httpx.Client, name: str) -> None:
    """Kill one child as a crash would; return when its successor does its work."""
    killed = waited(lambda: house.children().get(name), f"{name} to be up")  # another's death may have cost it a life
    since = datetime.now(UTC)
    os.kill(killed, signal.SIGKILL)
    waited(lambda: house.children().get(name, killed) != killed, f"{name} to be started again")
    match name:
        case "edge":
            waited(lambda: is_heard(edge_of(admin), since), "the edge to report")
        case "simulate":
            waited(lambda: is_heard(device_of(admin, "building-1", "lift-1"), since), "the lift to report")
        case "receiver":
            waited(lambda: seen_json(admin, f"{house.welcome['pushes']}/pushes.json"), "the receiver to answer")
        case _:
            pass  # `lands` shows that it works


def edge_of(admin: httpx.Client) -> dict[str, Any] | None:
    seen = seen_json(admin, "/api/v1/operations")
    return seen["edges"][0] if seen else None


def is_heard(source: dict[str, Any] | None, since: datetime) -> bool:
    """True when that edge or device is online and has said something since then."""
    return source is not None and source["online"] and datetime.fromisoformat(source["last_seen"]) > since


def lands(client: httpx.Client, freezer: Freezer, air_temp: float) -> None:
    """A message that is published now is in the tables soon, and shown."""
    waited(lambda: freezer.is_let_in(air_temp), "the broker")
    waited(lambda: air_of(client, freezer) == air_temp, f"the reading {air_temp}")


def test_a_killed_parent_takes_everything_with_it(house: House) -> None:
    """A house on the data of the one before, ended as the kernel ends what needs too much memory."""
    assert house.process.poll() is not None
    again = House(house.root)
    try:
        again.wait_until_ready()
        assert len(again.processes()) > len(CHILDREN)
    finally:
        again.end(signal.SIGKILL)
    waited(lambda: again.processes() == [], "the end of all its processes")
