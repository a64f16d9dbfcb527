"""docker-compose.yml and Dockerfile against the code that they start. Docker itself is not needed."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from mingchu import demo
from mingchu.cli import app
from mingchu.settings import Settings
from mingchu.up import UpConfig, _House, _Place

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")

SETTINGS = {f"MINGCHU_{field}".upper() for field in Settings.model_fields}
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN")


def filled(text: str) -> str:
    """What compose makes of it where .env sets only what must be set."""
    return VARIABLE.sub(lambda found: found["rest"] if found["kind"] == "-" else "given", text).replace("$$", "$")


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in service.get("environment", {}).items()}


def image_environment() -> dict[str, str]:
    words = " ".join(re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)).split()
    return dict(word.split("=", 1) for word in words)


def command(service: dict[str, Any]) -> list[str]:
    return [filled(str(word)) for word in service["command"]]


def resolved(words: list[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The command's path in the command line and its parsed options; unknown ones raise."""
    found, path = get_command(app), list[str]()
    while isinstance(found, TyperGroup) and words and not words[0].startswith("-"):
        assert words[0] in found.commands, f"there is no command {' '.join([*path, words[0]])}"
        found, path, words = found.commands[words[0]], [*path, words[0]], words[1:]
    assert not isinstance(found, TyperGroup) or found.invoke_without_command, f"{path} needs a subcommand"
    return tuple(path), dict(found.make_context("mingchu", list(words)).params)


class Silent:
    """A screen that nobody looks at."""

    def step(self, text: str) -> None: ...
    def welcome(self, welcome: object) -> None: ...
    def show(self, view: object) -> None: ...
    def close(self) -> None: ...


def up_programs(root: Path) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """What `mingchu up --demo` starts: each command of ours, and the settings that it is given."""
    house = _House(UpConfig(Settings(data_dir=root), demo=True, repeat=True), Silent())
    place = _Place("postgresql:///", ("mqtt://127.0.0.1:1", "mingchu", "-"), "mqtt://127.0.0.1:2", None)
    for program in house._services(place):
        words = list(program.argv[program.argv.index("mingchu") + 1 :])
        yield resolved(words)[0], {name for name in program.environment if name.startswith("MINGCHU_")}


def test_the_services_are_those_of_the_design() -> None:
    assert SERVICES["database"]["image"].startswith("timescale/timescaledb:")
    assert SERVICES["mosquitto"]["image"].startswith("eclipse-mosquitto:")
    always = {name for name in OURS if "profiles" not in OURS[name]}
    assert always == {"migrate", "broker-keeper", "enrol", "ingest", "alerts", "api", "edge"}
    assert {name: OURS[name]["profiles"] for name in set(OURS) - always} == {
        "simulate": ["demo"],
        "receiver": ["demo"],
        "backup": ["backup"],
    }
    assert set(SERVICES) - set(OURS) == {"database", "mosquitto", "proxy"}
    assert SERVICES["proxy"]["image"].startswith("caddy:")
    assert SERVICES["proxy"]["profiles"] == ["tls"]


def test_every_name_is_one_that_the_settings_read() -> None:
    for name, service in OURS.items():
        unknown = {key for key in environment(service) if key.startswith("MINGCHU_")} - SETTINGS
        assert not unknown, f"{name} is given {unknown}, which nothing reads"
    assert {key for key in image_environment() if key.startswith("MINGCHU_")} <= SETTINGS
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    variables = {found["name"] for found in VARIABLE.finditer(yaml.safe_dump(SERVICES))}
    assert set(re.findall(r"MINGCHU_[A-Z_]+", text)) <= SETTINGS | variables


