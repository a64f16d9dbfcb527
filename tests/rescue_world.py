"""Somebody trapped in a lift, for tests of the rescue."""

import psycopg

from domain import rescue as links
from store import rescue
from store.connection import connect
from tests.console_world import World, add_alert, now


async def trapped(world: World) -> str:
    """Somebody is trapped since four minutes, the lift's maintainer is called; returns the way of his link."""
    async with await connect(world.dsn, autocommit=True) as owner:
        known = await rescue.put_rescuer(owner, "maintainer-1", "安顺维保", "Anshun", "400-1")
        await rescue.put_channel(owner, known, "https://hooks.example/maintainer", "k")
        await rescue.serve(owner, "tower", "lift-1", "maintainer", "maintainer-1")
    alert = add_alert(world, "trapped", "lift-entrapment", device="lift-1")
    with psycopg.connect(world.dsn) as connection:
        connection.execute(
            "INSERT INTO clock (alert_id, ladder, version, rung, kind, ends, started, due, done, outcome)"
            " SELECT %s, 'lift-rescue', 1, rung->>'code', rung->>'kind', ARRAY(SELECT jsonb_array_elements_text("
            "  rung->'ends')), began, began + make_interval(secs => (rung->>'after_s')::float8),"
            " CASE rung->>'code' WHEN 'call' THEN began END, CASE rung->>'code' WHEN 'call' THEN 'fired' END"
            " FROM ladder, jsonb_array_elements(body->'rungs') AS rung, (SELECT now() - interval '4 minutes' AS began)"
            " WHERE ladder.code = 'lift-rescue'",
            (alert,),
        )
        key = connection.execute("SELECT key FROM link_key").fetchone()
    assert key is not None
    return f"/rescue/{links.sign(links.link(alert, 'maintainer', now()), key[0])}"
