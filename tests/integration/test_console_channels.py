"""Channels and one-time links in the console: who keeps which, what never comes out again, and what a link may do."""

from pathlib import Path
from uuid import UUID

import psycopg

from domain import action_link
from tests.alert_world import count, rows
from tests.console_client import Console, console
from tests.console_world import add_alert

KEY = b"k" * 32
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=marker-secret-key"
SUBSCRIPTION = {"endpoint": "https://push.example/one", "keys": {"p256dh": "B" + "A" * 86, "auth": "A" * 22}}


def _push(house: Console, *, reason: str = "raised", age: str = "0 s") -> tuple[int, UUID]:
    """An open alert of the canteen, told over a robot of its operator: its id and the push's."""
    alert = add_alert(house.world, f"alert {reason} {age}", "fire-unattended", camera="canteen-1-stove", zone="stove")
    with psycopg.connect(house.world.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO push_key (vapid_private, vapid_public) VALUES ('x', 'BP') ON CONFLICT DO NOTHING"
        )
        connection.execute("UPDATE link_key SET key = %s", (KEY.decode(),))
        row = connection.execute(
            "WITH robot AS (INSERT INTO channel (operator_id, kind, name, url, secret) SELECT operator_id, 'wecom',"
            " '值班群', %s, '' FROM alert JOIN site ON site.id = site_id WHERE alert.id = %s RETURNING id)"
            " INSERT INTO push (alert_id, channel_id, reason, created, sent, next_try) SELECT %s, id, %s,"
            " now() - %s::interval, now(), NULL FROM robot RETURNING id",
            (WECOM, alert, alert, reason, age),
        ).fetchone()
    assert row is not None
    return alert, row[0]


