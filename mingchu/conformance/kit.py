"""The kit at work: a broker of its own, a line that it can break, and an ear; a device's life in three acts."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from domain import credential
from domain.profile import DeviceProfile
from domain.topic import FOREIGN, ROOT
from mingchu import broker as brokers
from mingchu.account import Account
from mingchu.conformance.broker_log import BrokerLog
from mingchu.conformance.fact import Connected, Cut, Fact, Heard, Outage
from mingchu.conformance.line import Line

_START_S = 10.0


class KitError(Exception):
    """The kit cannot listen."""


@dataclass(frozen=True, slots=True)
class KitConfig:
    """Whom to watch, where, and for how long. `identity`: certificate and key (PEM), for TLS."""

    profile: DeviceProfile
    site: str
    device: str
    password: str
    host: str = "127.0.0.1"
    port: int = 0
    wait_s: float = 600.0  # for the first connection
    quiet_s: float = 120.0
    outage_s: float = 20.0  # 0: the connection is never touched
    after_s: float = 40.0
    settle_s: float = 5.0  # after a broken connection the device has so long to come back before its broker goes
    identity: tuple[str, str] | None = None


@dataclass(slots=True)
class Kit:
    """Collects facts. `tell` is called with what the person at the device must know."""

    config: KitConfig
    tell: Callable[[str], None]
    facts: list[Fact] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[Fact] = field(default_factory=list)  # what of it is the device's doing, not that of our own end
    ended: float = 0.0
    secret: str = field(default_factory=credential.generate)  # the kit's own way in

    async def run(self) -> tuple[list[Fact], float]:
        """Watch the device; returns the facts and when the kit looked away. Raises KitError."""
        with tempfile.TemporaryDirectory(prefix="mingchu-kit-") as directory:
            broker = await asyncio.to_thread(self._broker, Path(directory))
            async with self._running(broker):
                ear = await asyncio.to_thread(self._listen, broker)
                try:
                    await self._acts(broker)
                finally:
                    await asyncio.to_thread(_leave, ear)
        return self.seen, self.ended

    def _broker(self, directory: Path) -> brokers.Broker:
        """Devices' rights are those of the real house; only the log is chattier."""
        directory.chmod(0o711)
        config = self.config
        outside = None
        if config.identity is not None:
            outside = brokers.Outside("127.0.0.1", brokers.free_port(), *config.identity)
        account = Account.find()
        room = account.directory(directory / "broker")
        broker = brokers.Broker(room, brokers.free_port(), brokers.free_port(), account, outside=outside, chatty=True)
        hashed = credential.protect(config.password)
        foreign, sparkplug = bool(config.profile.mapping), config.profile.sparkplug is not None
        device = brokers.device(config.site, config.device, hashed, foreign=foreign, sparkplug=sparkplug)
        broker.write(self.secret, [device])
        return broker

    @asynccontextmanager
    async def _running(self, broker: brokers.Broker) -> AsyncIterator[None]:
        process = await asyncio.create_subprocess_exec(*broker.command(), cwd="/", stderr=asyncio.subprocess.PIPE)
        assert process.stderr is not None
        reading = asyncio.create_task(self._read(process.stderr))
        try:
            deadline = time.monotonic() + _START_S
            while not await asyncio.to_thread(broker.answers):
                if process.returncode is not None or time.monotonic() > deadline:
                    raise KitError("the kit's broker does not start")
                await asyncio.sleep(0.05)
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            await reading

    async def _read(self, stream: asyncio.StreamReader) -> None:
        log = BrokerLog(credential.device_user(self.config.site, self.config.device))
        async for line in stream:
            # Its own time stamps have whole seconds only.
            text = line.decode(errors="replace").rstrip("\n")
            fact = log.read(text.split(": ", 1)[-1], time.time())
            if fact is not None:
                self.facts.append(fact)
            if isinstance(fact, Connected):
                self.came.set()

    def _listen(self, broker: brokers.Broker) -> Client:
        """An ear on all that the device may say."""
        ear = Client(CallbackAPIVersion.VERSION2, "kit", protocol=MQTTProtocolVersion.MQTTv5)
        ear.username_pw_set(brokers.SERVICE, self.secret)
        heard: list[bool] = []
        ear.on_message = self._hear
        ear.on_subscribe = lambda *_: heard.append(True)
        ear.connect("127.0.0.1", broker.service_port)
        ear.subscribe([(f"{root}/#", 1) for root in ("mc/v1", "mx/v1", brokers.SPARKPLUG)])
        ear.loop_start()
        deadline = time.monotonic() + _START_S
        while not heard and time.monotonic() < deadline:
            time.sleep(0.02)
        return ear

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        """Runs on paho's thread: appending to a list is all that it does."""
        self.facts.append(Heard(time.time(), message.topic, bytes(message.payload)))

    async def _acts(self, broker: brokers.Broker) -> None:
        config = self.config
        line = Line(config.host, config.port, broker.port if broker.outside is None else broker.outside.port)
        try:
            await line.open()
        except OSError as error:
            raise KitError(f"cannot listen on {config.host}:{config.port}: {error.strerror}") from error
        try:
            self.facts.clear()  # our own knocking at its door
            self._invite(line.port)
            await self._first()
            self.tell(f"the device is here; looking for {config.quiet_s:g} s")
            await asyncio.sleep(config.quiet_s)
            if config.outage_s > 0:
                await self._break(line)
        finally:
            self.seen, self.ended = list(self.facts), time.time()
            await line.close()

    def _invite(self, port: int) -> None:
        config = self.config
        scheme = "mqtt" if config.identity is None else "mqtts"
        user = credential.device_user(config.site, config.device)
        self.tell(f"connect the device to {scheme}://{config.host}:{port}, user {user}, password {config.password}")
        own = f"{config.site}/{config.device}"
        root = brokers.SPARKPLUG if config.profile.sparkplug else FOREIGN if config.profile.mapping else ROOT
        self.tell(f"it publishes below {root}/{own}/" if root != brokers.SPARKPLUG else f"its node is {own}")

    async def _first(self) -> None:
        try:
            await asyncio.wait_for(self.came.wait(), self.config.wait_s)
        except TimeoutError:
            self.tell(f"nobody logged in within {self.config.wait_s:g} s")

    async def _break(self, line: Line) -> None:
        """Break the connection, so that the will is heard; then be away for a while."""
        self.tell("breaking its connection: the last will should be heard")
        self.facts.append(Cut(time.time()))
        line.break_off()
        await asyncio.sleep(self.config.settle_s)
        self.tell(f"the broker is away for {self.config.outage_s:g} s: the device should keep what it has to say")
        began = time.time()
        line.dead = True
        line.break_off()
        await asyncio.sleep(self.config.outage_s)
        line.dead = False
        self.facts.append(Outage(began, time.time()))
        self.tell(f"the broker is back; looking for {self.config.after_s:g} s more")
        await asyncio.sleep(self.config.after_s)


def _leave(ear: Client) -> None:
    ear.disconnect()
    ear.loop_stop()