# Who reads a setting in the house of containers. Each service is given all that it reads.
EDGES = {
    "EDGE", "EDGE_SECRET", "EDGE_THREADS", "EDGE_SPOOL_MIB", "SITE_MQTT_URL", "SITE_MQTT_USER", "SITE_MQTT_PASSWORD",
    "SITE_MQTT_CA", "SITE_MQTT_PROTOCOL", "CAMERA_NETWORKS", "HWACCEL", "UPLOAD_KBPS", "URGENT_LOOK_S", "CALM_LOOK_S",
    "PATROL_PERIOD_S", "PATROL_CONNECTIONS", "PATROL_WATCHES", "PATROL_FORCED_VISITS", "WEIGHTS", "API_URL", "MQTT_URL",
}  # fmt: skip
HOUSES = {"DATABASE_URL", "CONSOLE_URL", "EVIDENCE_DIR", "BACKUP_DIR"}
LANDS = HOUSES | {"MQTT_URL", "MQTT_USER", "MQTT_PASSWORD", "WORKER", "SHARED"}
READERS = {
    "edge": EDGES,
    "ingest": LANDS,
    "enrol": LANDS,
    "alerts": HOUSES | {"SMTP_URL", "SMTP_FROM", "PUSH_ALLOW_PRIVATE"},
    "api": (LANDS - {"WORKER", "SHARED"}) | {
        "API_HOST", "API_PORT", "EDGE_MQTT_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_CLAIM",
        "TILE_URL", "TRUSTED_PROXIES", "API_SESSION_REQUESTS", "API_ADDRESS_REQUESTS", "METRICS_TOKEN",
    },
    "backup": HOUSES,
    "broker-keeper": HOUSES | {"MQTT_PASSWORD", "MQTT_NAMES"},
    "migrate": HOUSES | {"SIMULATOR_HOST", "RECEIVER_HOST"},
    "simulate": {"MQTT_URL", "SIMULATOR_BIND"},
    "receiver": {"SIMULATOR_BIND"},
}  # fmt: skip
# The image says where data lie; the private broker is `mingchu up`'s, whose ports compose has as the keeper's options.
NOT_COMPOSED = {"DATA_DIR", "MQTT_HOST", "MQTT_TLS_PORT"}


def test_every_setting_reaches_whoever_reads_it() -> None:
    known = {name.removeprefix("MINGCHU_") for name in SETTINGS}
    assert set(READERS) == set(OURS)
    assert set().union(*READERS.values()) | NOT_COMPOSED | {"LOG_LEVEL"} == known
    for name, read in READERS.items():
        given = {key.removeprefix("MINGCHU_") for key in environment(OURS[name])}
        assert (read | {"LOG_LEVEL"}) <= given, f"{name} is not given {sorted((read | {'LOG_LEVEL'}) - given)}"


def test_what_env_leaves_out_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, service in OURS.items():
        for key, value in environment(service).items():
            monkeypatch.setenv(key, filled(value))
        settings = Settings()
        if name == "edge":
            assert settings.camera_networks == Settings.model_fields["camera_networks"].default
            assert settings.calm_look_s == 30.0
        assert settings.oidc_client_secret is None
        assert settings.smtp_url is None


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists_with_its_options(name: str) -> None:
    path, _ = resolved(command(OURS[name]))
    assert path


def test_a_command_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no command simulate films"):
        resolved(["simulate", "films"])
    with pytest.raises(Exception, match="--wrong"):
        resolved(["ingest", "--wrong"])


def test_they_are_the_commands_that_up_starts(tmp_path: Path) -> None:
    ups = dict(up_programs(tmp_path))
    here = {name: resolved(command(service))[0] for name, service in OURS.items()}
    once = {here[name] for name in ("migrate", "broker-keeper", "enrol", "backup")}
    assert set(here.values()) - once == set(ups)
    for name in ("ingest", "alerts", "api", "edge"):
        given = {*environment(OURS[name]), *image_environment()}
        # In the demo on one machine the cameras are on loopback; composed ones are on a private network, let in anyhow.
        assert ups[here[name]] - given <= {"MINGCHU_LOG_LEVEL", "MINGCHU_CAMERA_NETWORKS"}, name


def test_enrol_takes_the_place_of_the_worker_that_comes() -> None:
    """By a name: a container's host name is another one each time."""
    assert environment(OURS["enrol"])["MINGCHU_WORKER"] == environment(OURS["ingest"])["MINGCHU_WORKER"]


