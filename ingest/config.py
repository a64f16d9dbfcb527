"""What the ingest worker is told at its start."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """`name` is the worker's own and stable: the broker keeps this worker's session (and its messages) under it."""

    dsn: str
    mqtt_url: str  # mqtt://host:port, mqtts:// for TLS
    mqtt_user: str
    mqtt_password: str
    name: str = "1"
    shared: bool = False  # several workers share what comes; mosquitto forgets that when it restarts (ADR 25)
