"""Marker secrets in every secret setting and table, errors driven through: none comes out anywhere (PROMISES S7)."""

import asyncio
import io
import os
import re
import secrets
import subprocess
import sys
import typing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from alerts import pusher
from alerts.config import AlertsConfig
from alerts.counters import Counters
from alerts.mail import MailServer
from api.app import create_app
from api.config import ApiConfig, BrokerLogin, Provider
from edge.counters import Counters as EdgeCounters
from edge.source import Source, SourceError, SourceOptions
from mingchu import backup, broker, doctor, logs
from mingchu.datadir import DataDirectory
from mingchu.settings import Settings
from mingchu.up import UpConfig, _House, _Place
from tests.console_client import Console
from tests.console_world import PASSWORD, add_alert, registered
from tests.servers import PATIENCE_S, wait_for

_CLOSED = broker.free_port()
_WORDS = re.compile(rb"refused|does not answer|cannot|no broker|unreachable", re.IGNORECASE)


def marker(name: str) -> str:
    return f"marker{name.replace('_', '')}{secrets.token_hex(6)}"


def is_secret(name: str) -> bool:
    return SecretStr in typing.get_args(Settings.model_fields[name].annotation)


@pytest.fixture
def marked(tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    """An environment in which every secret setting holds a marker, and nothing answers; and the markers."""
    markers = {name: marker(name) for name in Settings.model_fields if is_secret(name)}
    assert len(markers) >= 7
    places = {"database_url": "postgresql://mingchu:{}@127.0.0.1:{}/x", "smtp_url": "smtp://user:{}@127.0.0.1:{}"}
    values = {name: places.get(name, "{}").format(said, _CLOSED) for name, said in markers.items()}
    values |= {
        "mqtt_url": f"mqtt://127.0.0.1:{_CLOSED}", "site_mqtt_url": f"mqtt://127.0.0.1:{_CLOSED}",
        "site_mqtt_user": "edge", "smtp_from": "a@b.example", "oidc_issuer": f"https://127.0.0.1:{_CLOSED}",
        "oidc_client_id": "mingchu", "data_dir": str(tmp_path / "data"), "log_level": "DEBUG", "edge": "edge-1",
        "backup_dir": str(tmp_path / "backups"),
    }  # fmt: skip
    return {f"MINGCHU_{name}".upper(): value for name, value in values.items()}, list(markers.values())


def clean(text: str | bytes, markers: list[str], where: str) -> None:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    found = [one for one in markers if one in said]
    assert not found, f"{where} tells {found}"


def test_what_the_services_say_when_nothing_answers(marked: tuple[dict[str, str], list[str]], tmp_path: Path) -> None:
    environment, markers = marked
    DataDirectory(tmp_path / "data").make()
    api_port = broker.free_port()
    running = {
        words: subprocess.Popen(
            [sys.executable, "-m", "mingchu", *words.split()],
            env={**os.environ, **environment, "MINGCHU_API_PORT": str(api_port)},
            stdout=(tmp_path / f"{words}.log").open("wb"),
            stderr=subprocess.STDOUT,
        )
        for words in ("doctor", "migrate", "ingest", "alerts", "edge", "backup", "api")
    }  # fmt: skip
    try:
        for words, process in running.items():
            said = tmp_path / f"{words}.log"
            if words == "api":
                wait_for(lambda: _answers(api_port))
                _ask_without_a_database(api_port, markers)
                continue
            wait_for(lambda: bool(_WORDS.search(said.read_bytes())) or process.poll() is not None)  # noqa: B023
            if process.poll() is None:
                clean(Path(f"/proc/{process.pid}/cmdline").read_bytes(), markers, f"the arguments of {words}")
            assert _WORDS.search(said.read_bytes()), f"{words} met no error: {said.read_text()}"
    finally:
        for process in running.values():
            process.terminate()
            process.wait(timeout=PATIENCE_S)
    for words in running:
        clean((tmp_path / f"{words}.log").read_bytes(), markers, words)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _ask_without_a_database(port: int, markers: list[str]) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
        login = client.post("/api/v1/login", json={"login": "a", "password": "b"})
        assert login.status_code == 503
        metrics = next(one for one in markers if one.startswith("markermetrics"))
        for path in ("/login", "/metrics", "/readyz", "/login/oidc", "/nowhere", "/api/v1/alerts"):
            answer = client.get(path, headers={"authorization": f"Bearer {metrics}"})
            clean(answer.text + str(answer.headers), markers, path)
        clean(login.text, markers, "/api/v1/login")


def test_no_process_of_up_has_a_secret_in_its_arguments(
    marked: tuple[dict[str, str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, markers = marked
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    place = _Place(
        environment["MINGCHU_DATABASE_URL"], ("mqtt://x", "u", environment["MINGCHU_MQTT_PASSWORD"]), "", None
    )
    house = _House(UpConfig(Settings(), demo=True), _Silent())
    programs = list(house._services(place))
    assert any(markers[1] in str(program.environment) for program in programs)  # that is where they are
    for program in programs:
        clean(" ".join(program.argv), markers, program.name)


class _Silent:
    def step(self, text: str) -> None: ...
    def welcome(self, welcome: object) -> None: ...
    def show(self, view: object) -> None: ...
    def close(self) -> None: ...


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What is logged meanwhile, as the product writes it at DEBUG."""
    import logging

    kept, level = list(logging.getLogger().handlers), logging.getLogger().level
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    logging.getLogger().handlers = kept
    logging.getLogger().setLevel(level)


async def test_a_house_at_work_keeps_its_secrets(dsn: str, tmp_path: Path, logged: io.StringIO) -> None:
    world = await registered(dsn, tmp_path / "data" / "evidence")
    password = re.search(r"password=(\S+)", dsn)
    names = ("channel", "robot", "camera", "smtp", "oidc", "broker", "metrics", "ticket", "device")
    by = {name: marker(name) for name in names}
    markers = [*by.values(), *([password.group(1)] if password else [])]
    alert = add_alert(world, "warm", "cold-frozen-warm", device="cold-1")
    with psycopg.connect(dsn) as connection:
        closed = f"http://127.0.0.1:{_CLOSED}"
        connection.execute("UPDATE channel SET secret = %s, url = %s", (by["channel"], f"{closed}/{by['robot']}"))
        connection.execute("UPDATE camera SET url = %s", (f"rtsp://user:{by['camera']}@127.0.0.1:{_CLOSED}/1",))
        connection.execute("UPDATE device SET credential = %s", (by["device"],))
        connection.execute("UPDATE push SET next_try = now(), sent = NULL, tries = 0")
    config = ApiConfig(
        dsn, world.evidence_dir, "http://console.test",
        broker=BrokerLogin("127.0.0.1", _CLOSED, False, "mingchu", by["broker"]), metrics_token=by["metrics"],
        ticket_key=by["ticket"],
        provider=Provider(f"https://127.0.0.1:{_CLOSED}", "mingchu", by["oidc"]),
    )  # fmt: skip
    clean(repr(config), [one for name, one in by.items() if name != "device"], "the settings' repr")
    app = create_app(replace(config))
    _fail_at_last(app, by["robot"])
    async with app.router.lifespan_context(app):
        await _push(dsn, by["smtp"])
        await _visit(Console(app, world), alert, by["metrics"], markers)
    _look_at_a_camera(by["camera"])

    settings = Settings(database_url=SecretStr(dsn), data_dir=tmp_path / "data", backup_dir=tmp_path / "backups")
    taken = await asyncio.to_thread(backup.take, settings, tmp_path / "backups", None, lambda _: None)
    clean((taken.folder / "manifest.json").read_bytes(), markers, "the backup's manifest")
    looked = [f"{one}" async for one in doctor.examine(settings)]
    assert looked
    clean(" ".join(looked), markers, "the doctor")
    with psycopg.connect(dsn) as connection:
        for query in ("SELECT detail FROM audit", "SELECT last_error FROM push", "SELECT reason FROM alert_history"):
            clean(str(connection.execute(query.encode()).fetchall()), markers, query)
        failed = connection.execute("SELECT count(*) FROM push WHERE last_error <> ''").fetchone()
    assert failed is not None
    assert failed[0] > 0  # the pushes were tried, in vain
    assert "request failed" in logged.getvalue()
    clean(logged.getvalue(), markers, "the log")


def _fail_at_last(app: FastAPI, secret: str) -> None:
    """A route that fails with a secret address in its exception, as a library's would."""

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError(f"cannot reach https://user:{secret}@hooks.example/")


async def _push(dsn: str, secret: str) -> None:
    """A pusher at work, until each channel was tried."""
    stop = asyncio.Event()
    mail = MailServer("127.0.0.1", _CLOSED, "a@b.example", False, "user", secret)
    task = asyncio.create_task(pusher.push(AlertsConfig(dsn, "x", Path(), True, mail), Counters(), stop))

    def tried() -> bool:
        with psycopg.connect(dsn) as connection:
            left = connection.execute("SELECT count(*) FROM push WHERE last_error = ''").fetchone()
        return left == (0,)

    await asyncio.to_thread(wait_for, tried)
    stop.set()
    await task


async def _visit(house: Console, alert: int, token: str, markers: list[str]) -> None:
    """All that an admin and an operator read of channels, cameras, devices; errors; metrics."""
    ids = house.world
    paths = ["/channels", "/api/v1/channels", "/operations", "/api/v1/operations", "/edges", "/audit", "/vendors",
             f"/alerts/{alert}", f"/api/v1/alerts/{alert}", f"/cameras/{ids.cameras['canteen-1-stove']}/settings",
             f"/api/v1/cameras/{ids.cameras['canteen-1-stove']}/settings", f"/devices/{ids.devices['cold-1']}",
             "/api/v1/broken", "/api/v1/nowhere", "/people", "/me", "/api/v1/openapi.json", "/login/oidc"]  # fmt: skip
    for login in ("admin", "cold"):
        async with house.as_(login) as client:
            for path in paths:
                answer = await client.get(path)
                clean(answer.text + str(answer.headers), [*markers, PASSWORD], f"{path} for {login}")
    async with house.visitor() as client:
        metrics = await client.get("/metrics", headers={"authorization": f"Bearer {token}"})
        assert metrics.status_code == 200
        clean(metrics.text, markers, "/metrics")


def _look_at_a_camera(secret: str) -> None:
    with pytest.raises(SourceError) as refused:
        Source(f"rtsp://user:{secret}@127.0.0.1:{_CLOSED}/1", SourceOptions(), EdgeCounters()).open()
    clean(str(refused.value), [secret], "a camera's error")
