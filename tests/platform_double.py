"""A stand-in for the platform as an edge meets it: acknowledges batches over MQTT, takes evidence over HTTP."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from domain.camera import Camera, EdgeConfig
from domain.wire import CameraHealth, DeviceState, EdgeAck, EdgeBatch, EdgeBody, EdgeDown
from tests.servers import PrivateBroker

_ROOT = "mc/v1/edge"


class PlatformDouble:
    """What one edge told: bodies by spool and seq, evidence by hash. Acknowledges while `acknowledging` is set."""

    def __init__(self, broker: PrivateBroker, edge: str) -> None:
        self.edge = edge
        self.user, self.secret = broker.add_edge(edge)
        self.items: dict[tuple[str, int], EdgeBody] = {}
        self.raw: dict[tuple[str, int], bytes] = {}  # the bodies as they came
        self.received: list[bytes] = []  # items' bodies, repeats included, also those that it does not acknowledge
        self.evidence: dict[str, bytes] = {}
        self.states: list[DeviceState] = []
        self.acknowledging = threading.Event()
        self.acknowledging.set()
        self.uploads_fail = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=f"double-{edge}", protocol=MQTTv5)
        self._client.username_pw_set("mingchu", broker.secret())
        self._client.reconnect_delay_set(1, 1)
        self._client.on_message = self._heard
        self._client.on_connect = lambda client, *_: client.subscribe(
            [(f"{_ROOT}/{edge}/up", 1), (f"{_ROOT}/{edge}/state", 1)]
        )
        ready = threading.Event()
        self._client.on_subscribe = lambda *_: ready.set()
        host, port = broker.url().removeprefix("mqtt://").split(":")
        self._client.connect(host, int(port))
        self._client.loop_start()
        assert ready.wait(10)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.api_url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._server.shutdown()
        self._server.server_close()

    def configure(self, *cameras: Camera, version: int = 1) -> None:
        self.say("down", msgspec.json.encode(EdgeDown(EdgeConfig(version, cameras))), retain=True)

    def say(self, channel: str, payload: bytes, *, retain: bool = False) -> None:
        self._client.publish(f"{_ROOT}/{self.edge}/{channel}", payload, qos=1, retain=retain).wait_for_publish(5)

    def bodies(self, kind: type[Any]) -> list[Any]:
        return [body for body in list(self.items.values()) if isinstance(body, kind)]

    def health(self, camera: str) -> list[str]:
        return [str(body.state) for body in self.bodies(CameraHealth) if body.camera == camera]

    def _heard(self, _: Client, __: object, message: MQTTMessage) -> None:
        if message.topic.endswith("/state"):
            self.states.append(msgspec.json.decode(message.payload, type=DeviceState))
            return
        batch = msgspec.json.decode(message.payload, type=EdgeBatch)
        self.received += [bytes(item.body) for item in batch.items]
        if not self.acknowledging.is_set():
            return
        for item in batch.items:
            self.raw[batch.spool, item.seq] = bytes(item.body)
            self.items[batch.spool, item.seq] = msgspec.json.decode(item.body, type=EdgeBody)
        ack = EdgeAck(batch.spool, tuple(item.seq for item in batch.items))
        self._client.publish(f"{_ROOT}/{self.edge}/ack", msgspec.json.encode(ack), qos=1)


def _handler(platform: PlatformDouble) -> type[BaseHTTPRequestHandler]:
    expected = "Basic " + base64.b64encode(f"{platform.edge}:{platform.secret}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(200 if self._name in platform.evidence else 404)

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if platform.uploads_fail.is_set():
                self._answer(503)
            elif hashlib.sha256(body).hexdigest() != self._name:
                self._answer(422)
            else:
                platform.evidence[self._name] = body
                self._answer(201)

        @property
        def _name(self) -> str:
            return self.path.removeprefix("/edge/evidence/")

        def _answer(self, status: int) -> None:
            self.send_response(status if self.headers["authorization"] == expected else 401)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def platform_double(broker: PrivateBroker, edge: str) -> Iterator[PlatformDouble]:
    double = PlatformDouble(broker, edge)
    try:
        yield double
    finally:
        double.close()
