"""The rescue of people in a lift: from the alert over the signed link to the history, and what the link cannot do."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from alerts import message
from alerts.counters import Counters
from alerts.decider import Decider
from domain import rescue as links
from store import rescue, signals
from store.connection import Connection, ServiceRole, connect
from tests.alert_world import count, due_pushes, rows
from tests.console_client import ADDRESS, Console, console

TRAPPED = "lift-entrapment"


@dataclass(frozen=True, slots=True)
class House:
    """A console with an alert engine beside it, and one lift whose rescuers are known."""

    console: Console
    owner: Connection
    decider: Decider

    @property
    def dsn(self) -> str:
        return self.console.world.dsn

    async def traps(self, value: bool = True) -> int:
        """The lift's sensors say so, and go on saying so; returns the alert."""
        version = count(self.dsn, "SELECT version FROM rule WHERE code = %s AND active", (TRAPPED,))
        device = self.console.world.devices["lift-1"]
        one = signals.Signal(TRAPPED, version, value, datetime.now(UTC), "test", device=device)
        async with self.owner.transaction():
            await signals.insert(self.owner, [one])
        await self.decider.signals()
        await self.owner.execute("UPDATE pending SET due = now()")
        await self.decider.dues()
        await self.decider.clocks()
        return count(self.dsn, "SELECT coalesce(max(id), 0) FROM alert")

    async def passes(self, minutes: float) -> None:
        await self.owner.execute(
            "UPDATE clock SET due = due - make_interval(secs => %s) WHERE done IS NULL", (60 * minutes,)
        )
        while await self.decider.clocks():
            pass

    def told(self) -> list[object]:
        return [row[0] for row in rows(self.dsn, "SELECT DISTINCT role FROM push WHERE role <> '' ORDER BY 1")]

    async def link(self, role: str) -> str:
        """The path of the link in the newest push to that role."""
        async with await connect(self.dsn, ServiceRole.ALERTS, autocommit=True) as connection:
            due = sorted(await due_pushes(connection), key=lambda push: push.created)
        newest = [one for one in due if one.role == role][-1]
        said = message.compose([newest], ADDRESS, b"key")
        assert said.url.startswith(f"{ADDRESS}/rescue/")
        assert "越秀区北京路 158 号" in said.text
        return said.url.removeprefix(ADDRESS)


@asynccontextmanager
async def house(dsn: str, folder: Path) -> AsyncIterator[House]:
    async with (
        console(dsn, folder) as open_console,
        await connect(dsn, autocommit=True) as owner,
        await connect(dsn, ServiceRole.ALERTS, autocommit=True) as engine,
    ):
        for role in ("maintainer", "grid", "emergency"):
            known = await rescue.put_rescuer(owner, f"{role}-1", f"救援{role}", f"Rescue {role}", "119")
            await rescue.put_channel(owner, known, f"https://hooks.example/{role}", "k")
            assert await rescue.serve(owner, "tower", "lift-1", role, f"{role}-1")
        yield House(open_console, owner, Decider(engine, Counters()))


