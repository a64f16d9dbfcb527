"""Where one viewer's packets go: into its RTSP connection, or to its UDP ports; bounded."""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.rtp import Stream, interleave, interleave_unit

REPORT_EVERY_S = 5.0
DATAGRAMS_A_TURN = 48  # a keyframe sent at once would overrun a receiver's default socket buffer (about 180 packets)


@dataclass(slots=True)
class Shipment:
    """One access unit with its headers, shared by a camera's viewers; framed for TCP once."""

    headers: list[bytes]
    payloads: tuple[bytes, ...]
    size: int
    keyframe: bool
    shown: float  # when the picture was taken
    _framed: dict[int, bytes] = field(default_factory=dict)

    def framed(self, channel: int) -> bytes:
        """The unit as interleaved packets on a channel."""
        if channel not in self._framed:
            self._framed[channel] = interleave_unit(channel, self.headers, self.payloads)
        return self._framed[channel]


@dataclass(slots=True, eq=False)
class Outlet(ABC):
    """One viewer. It starts at a keyframe, and after a drop starts again at a keyframe."""

    limit: int  # bytes that may wait
    waiting: bool = field(default=True, init=False)
    sent: int = field(default=0, init=False)  # access units
    dropped: int = field(default=0, init=False)
    packets: int = field(default=0, init=False)
    octets: int = field(default=0, init=False)
    _reported: float = field(default=float("-inf"), init=False)

    def ship(self, shipment: Shipment, stream: Stream, now: float, wall: Callable[[float], float]) -> None:
        """Send a unit, or drop it if too much waits already; first, and from time to time, a sender report."""
        if self.waiting and not shipment.keyframe:
            return
        if not self._has_room(shipment.size):
            self.dropped += 1
            self.waiting = True
            return
        self.waiting = False
        if now - self._reported >= REPORT_EVERY_S:
            self._reported = now
            # Of the picture's moment, not of now: clients start their clock at whichever of the two they see first.
            report = stream.sender_report(shipment.shown, wall(shipment.shown), self.packets, self.octets)
            self._control(report)
        self._send(shipment)
        self.sent += 1
        self.packets += len(shipment.payloads)
        self.octets += shipment.size

    def start_over(self) -> None:
        """Wait for the next keyframe."""
        self.waiting = True

    def reset(self) -> None:
        """Forget what waits and the counts that were told."""
        self.sent = self.dropped = 0

    @abstractmethod
    def _has_room(self, size: int) -> bool: ...

    @abstractmethod
    def _send(self, shipment: Shipment) -> None: ...

    @abstractmethod
    def _control(self, packet: bytes) -> None: ...


@dataclass(slots=True, eq=False)
class TcpOutlet(Outlet):
    """Packets interleaved with the RTSP messages of a connection."""

    transport: asyncio.Transport
    media: int
    control: int

    def _has_room(self, size: int) -> bool:
        queued = self.transport.get_write_buffer_size()
        return queued == 0 or queued + size <= self.limit

    def _send(self, shipment: Shipment) -> None:
        self.transport.write(shipment.framed(self.media))

    def _control(self, packet: bytes) -> None:
        self.transport.write(interleave(self.control, packet))


@dataclass(slots=True, eq=False)
class UdpOutlet(Outlet):
    """Datagrams from the server's pair of sockets, spread over the wheel's turns."""

    sockets: tuple[socket.socket, socket.socket]
    media: tuple[str, int]
    control: tuple[str, int]
    wake: Callable[["UdpOutlet"], None]
    _queue: deque[tuple[bytes, bytes]] = field(default_factory=deque, init=False)
    _queued: int = field(default=0, init=False)

    def pump(self) -> bool:
        """Send as many datagrams as one turn may; True while more wait."""
        for _ in range(min(DATAGRAMS_A_TURN, len(self._queue))):
            header, payload = self._queue[0]
            try:
                self.sockets[0].sendmsg((header, payload), (), 0, self.media)
            except BlockingIOError:
                break
            except OSError:  # the network is as good as lost packets; the session ends by its timeout
                self.dropped += 1
            self._queue.popleft()
            self._queued -= len(payload)
        return bool(self._queue)

    def reset(self) -> None:
        self.sent = self.dropped = 0
        self._queue.clear()
        self._queued = 0

    def _has_room(self, size: int) -> bool:
        return not self._queue or self._queued + size <= self.limit

    def _send(self, shipment: Shipment) -> None:
        self._queue.extend(zip(shipment.headers, shipment.payloads, strict=True))
        self._queued += shipment.size
        if self.pump():
            self.wake(self)

    def _control(self, packet: bytes) -> None:
        try:
            self.sockets[1].sendto(packet, self.control)
        except OSError:
            self.dropped += 1
