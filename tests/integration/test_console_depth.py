"""The workflow in depth through REST and pages: orders, papers, bulk, precision, and a neighbour's authority."""

from datetime import timedelta
from pathlib import Path

import psycopg

from domain.scene import Scene
from tests.console_client import Console, console
from tests.console_world import add_alert, add_papers, add_report, add_scene, drawn

SMOKE = {"camera": "canteen-1-prep", "zone": "prep"}


def smoking(house: Console, status: str = "open") -> int:
    event = add_scene(house.world, "canteen-1-prep", Scene.SMOKING, "prep", why="w")
    return add_alert(house.world, "smoke", "smoking", scene_event=event, status=status, **SMOKE)  # type: ignore[arg-type]


async def test_an_appeal_by_rest_and_what_it_does_to_the_precision(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as canteen, house.as_("yuexiu") as regulator:
        alert = smoking(house)
        at = f"/api/v1/alerts/{alert}"
        picture = {"photos": ("a.jpg", drawn("steam"), "image/jpeg")}
        mute = await canteen.post(f"{at}/appeal", data={"version": "1"}, files=picture)
        assert (mute.status_code, mute.json()["code"]) == (422, "text-missing")
        appealed = await canteen.post(f"{at}/appeal", data={"version": "1", "text": "是蒸汽"}, files=picture)
        assert appealed.status_code == 200, appealed.text
        case = appealed.json()
        assert (case["status"], case["appeal"]["text"], case["appeal"]["verdict"]) == ("open", "是蒸汽", None)
        assert case["appeal_due"] == case["appeal"]["due"]
        assert "appeal" not in case["actions"]
        assert (await regulator.get(f"/api/v1/evidence/{case['appeal']['photos'][0]}")).status_code == 200
        early = await regulator.post(f"{at}/dismiss", json={"version": 2, "reason": "x"})
        assert (early.status_code, early.json()["code"]) == (422, "appeal-waits")
        page = (await regulator.get(f"/alerts/{alert}")).text
        assert "申诉待裁定" in page
        assert "驳回申诉" in page
        upheld = (await regulator.post(f"{at}/uphold", json={"version": 2, "reason": "确为蒸汽"})).json()
        assert (upheld["status"], upheld["appeal"]["verdict"]) == ("dismissed", "upheld")
        assert (upheld["precision"]["judged"], upheld["precision"]["confirmed"]) == (1, 0)
        listed = (await regulator.get("/api/v1/precision")).json()
        assert [(row["scene"], row["precision"]) for row in listed] == [("SMOKING", 0.0)]
        async with house.as_("market") as market:
            assert (await market.get("/api/v1/precision")).json() == []


async def test_a_transfer_to_a_neighbour_opens_that_alert_and_no_more(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("tianhe") as neighbour:
        alert = smoking(house)
        add_alert(house.world, "other", "cold-frozen-warm", device="cold-1")
        at = f"/api/v1/alerts/{alert}"
        sideways = await regulator.post(f"{at}/transfer", json={"version": 1, "reason": "x", "authority": "gz.th"})
        assert (sideways.status_code, sideways.json()["code"]) == (422, "authority-unfit")
        up = await regulator.post(f"{at}/transfer", json={"version": 1, "reason": "跨区", "authority": "gz"})
        assert up.json()["responsible"]["path"] == "gz"
        assert up.json()["actions"] == ["comment"]
        assert (await neighbour.get(at)).status_code == 404
        with psycopg.connect(dsn) as connection:  # the city passes it on
            connection.execute("UPDATE person SET role = 'regulator' WHERE login = 'admin'")
        async with house.as_("admin") as city:
            down = await city.post(f"{at}/transfer", json={"version": 2, "reason": "就近", "authority": "gz.th"})
            assert down.json()["responsible"]["path"] == "gz.th"
        assert [row["id"] for row in (await neighbour.get("/api/v1/alerts")).json()["items"]] == [alert]
        assert (await neighbour.get(f"/alerts/{alert}")).status_code == 200
        assert [site["code"] for site in (await neighbour.get("/api/v1/sites")).json()] == ["canteen-1", "market-1"]
        cameras = (await neighbour.get("/api/v1/cameras")).json()
        assert sorted(camera["code"] for camera in cameras) == ["canteen-1-prep", "market-1-gate"]
        camera = f"/api/v1/cameras/{house.world.cameras['canteen-1-prep']}/settings"
        change = {"zh": "x", "en": "x", "zones": [], "version": 1}
        assert (await neighbour.put(camera, json=change)).status_code in (403, 404, 409)
        assert (await regulator.get(camera)).json()["version"] == 1
        dismissed = await neighbour.post(f"{at}/dismiss", json={"version": 3, "reason": "误报"})
        assert dismissed.json()["status"] == "dismissed"
        story = (await regulator.get(at)).json()["history"]
        assert [step["wording"]["zh"] for step in story if step["action"] == "transfer"] == [
            "移交给广州市市场监督管理局：跨区", "移交给天河区市场监督管理局：就近",
        ]  # fmt: skip


async def test_the_forms_of_the_page(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("canteen") as canteen:
        alert = smoking(house)
        page = f"/alerts/{alert}"
        to = house.world.people["canteen"]
        steps: list[tuple[str, dict[str, str], str]] = [
            ("comment", {"reason": "请说明"}, "已留言"),
            ("comment", {"reason": "内部意见", "own": "1"}, "已留言"),
            ("assign", {"to": str(to)}, "已指派"),
        ]
        for version, (action, fields, said) in enumerate(steps, 1):
            done = await regulator.post(f"{page}/{action}", data={"version": str(version), **fields})
            assert done.status_code == 303, done.text[:500]
            assert said in (await regulator.get(done.headers["location"])).text
        below = await regulator.post(
            f"{page}/supervise", data={"version": "4", "reason": "x", "until": "2099-01-01T10:00"}
        )
        assert below.status_code == 303  # the site belongs to a station below
        seen = (await canteen.get(page)).text
        assert "请说明" in seen
        assert "内部意见" not in seen
        assert "越秀区市场监督管理局督办" in seen
        queue = (await canteen.get("/")).text
        assert "督办中" in queue
        mine = (await canteen.get("/api/v1/alerts", params={"mine": "true"})).json()["items"]
        assert [(row["id"], row["assignee"]["name"]) for row in mine] == [(alert, "王敏")]
        assert f'data-id="{alert}"' in (await canteen.get("/?mine=1")).text
        late = await regulator.post(f"{page}/lift", data={"version": "5", "reason": ""})
        assert late.status_code == 422
        assert (await canteen.get(f"/api/v1/alerts/{alert}/assignees")).json() == [
            {"id": to, "name": "王敏", "side": "operator"}
        ]


async def test_one_action_on_alike_alerts(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("cold") as cold:
        first = add_alert(house.world, "a", "cold-frozen-warm", device="cold-1")
        second = add_alert(house.world, "b", "cold-frozen-warm", device="cold-2")
        lift = add_alert(house.world, "c", "cold-door-open", device="cold-1")
        foreign = smoking(house)
        order = {
            "action": "acknowledge",
            "alerts": [{"id": first, "version": 1}, {"id": second, "version": 9}, {"id": foreign, "version": 1}],
        }
        answer = await cold.post("/api/v1/alerts/bulk", json=order, headers={"accept-language": "en"})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["done"], answer.json()["refused"]) == (1, 2)
        assert {one["id"]: (one["done"], one["code"]) for one in answer.json()["results"]} == {
            first: (True, ""), second: (False, "conflict"), foreign: (False, "not_found"),
        }  # fmt: skip
        with psycopg.connect(dsn) as connection:
            audited = connection.execute("SELECT detail->'alerts' FROM audit WHERE action = 'bulk'").fetchall()
            connection.execute("UPDATE alert SET site_id = %s WHERE id = %s", (house.world.sites["tower"], lift))
        assert audited == [([first, second, foreign],)]
        unlike = {"action": "acknowledge", "alerts": [{"id": second, "version": 1}, {"id": lift, "version": 1}]}
        refused = await cold.post("/api/v1/alerts/bulk", json=unlike)
        assert (refused.status_code, refused.json()["code"]) == (422, "bulk_unlike")
        many = {"action": "acknowledge", "alerts": [{"id": 1, "version": 1}] * 101}
        assert (await cold.post("/api/v1/alerts/bulk", json=many)).status_code == 422
        page = await cold.post("/alerts/bulk", data={"action": "acknowledge", "chosen": [f"{second}:1"]})
        assert page.status_code == 200
        assert "已处理 1 条" in page.text
        assert (await cold.post("/alerts/bulk", data={"action": "acknowledge"})).status_code == 422


async def test_the_machines_look_stands_beside_the_operators_photo(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("canteen") as canteen:
        alert = smoking(house, "rectified")
        add_report(house.world, alert, "canteen", "已整改", [drawn("repair")], timedelta(minutes=5))
        add_papers(house.world, alert, "canteen", "yuexiu")
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE appeal SET decided = now(), decided_by = person_id, verdict = 'rejected'")
            connection.execute(
                "UPDATE recheck SET result = 'unjudged', ended = now(), next_look = NULL,"
                " why = 'the camera was OFFLINE during the re-check'"
            )
        report = (await regulator.get(f"/api/v1/alerts/{alert}")).json()["rectifications"][0]
        assert report["recheck"]["result"] == "unjudged"
        page = (await regulator.get(f"/alerts/{alert}")).text
        for said in ("无法复核", "复核期间摄像机离线，无法判断", "核实说明", "现场画面", "抽中人工复核"):
            assert said in page, said
        assert "抽中人工复核" not in (await canteen.get(f"/alerts/{alert}")).text
        assert (await canteen.get(f"/api/v1/evidence/{report['stills'][0]['sha256']}")).status_code == 200
        lost = await regulator.post(f"/api/v1/alerts/{alert}/still")  # no broker in this test
        assert (lost.status_code, lost.json()["code"]) == (503, "live_off")
        mute = await regulator.post(f"/api/v1/alerts/{alert}/accept", json={"version": 2})
        assert (mute.status_code, mute.json()["code"]) == (422, "unjudged-needs-reason")


async def test_a_campaign_from_its_filter_to_its_progress(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("yuexiu") as regulator, house.as_("cold") as cold:
        warm = add_alert(house.world, "a", "cold-frozen-warm", device="cold-1")
        late = add_alert(house.world, "b", "cold-frozen-warm", device="cold-2", due=-timedelta(minutes=5))
        other = add_alert(house.world, "c", "cold-door-open", device="cold-1")
        smoking(house)
        order = {
            "name": "冷链专项", "goal": "全部办结", "begins": "2026-01-01T00:00:00Z", "ends": "2099-01-01T00:00:00Z",
            "since": "2020-01-01T00:00:00Z", "rule": "cold-frozen-warm",
        }  # fmt: skip
        assert (await cold.post("/api/v1/campaigns", json=order)).json()["code"] == "campaign_role"
        backwards = await regulator.post("/api/v1/campaigns", json={**order, "ends": "2025-01-01T00:00:00Z"})
        assert backwards.json()["code"] == "campaign_ends"
        made = (await regulator.post("/api/v1/campaigns", json=order)).json()
        at = f"/api/v1/campaigns/{made['id']}"
        assert (made["alerts"], made["counts"]["open"], made["on_time"], made["late"]) == (2, 2, 0, 1)
        await cold.post(f"/api/v1/alerts/{warm}/acknowledge", json={"version": 1})
        picture = {"photos": ("a.jpg", drawn("repair"), "image/jpeg")}
        await cold.post(f"/api/v1/alerts/{warm}/report", data={"version": "2", "text": "修好"}, files=picture)
        grown = (await regulator.post(f"{at}/alerts", json={"alerts": [other, other, late, 10**9]})).json()
        assert (grown["alerts"], grown["counts"]["rectified"], grown["on_time"], grown["late"]) == (3, 1, 1, 1)
        assert [row["id"] for row in (await regulator.get(f"{at}/alerts")).json()] == [other, late, warm]
        assert (await cold.get("/api/v1/campaigns")).json() == []  # a campaign is the regulators' own
        page = (await regulator.get(f"/campaigns/{made['id']}")).text
        assert "已办结 0 / 3" in page
        form = {"name": "二", "begins": "2026-01-01T00:00", "ends": "2027-01-01T00:00", "since": "2026-01-01T00:00"}
        posted = await regulator.post("/campaigns", data=form)
        assert posted.status_code == 303, posted.text[:300]
        kept = await regulator.post("/campaigns", data={**form, "ends": ""})
        assert kept.status_code == 422
        assert 'value="二"' in kept.text
        await regulator.post(f"{posted.headers['location']}/alerts", data={"alerts": f"#{warm}，x {late}"})
        assert "冷链专项" in (await regulator.get("/campaigns")).text
        async with house.as_("tianhe") as stranger:
            assert (await stranger.get(at)).status_code == 404
