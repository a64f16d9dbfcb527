"""The database goes away and comes back: one sentence meanwhile, everything as before soon after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.app import create_app
from api.config import ApiConfig
from domain.alert import Role
from store.people import Person
from tests import console_world
from tests.console_client import ADDRESS, Console
from tests.servers import PATIENCE_S


class Wire:
    """A TCP relay before the database that can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._goal = (host, port)
        self._server: asyncio.Server | None = None
        self._streams: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for stream in self._streams:
            stream.transport.abort()
        self._streams.clear()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._goal
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await self._connect()
        self._streams |= {writer, downstream}
        await asyncio.gather(_copy(reader, downstream), _copy(upstream, writer))


async def _copy(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            goal.write(data)
            await goal.drain()
    except OSError:
        pass  # the wire was cut
    finally:
        goal.close()


@asynccontextmanager
async def _wired(dsn: str) -> AsyncIterator[tuple[Wire, str]]:
    parts = conninfo_to_dict(dsn)
    wire = Wire(str(parts.get("host", "127.0.0.1")), int(str(parts.get("port", 5432))))
    await wire.mend()
    yield wire, make_conninfo(dsn, host="127.0.0.1", port=wire.port)
    wire.cut()


async def test_a_cut_wire_is_mended(dsn: str, tmp_path: Path) -> None:
    world = await console_world.registered(dsn, tmp_path)
    async with _wired(dsn) as (wire, through):
        app = create_app(ApiConfig(through, tmp_path, ADDRESS))
        async with app.router.lifespan_context(app), Console(app, world).as_("canteen") as client:
            assert (await client.get("/api/v1/alerts")).status_code == 200
            wire.cut()
            refused = await client.get("/api/v1/alerts")
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            await wire.mend()
            async with asyncio.timeout(PATIENCE_S):
                while (await client.get("/api/v1/alerts")).status_code != 200:
                    await asyncio.sleep(0.1)
            somebody = Person(1, "x", "x", Role.REGULATOR, "gz", None, "zh")
            async with app.state.desk.live.reader(somebody) as reader, asyncio.timeout(PATIENCE_S):
                with psycopg.connect(dsn, autocommit=True) as connection:
                    connection.execute("SELECT pg_notify('mingchu_alert', '7')")
                    while not await reader.wait(0.5):  # the ear needs its back-off
                        connection.execute("SELECT pg_notify('mingchu_alert', '7')")
                lost, heard = reader.take()
                assert lost or heard == [7]