def test_who_is_waited_for_exists_and_says_when_it_is_there() -> None:
    for name, service in SERVICES.items():
        for other, wish in service.get("depends_on", {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            match wish["condition"]:
                case "service_healthy":
                    check = SERVICES[other]["healthcheck"]
                    assert check["test"][0] in {"CMD", "CMD-SHELL"}
                    assert check["test"][1:]
                case "service_completed_successfully":
                    assert SERVICES[other]["restart"] == "no", f"{other} would never be over"
                case condition:
                    pytest.fail(f"{name} waits for {other} to be {condition}")
            assert "profiles" not in SERVICES[other] or "profiles" in service, f"{other} is not always there"
    assert OURS["api"]["healthcheck"]["test"][0] == "CMD"


def test_nothing_but_the_tls_proxy_is_published_beyond_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert {port.split(":")[0] for port in published.pop("proxy")} == {"80", "443"}
    assert set(published) == {"mosquitto", "api", "receiver"}
    for ports in published.values():
        for port in ports:
            assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", filled(port)), port


def test_the_proxy_leads_to_the_api_which_takes_its_word_for_addresses() -> None:
    words = command(SERVICES["proxy"])
    assert words[words.index("--to") + 1] == f"api:{environment(OURS['api'])['MINGCHU_API_PORT']}"
    trusted = environment(OURS["api"])["MINGCHU_TRUSTED_PROXIES"].split(",")
    assert all(ip_network(one).is_private for one in trusted)


def test_no_secret_is_written_down() -> None:
    for service in SERVICES.values():
        for key, value in environment(service).items():
            if SECRET.search(key):
                assert re.fullmatch(r"\$\{\w+:(\?[^}]+|-)\}", value), key
            if "://" in value:
                password = re.search(r"://[^:/@]*:(.*)@", value)
                assert password is None or re.fullmatch(r"\$\{\w+:\?[^}]+\}", password[1]), key
    assert not [key for key in image_environment() if SECRET.search(key)]


def test_addresses_name_services() -> None:
    known = {*SERVICES, "127.0.0.1", "0.0.0.0"}
    for name, service in OURS.items():
        for key, value in environment(service).items():
            plain = filled(value)
            if not plain:
                assert VARIABLE.fullmatch(value), f"{key} of {name}"  # unset, unless .env sets it
            elif key.endswith("_URL"):
                assert urlsplit(plain).hostname in known, f"{key} of {name}"
            elif key.endswith(("_HOST", "_BIND")):
                assert plain in known, f"{key} of {name}"


def test_published_services_listen_where_they_are_published(tmp_path: Path) -> None:
    api = environment(OURS["api"])
    assert OURS["api"]["ports"] == [f"127.0.0.1:8600:{api['MINGCHU_API_PORT']}"]
    assert api["MINGCHU_API_HOST"] == "0.0.0.0"
    for name in ("simulate", "receiver"):
        assert environment(OURS[name])["MINGCHU_SIMULATOR_BIND"] == "0.0.0.0"
    broker = resolved(command(OURS["broker-keeper"]))[1]
    plain, secure = SERVICES["mosquitto"]["ports"]
    assert plain == f"127.0.0.1:1883:{broker['port']}"
    assert filled(secure) == f"127.0.0.1:8883:{broker['tls_port']}"
    inside, outside = (environment(OURS[name])["MINGCHU_MQTT_URL"] for name in ("ingest", "edge"))
    assert (urlsplit(inside).port, urlsplit(outside).port) == (broker["service_port"], broker["port"])
    assert str(broker["service_port"]) in " ".join(SERVICES["mosquitto"]["healthcheck"]["test"])


def test_the_demo_is_reached_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry that `migrate` plants names the simulators' hosts and the published port."""
    for key, value in environment(OURS["migrate"]).items():
        monkeypatch.setenv(key, filled(value))
    settings = Settings(data_dir=tmp_path)
    settings.data.make()
    places = demo.places(settings)
    camera, channel = urlsplit(places.camera_url("cam-1")), urlsplit(places.channel_url("/push"))
    assert camera.hostname == "simulate"
    assert channel.hostname == "receiver"
    assert OURS["receiver"]["ports"] == [f"127.0.0.1:8900:{channel.port}"]


def test_volumes_are_declared_and_data_outlive_a_container() -> None:
    data = image_environment()["MINGCHU_DATA_DIR"]
    for name, service in SERVICES.items():
        mounts = dict(mount.split(":", 1) for mount in service.get("volumes", ()))
        assert set(mounts) <= set(COMPOSE["volumes"]), name
        if name in OURS:
            assert mounts["data"] == data
    assert "broker" in {mount.split(":")[0] for mount in SERVICES["mosquitto"]["volumes"]}
    kept = resolved(command(OURS["broker-keeper"]))[1]["directory"]
    assert f"broker:{kept}" in OURS["broker-keeper"]["volumes"]
    assert f"broker:{kept}" in SERVICES["mosquitto"]["volumes"]


def test_the_image_runs_unprivileged_from_locked_packages() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE)[-1] == "mingchu"
    assert re.search(r"--uid 1883 ", DOCKERFILE), "the broker's files are read by mosquitto's own account"
    assert SERVICES["mosquitto"]["user"] == "1883:1883"
    installs = re.findall(r"pip install.*", DOCKERFILE)
    assert installs
    assert all("--require-hashes -r requirements.lock" in line for line in installs)
    assert (ROOT / "requirements.lock").is_file()
    assert 'ENTRYPOINT ["mingchu"]' in DOCKERFILE
    assert f"EXPOSE {environment(OURS['api'])['MINGCHU_API_PORT']}" in DOCKERFILE
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv"} <= set(ignored)
