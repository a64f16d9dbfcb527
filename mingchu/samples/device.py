#!/usr/bin/env python3
"""A cold store's terminal as Mingchu expects it, to copy from. Needs `pip install paho-mqtt` (2.x) and nothing else.

    python device.py --host broker.example --port 8883 --cafile ca.pem \
        --site coldstore-1 --device room-2 --password …

It shows the five things that a device must do: log in as {site}.{device}, publish below its own topics only at QoS 1,
have a last will, number and date every message, and keep what it could not send.
"""

import argparse
import collections
import datetime
import json
import random
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

KEEP = 10_000  # messages kept while there is no broker; the oldest go first


def now() -> str:
    """The time with its offset: without one a message is refused."""
    return datetime.datetime.now(datetime.UTC).isoformat()


class Device:
    """Publishes at QoS 1 and forgets a message only when the broker has acknowledged it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.topic = f"mc/v1/{options.site}/{options.device}"
        self.sequence = 0  # a real device keeps it over a restart
        self.waiting: collections.deque[tuple[str, str]] = collections.deque(maxlen=KEEP)
        self.flying: dict[int, tuple[str, str]] = {}
        user = f"{options.site}.{options.device}"
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user, clean_session=True)
        self.client.username_pw_set(user, options.password)
        if options.cafile:
            self.client.tls_set(options.cafile)
        self.client.will_set(f"{self.topic}/state", json.dumps({"online": False}), qos=1, retain=True)
        self.client.reconnect_delay_set(1, 30)
        self.client.on_connect = self.on_connect
        self.client.on_disconnect = self.on_disconnect
        self.client.on_publish = self.on_publish
        self.client.connect_async(options.host, options.port, keepalive=30)
        self.client.loop_start()

    def on_connect(self, *_: object) -> None:
        """Say that we are here."""
        online = json.dumps({"online": True, "ts": now()})
        self.client.publish(f"{self.topic}/state", online, qos=1, retain=True)

    def on_disconnect(self, *_: object) -> None:
        """What was under way counts as not sent: better twice than never."""
        self.waiting.extendleft(reversed(list(self.flying.values())))
        self.flying.clear()

    def on_publish(self, _client: mqtt.Client, _data: object, number: int, *_: object) -> None:
        self.flying.pop(number, None)

    def say(self, channel: str, body: dict[str, object]) -> None:
        """Number and date a message now, send it when there is a broker."""
        self.sequence += 1
        message = json.dumps({"ts": now(), "seq": self.sequence, **body})
        self.waiting.append((f"{self.topic}/{channel}", message))

    def send(self) -> None:
        """Send what waits, the oldest first."""
        while self.waiting and self.client.is_connected() and len(self.flying) < 100:
            topic, message = self.waiting.popleft()
            self.flying[self.client.publish(topic, message, qos=1).mid] = (topic, message)


def measure() -> dict[str, object]:
    """Replace this by your sensors. Units are those of the profile; others are said in `units`."""
    return {
        "air_temp": round(random.gauss(-18.5, 0.2), 1),
        "product_temp": round(random.gauss(-18.9, 0.1), 1),
        "set_point": -18.0,
        "door_open": False,
        "compressor": True,
        "defrost": False,
        "power": True,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (
        ("host", "127.0.0.1"),
        ("site", "site-1"),
        ("device", "device-1"),
        ("password", ""),
        ("cafile", ""),
    ):
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two records")
    parser.add_argument("--records", type=int, default=0, help="stop after so many; 0: never")
    options = parser.parse_args()
    device, said = Device(options), 0
    due = time.monotonic()
    while not options.records or said < options.records or device.waiting or device.flying:
        if time.monotonic() >= due and (not options.records or said < options.records):
            device.say("telemetry", {"values": measure()})
            said, due = said + 1, due + options.every
        device.send()
        time.sleep(0.05)
    device.client.publish(
        f"{device.topic}/state", json.dumps({"online": False, "ts": now()}), 1, True
    ).wait_for_publish(5)
    device.client.disconnect()
    device.client.loop_stop()


if __name__ == "__main__":
    main()