async def test_a_channel_is_kept_by_its_own_side_and_its_key_never_comes_out(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as mine:
        wanted = {"kind": "wecom", "name": "值班群", "address": WECOM, "quiet_from": "22:00", "quiet_to": "07:00"}
        made = await mine.post("/api/v1/channels", json=wanted)
        assert made.status_code == 201, made.text
        channel = made.json()
        assert (channel["place"], channel["state"], channel["mine"]) == ("qyapi.weixin.qq.com", "new", True)
        assert channel["budget"] == {"ordinary": 4, "reserved": 4, "ordinary_of": 4, "reserved_of": 4}
        page = await mine.get("/channels")
        assert "值班群" in page.text
        for text in (made.text, page.text, (await mine.get("/api/v1/channels")).text):
            assert "marker-secret-key" not in text
        one = f"/api/v1/channels/{channel['id']}"
        async with house.as_("yuexiu") as regulator:  # sees the operator's, and may not touch it
            assert (await regulator.get(one)).json()["mine"] is False
            assert (await regulator.post(f"{one}/test")).status_code == 403
            assert (await regulator.delete(one)).status_code == 403
            assert (await regulator.post(f"/channels/{channel['id']}/remove")).status_code == 403
        async with house.as_("market") as stranger:
            assert (await stranger.get(one)).status_code == 404
            assert "值班群" not in (await stranger.get("/channels")).text
        settings = {"name": "夜班群", "rank": 2, "enabled": True, "lang": "en", "quiet_from": None, "quiet_to": None}
        assert (await mine.put(one, json=settings)).json()["rank"] == 2
        assert (await mine.post(f"{one}/test")).json()["waiting"] == 1
        assert (await mine.delete(one)).status_code == 204
        assert (await mine.get(one)).status_code == 404
        assert count(dsn, "SELECT count(*) FROM audit WHERE action LIKE 'channel\\_%%'") == 4


async def test_what_is_no_channel_is_refused_in_one_sentence(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as mine:
        for change, code in (
            ({"address": "https://evil.example/send?key=1"}, "channel_address"),
            ({"address": "file:///etc/passwd"}, "channel_address"),
            ({"kind": "email", "address": "a@b.example,c@d.example"}, "channel_address"),
            ({"kind": "webhook", "address": "https://hooks.example/1", "secret": "short"}, "channel_secret"),
            ({"quiet_from": "22:00"}, "channel_quiet"),
        ):
            answer = await mine.post("/api/v1/channels", json={"kind": "wecom", "address": WECOM, **change})
            assert (answer.status_code, answer.json()["code"]) == (422, code)
        page = await mine.post("/channels", data={"kind": "wecom", "address": "https://evil.example/", "rank": "1"})
        assert page.status_code == 422
        assert "https://evil.example/" in page.text
        assert (await mine.post("/channels", data={"kind": "wecom", "address": WECOM, "rank": "x"})).status_code == 422
        assert count(dsn, "SELECT count(*) FROM channel WHERE kind = 'wecom'") == 0
        good = {"kind": "email", "address": "wang@canteen.example", "rank": "2", "lang": "zh", "quiet_from": ""}
        assert (await mine.post("/channels", data=good)).status_code == 303
        assert rows(dsn, "SELECT url, place FROM channel WHERE kind = 'email'") == [
            ("mailto:wang@canteen.example", "wang@canteen.example")
        ]


async def test_a_browser_is_its_persons_channel(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.as_("canteen") as mine, house.as_("cold") as theirs:
        assert (await mine.get("/api/v1/channels/push-key")).json() == {"key": None}
        alert, _ = _push(house)
        assert (await mine.get("/api/v1/channels/push-key")).json() == {"key": "BP"}
        first = (await mine.post("/api/v1/channels/browser", json=SUBSCRIPTION)).json()
        assert (first["kind"], first["person"], first["place"]) == ("webpush", "王敏", "push.example")
        push = rows(
            dsn,
            "INSERT INTO push (alert_id, channel_id, reason, sent) VALUES (%s, %s, 'raised', now()) RETURNING id::text",
            (alert, first["id"]),
        )[0][0]
        opened = f"/api/v1/pushes/{push}/opened"
        assert (await theirs.post(opened)).status_code == 404
        assert (await mine.post(opened)).status_code == 204
        assert count(dsn, "SELECT count(*) FROM push WHERE opened IS NOT NULL") == 1
        # The next person at the same browser takes it over.
        assert (await theirs.post("/api/v1/channels/browser", json=SUBSCRIPTION)).status_code == 201
        assert (await mine.get(f"/api/v1/channels/{first['id']}")).status_code == 404
        assert (await mine.get("/sw.js")).headers["content-type"].startswith("text/javascript")


async def test_a_link_shows_a_button_and_acts_once(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as nobody:
        alert, push = _push(house)
        address = f"/a/{action_link.token(KEY, push)}"
        for _ in range(2):
            page = await nobody.get(address)  # a preview in a chat does the same
            assert page.status_code == 200
            assert f'action="{address}"' in page.text
        assert rows(dsn, "SELECT status FROM alert WHERE id = %s", (alert,)) == [("open",)]
        done = await nobody.post(address)
        assert done.status_code == 200, done.text
        assert f'action="{address}"' not in done.text
        assert rows(dsn, "SELECT status FROM alert WHERE id = %s", (alert,)) == [("acknowledged",)]
        assert rows(
            dsn, "SELECT person.name, enabled FROM alert_history JOIN person ON person.id = person_id"
            " WHERE alert_id = %s AND action = 'acknowledge'", (alert,),
        ) == [("值班群", False)]  # fmt: skip
        assert (await nobody.post(address)).status_code == 409
        assert count(dsn, "SELECT count(*) FROM audit WHERE action = 'link_used'") == 1


async def test_a_link_is_worth_nothing_changed_late_or_for_something_else(dsn: str, tmp_path: Path) -> None:
    async with console(dsn, tmp_path) as house, house.visitor() as nobody:
        _, fresh = _push(house)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE alert SET status = 'closed'")
        _, old = _push(house, age="25 hours")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE alert SET status = 'closed'")
        _, other = _push(house, reason="closed")
        for token, status in (
            (action_link.token(b"another key", fresh), 404),
            (action_link.token(KEY, UUID(int=1)), 404),
            ("x" * 38, 404),
            (action_link.token(KEY, old), 410),
            (action_link.token(KEY, other), 404),
        ):
            assert (await nobody.get(f"/a/{token}")).status_code == status
            assert (await nobody.post(f"/a/{token}")).status_code == status
        page = await nobody.post(f"/a/{action_link.token(KEY, fresh)}")  # closed meanwhile: refused, and not used up
        assert page.status_code == 409
        assert count(dsn, "SELECT count(*) FROM push WHERE acted IS NOT NULL") == 0
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("UPDATE channel SET enabled = false")
        assert (await nobody.get(f"/a/{action_link.token(KEY, fresh)}")).status_code == 410
