"""Settings: the environment's names, what the data directory adds, and what is said when something is missing."""

from pathlib import Path

import pytest

from edge.enrolment import Kept
from edge.relay import SiteBroker
from mingchu import enrolled, settings
from mingchu.datadir import DataDirectoryError
from mingchu.settings import BadSettingError


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(f"MINGCHU_{name.upper()}", raising=False)
    monkeypatch.setenv("MINGCHU_DATA_DIR", str(tmp_path))
    return monkeypatch


def test_the_environment_names_the_servers(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MINGCHU_DATABASE_URL", "postgresql://m:p@db/mingchu")
    environment.setenv("MINGCHU_MQTT_URL", "mqtt://broker:1884")
    environment.setenv("MINGCHU_MQTT_PASSWORD", "hunter22")
    read = settings.read()
    assert read.dsn == "postgresql://m:p@db/mingchu"
    assert read.broker == ("mqtt://broker:1884", "mingchu", "hunter22")
    assert "hunter22" not in repr(read)
    assert "m:p@" not in repr(read)


def test_the_data_directory_of_a_running_house_is_found(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = settings.read().data
    data.make()
    database, broker, edge = (data.secret(name) for name in ("database", "broker", "edge.edge-1"))
    port, service_port = data.port("broker"), data.port("broker-services")
    read = settings.read()
    assert read.dsn.startswith(f"postgresql://mingchu:{database}@/mingchu?host=")
    assert read.broker == (f"mqtt://127.0.0.1:{service_port}", "mingchu", broker)
    assert read.edge_broker == f"mqtt://127.0.0.1:{port}"
    assert read.edge_login == ("edge-1", edge)
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o600}


@pytest.mark.parametrize(
    "need, names",
    [("dsn", "MINGCHU_DATABASE_URL"), ("broker", "MINGCHU_MQTT_URL"), ("edge_login", "MINGCHU_EDGE_SECRET")],
)
def test_what_is_missing_is_said_with_its_name(environment: pytest.MonkeyPatch, need: str, names: str) -> None:
    with pytest.raises(BadSettingError, match=names):
        getattr(settings.read(), need)


def test_a_wrong_value_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MINGCHU_API_PORT", "many")
    environment.setenv("MINGCHU_LOG_LEVEL", "loud")
    with pytest.raises(BadSettingError, match=r"MINGCHU_API_PORT: .*MINGCHU_LOG_LEVEL: "):
        settings.read()


def test_an_edge_may_have_a_sites_broker(environment: pytest.MonkeyPatch) -> None:
    assert settings.read().site_broker is None
    environment.setenv("MINGCHU_SITE_MQTT_URL", "mqtts://gateway.kitchen")
    environment.setenv("MINGCHU_SITE_MQTT_USER", "reader")
    environment.setenv("MINGCHU_SITE_MQTT_PASSWORD", "hunter22")
    environment.setenv("MINGCHU_SITE_MQTT_PROTOCOL", "3.1.1")
    found = settings.read().site_broker
    assert found == SiteBroker("mqtts://gateway.kitchen", "reader", "hunter22", "3.1.1")
    assert "hunter22" not in repr(found)


def test_an_enrolled_machine_needs_no_settings_and_those_that_there_are_win(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.read().data.make()
    kept = Kept("edge-canteen", "s3cret", "https://console.example", "mqtts://broker.example", "canteen-1")
    enrolled.keep(settings.read().data, kept)
    read = settings.read()
    assert read.edge_login == ("edge-canteen", "s3cret")
    assert (read.edge_broker, read.edge_api) == ("mqtts://broker.example", "https://console.example")
    assert (tmp_path / "edge" / "enrolment.json").stat().st_mode & 0o777 == 0o600
    environment.setenv("MINGCHU_MQTT_URL", "mqtt://other")
    environment.setenv("MINGCHU_API_URL", "http://other")
    environment.setenv("MINGCHU_EDGE_SECRET", "another")
    read = settings.read()
    assert read.edge_login == ("edge-canteen", "another")
    assert (read.edge_broker, read.edge_api) == ("mqtt://other", "http://other")
    environment.delenv("MINGCHU_EDGE_SECRET")
    environment.setenv("MINGCHU_EDGE", "edge-other")  # another edge's secret is not this one's
    with pytest.raises(BadSettingError, match="secret of edge edge-other"):
        _ = settings.read().edge_login


def test_a_damaged_enrolment_is_said_so(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.read().data.make()
    (tmp_path / "edge" / "enrolment.json").write_text("{")
    with pytest.raises(DataDirectoryError, match="enrol this edge again"):
        _ = settings.read().edge_login
