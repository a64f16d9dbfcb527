"""Which mosquitto keeps what it must."""

import socket
from pathlib import Path

import pytest

from mingchu.broker import free_port, weakness_of


@pytest.mark.parametrize(
    ("version", "sound"),
    [("2.0.11", True), ("2.0.12", False), ("2.0.22", False), ("2.0.23", True), ("2.1.2", True), ("1.6.12", True)],
)
def test_a_broker_that_forgets_who_is_away(version: str, *, sound: bool) -> None:
    said = weakness_of(f"mosquitto version {version}\n\nmosquitto is an MQTT v5.0/v3.1.1/v3.1 broker.\n")
    assert (said == "") == sound
    assert sound or said.startswith(f"mosquitto {version} drops what devices say while ingest is away: install")


def test_a_stranger_is_not_judged() -> None:
    assert weakness_of("mosquitto, of some kind") == ""


def test_a_free_port_is_given_once_and_no_outgoing_connection_takes_it() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        given = [free_port() for _ in range(50)]
        assert taken.getsockname()[1] not in given
    assert len(set(given)) == 50
    outgoing = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if outgoing.exists():
        assert max(given) < int(outgoing.read_text(encoding="ascii").split()[0])