async def test_the_rescue_goes_from_the_maintainer_to_the_grid_station_to_119(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        await at.traps()
        assert at.told() == ["maintainer"]
        await at.passes(3.1)
        assert at.told() == ["grid", "maintainer"]
        await at.passes(12)
        assert at.told() == ["grid", "maintainer"]
        await at.passes(15)
        assert at.told() == ["emergency", "grid", "maintainer"]
        steps = [str(row[0]) for row in rows(dsn, "SELECT action FROM alert_history ORDER BY id")]
        assert [step for step in steps if step.startswith("rescue")] == [
            "rescue_called",
            "rescue_unanswered",
            "rescue_absent",
            "rescue_unfinished",
        ]
        assert "ack_overdue" in steps  # it is a class I alert too


async def test_a_rescuer_answers_arrives_and_releases_by_the_link_alone(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        alert = await at.traps()
        path = await at.link("maintainer")
        async with at.console.visitor() as phone:
            page = await phone.get(path)
            assert page.status_code == 200
            assert page.headers["referrer-policy"] == "no-referrer"
            for text in ("1 号客梯", "越秀区北京路 158 号", "维保单位", "已收到，正在前往"):
                assert text in page.text
            assert count(dsn, "SELECT count(*) FROM rescue_step") == 0  # looking is not answering
            said = await phone.post(f"{path}/answered", data={"claimed": "2026-11-26T12:00:00Z"})
            assert (said.status_code, said.headers["location"]) == (303, f"{path}?said=answered")
            assert (await phone.post(f"{path}/answered")).headers["location"] == f"{path}?said=again"
            assert count(dsn, "SELECT count(*) FROM rescue_step") == 1
            await at.passes(3.1)
            assert at.told() == ["maintainer"]  # nobody else is called
            where = {"latitude": "23.129080", "longitude": "113.264360"}
            await phone.post(f"{path}/arrived", data=where)
            await phone.post(f"{path}/released", data={"latitude": "nonsense"})
            assert "已记录" in (await phone.get(f"{path}?said=released")).text
        await at.passes(20)
        assert at.told() == ["maintainer"]
        async with at.console.as_("yuexiu") as regulator:
            case = (await regulator.get(f"/api/v1/alerts/{alert}")).json()
            shown = (await regulator.get(f"/alerts/{alert}")).text
    steps = {step["action"]: step["wording"]["zh"] for step in case["history"]}
    assert steps["rescue_arrived"] == "维保单位已到场，位置 23.12908 113.26436"
    assert steps["rescue_released"] == "维保单位报告人员已全部救出"
    assert "救援maintainer" in [push["to"]["zh"] for push in case["pushes"]]
    assert shown.count('class="met"') == 3
    assert "rescue_called" in [one["kind"] for one in case["clocks"]]


async def test_a_link_opens_nothing_else_and_ends(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        alert = await at.traps()
        path = await at.link("maintainer")
        token = path.rpartition("/")[2]
        async with at.console.visitor() as phone:
            for wrong in (
                token[:-1] + ("0" if token[-1] != "0" else "1"),
                token.replace(f"{alert}.", f"{alert + 1}.", 1),
                token.replace("maintainer", "emergency"),
                "x",
            ):
                assert (await phone.get(f"/rescue/{wrong}")).status_code == 404
                assert (await phone.post(f"/rescue/{wrong}/answered")).status_code == 404
            key = str(rows(dsn, "SELECT key FROM link_key")[0][0])
            # A right signature for an alert that is none, or no rescue, opens nothing either.
            none = links.sign(links.link(alert + 100, "grid", datetime.now(UTC)), key)
            old = links.sign(links.link(alert, "grid", datetime(2026, 1, 1, tzinfo=UTC)), key)
            for wrong in (none, old):
                assert (await phone.get(f"/rescue/{wrong}")).status_code == 404
                assert (await phone.post(f"/rescue/{wrong}/answered")).status_code == 404
            assert (await phone.post(f"{path}/escaped")).status_code == 422
            assert (await phone.get(f"/alerts/{alert}")).status_code == 303  # to the login
            forged = await phone.post(f"{path}/answered", headers={"sec-fetch-site": "cross-site"})
            assert forged.status_code == 403
            assert count(dsn, "SELECT count(*) FROM rescue_step") == 0
            await at.owner.execute("UPDATE alert SET status = 'dismissed'")
            assert (await phone.post(f"{path}/answered")).headers["location"].endswith("said=over")
            assert "这条告警已经结束" in (await phone.get(path)).text


async def test_the_sensors_call_it_off_and_call_again(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        await at.traps()
        path = await at.link("maintainer")
        async with at.console.visitor() as phone:
            await phone.post(f"{path}/answered")
            await at.traps(False)
            assert "传感器显示" in (await phone.get(path)).text
            await at.passes(60)
            assert at.told() == ["maintainer"]
            await at.traps()  # somebody else, the same alert: a new round, and nobody has answered it
            assert count(dsn, "SELECT count(*) FROM push WHERE reason = 'rescue'") == 2
            assert "已收到，正在前往" in (await phone.get(path)).text
            await phone.post(f"{path}/answered")
        assert count(dsn, "SELECT count(*) FROM rescue_step") == 2
        assert count(dsn, "SELECT count(DISTINCT began) FROM rescue_step") == 2


async def test_a_lift_without_contacts_says_so(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        await at.owner.execute("DELETE FROM device_rescuer WHERE role = 'grid'")
        alert = await at.traps()
        async with at.console.as_("yuexiu") as regulator:
            assert "未登记可通知的网格站" in (await regulator.get(f"/alerts/{alert}")).text


async def test_cards_are_shown_lifted_by_a_regulator_with_a_reason_and_audited(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        alert = await at.traps()
        site = at.console.world.sites["tower"]
        await at.owner.execute("INSERT INTO card (site_id, alert_id, colour) VALUES (%s, %s, 'yellow')", (site, alert))
        card = count(dsn, "SELECT id FROM card")
        way = f"/api/v1/sites/{site}/cards"
        async with at.console.as_("cold") as operator:
            assert "黄牌" in (await operator.get("/sites")).text
            assert (await operator.get(f"/api/v1/sites/{site}")).json()["card"] == "yellow"
            assert (await operator.post(f"{way}/{card}/lift", json={"reason": "x"})).status_code == 403
        async with at.console.as_("tianhe") as stranger:
            assert (await stranger.get(way)).status_code == 404
            assert (await stranger.post(f"{way}/{card}/lift", json={"reason": "x"})).status_code == 404
        async with at.console.as_("yuexiu") as regulator:
            assert re.search(r"penalty yellow.*黄牌", (await regulator.get(f"/sites/{site}")).text)
            assert (await regulator.post(f"{way}/{card}/lift", json={"reason": " "})).status_code == 422
            done = await regulator.post(f"/sites/{site}/cards/{card}/lift", data={"reason": "已核查"})
            assert done.status_code == 303
            assert (await regulator.post(f"{way}/{card}/lift", json={"reason": "x"})).status_code == 409
            (shown,) = (await regulator.get(way)).json()
            assert (shown["lifted_by"], shown["reason"]) == ("李强", "已核查")
            assert (await regulator.get(f"/api/v1/sites/{site}")).json()["card"] is None
    assert count(dsn, "SELECT count(*) FROM audit WHERE action = 'card_lifted'") == 1


async def test_overdue_alerts_alone_are_listed(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        alert = await at.traps()
        async with at.console.as_("yuexiu") as regulator:
            assert (await regulator.get("/api/v1/alerts?overdue=true")).json()["items"] == []
            assert f'data-id="{alert}"' not in (await regulator.get("/?overdue=1")).text
            await at.owner.execute("UPDATE alert SET due = now() - interval '1 minute'")
            assert [one["id"] for one in (await regulator.get("/api/v1/alerts?overdue=true")).json()["items"]] == [
                alert
            ]
            assert f'data-id="{alert}"' in (await regulator.get("/?overdue=1")).text
            await at.owner.execute("UPDATE alert SET status = 'acknowledged'")  # class I is in time by then
            assert (await regulator.get("/api/v1/alerts?overdue=true")).json()["items"] == []


async def test_another_authority_sees_nothing_of_it(dsn: str, tmp_path: Path) -> None:
    async with house(dsn, tmp_path) as at:
        alert = await at.traps()
        path = await at.link("maintainer")
        async with at.console.visitor() as phone:
            await phone.post(f"{path}/answered")
        await at.owner.execute("INSERT INTO card (site_id, alert_id, colour) SELECT site_id, id, 'red' FROM alert")
        await at.owner.execute("INSERT INTO card_lift SELECT card.id, person.id, now(), 'x' FROM card, person LIMIT 1")
        with psycopg.connect(dsn) as connection:
            connection.execute("SET ROLE mingchu_api")
            for table in ("rescuer", "device_rescuer", "clock", "rescue_step", "card", "card_lift"):
                for authority, seen in (("", False), ("gz.th", False), ("gz.yx", True)):
                    connection.execute("SELECT set_config('mingchu.authority', %s, false)", (authority,))
                    (found,) = connection.execute(f"SELECT count(*) > 0 FROM {table}".encode()).fetchone() or (None,)
                    assert found is seen, (table, authority, alert)
