"""One camera of the server: plays its timetable, sends each picture to its viewers, misbehaves when told to."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from simulators.agenda import Agenda, Mishap
from simulators.clip import AccessUnit, Clip
from simulators.fault import Altered, Fault
from simulators.rtp import CLOCK_RATE, PAYLOAD_TYPE, Stream, sdp_format
from simulators.rtsp_message import TRACK
from simulators.rtsp_outlet import Outlet, Shipment
from simulators.timetable import Begun, Due, Player, Timetable

Kind = Literal["clip_began", "fault_began", "fault_ended"]

LATE_S = 2.0  # behind by more than this (a suspended machine), a live camera jumps to now


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera's address on the server (`/path`), what it shows, and when it misbehaves."""

    path: str  # may have slashes inside, none around it
    timetable: Timetable
    mishaps: tuple[Mishap, ...] = ()

    def __post_init__(self) -> None:
        if not self.path or self.path != self.path.strip("/"):
            raise ValueError(f"A camera's path is written without slashes around it, not {self.path!r}.")

    @property
    def clips(self) -> tuple[Clip, ...]:
        """All that its timetable shows."""
        return (self.timetable.quiet, *(showing.clip for showing in self.timetable.showings))

    def prepare(self) -> None:
        """Have everything encoded that its mishaps will show; takes time, and is done before it is served."""
        for mishap in self.mishaps:
            for clip in self.clips:
                mishap.fault.prepare(clip)


@dataclass(frozen=True, slots=True)
class Happening:
    """What a truth file wants to know: a clip, or a fault, began or ended on a camera at a wall-clock time."""

    camera: str
    kind: Kind
    name: str
    at: datetime
    turn: int = 0  # of a repeated clip, from 0


class Feed:
    """A camera that runs. All times are of the event loop's clock, except where the wall clock is named."""

    def __init__(
        self, camera: Camera, now: float, wall: Callable[[float], float], tell: Callable[[Happening], None]
    ) -> None:
        """`wall` says which Unix time a moment of the loop's clock is."""
        self.camera = camera
        self.path = camera.path
        self.viewers: dict[Outlet, Callable[[], None]] = {}  # with what hangs up on each
        self._tell = tell
        self._wall = wall
        self._player = Player(camera.timetable, now)
        self._mask: Player | None = None  # plays in its place while a fault changes the picture
        self._agenda = Agenda(camera.mishaps, now)
        self._stream = Stream(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32), now)
        self._fault: Fault | None = None
        self._fault_ends = float("inf")
        self._codec = camera.timetable.quiet.codec

    @property
    def answers(self) -> bool:
        """Whether requests for this camera are answered."""
        return self._fault is None or self._fault.answers

    @property
    def fault(self) -> Fault | None:
        """What is wrong with it."""
        return self._fault

    @property
    def truth(self) -> Clip:
        """What its timetable shows, whatever is to be seen."""
        return self._player.clip

    @property
    def admits(self) -> bool:
        """Whether the right login opens this camera."""
        return self._fault is None or self._fault.admits

    @property
    def clip(self) -> Clip:
        """What is on."""
        return self._on.clip

    def due(self) -> float:
        """When `run` wants to be called next."""
        shown = self._on.due(watched=True) if self.viewers else float("inf")
        return min(self._player.due(watched=False), shown, self._fault_ends, self._agenda.due())

    def run(self, now: float) -> None:
        """Send what became due, tell what began."""
        if now >= self._fault_ends:
            self.clear_fault(now)
        for _, fault in self._agenda.take(now):
            self.inject(fault, now)
        if self._mask is not None:
            self._skip(now)
        self._show(self._on, now)

    def _show(self, player: Player, now: float) -> None:
        watched = bool(self.viewers)
        late = watched and now - player.due(watched=True) > LATE_S
        if late:
            for outlet in self.viewers:
                outlet.start_over()
        items = player.follow(now) if watched and not late else player.skip(now)
        for item in items:
            if isinstance(item, Due):
                self._send(item, now)
            elif player is self._player:
                self._began(item)

    def add(self, outlet: Outlet, hang_up: Callable[[], None], now: float) -> None:
        """A viewer comes; it sees from the next keyframe on."""
        if not self.viewers:
            self._skip(now)
            for _ in self._on.skip(now):
                pass  # what a mask begins is no news
        outlet.start_over()
        self.viewers[outlet] = hang_up

    def remove(self, outlet: Outlet) -> None:
        """A viewer goes."""
        self.viewers.pop(outlet, None)

    def place(self, camera: Camera, now: float) -> None:
        """Begin another timetable, with its mishaps, at once; viewers stay."""
        self.clear_fault(now)
        self.camera = camera
        self._player = Player(camera.timetable, now, self._player.shown)
        self._agenda = Agenda(camera.mishaps, now)
        self._follow_codec(self.clip)
        self.run(now)

    def play(self, clip: Clip, now: float, times: int) -> None:
        """Cut to a clip at once."""
        self._player.play(clip, now, times)
        self._put_on_mask(now)
        self.run(now)

    def stop(self, now: float) -> None:
        """Cut to the quiet clip at once."""
        self._player.stop(now)
        self._put_on_mask(now)
        self.run(now)

    def inject(self, fault: Fault, now: float) -> None:
        """Misbehave from now on; a fault takes the place of the one before."""
        self.clear_fault(now)
        self._show(self._player, now)
        self._fault = fault
        self._fault_ends = float("inf") if fault.for_s is None else now + fault.for_s
        self._tell(self._happening("fault_began", fault.name, now))
        self._mask = fault.mask(self._player, now)
        if self._mask is not None:
            self._join_anew()
        if fault.hangs_up:
            self.hang_up()

    def clear_fault(self, now: float) -> None:
        """Behave again; viewers go on at the next keyframe."""
        if self._fault is None:
            return
        ended, self._fault, self._fault_ends = self._fault, None, float("inf")
        if self._mask is not None:
            self._skip(now)
            self._mask = None
        self._join_anew()
        self._tell(self._happening("fault_ended", ended.name, now))

    def hang_up(self) -> None:
        """Cut the viewers' connections."""
        for hang_up in list(self.viewers.values()):
            hang_up()
        self.viewers.clear()

    def describe(self, host: str) -> str:
        """The SDP of what is on."""
        clip = self.clip
        lines = [
            "v=0",
            f"o=- {self._stream.ssrc} 1 IN {'IP6' if ':' in host else 'IP4'} {host or '127.0.0.1'}",
            f"s={self.path}",
            "t=0 0",
            "a=control:*",
            "a=range:npt=now-",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            "c=IN IP4 0.0.0.0",
            f"a=rtpmap:{PAYLOAD_TYPE} {clip.codec.encoding}/{CLOCK_RATE}",
            f"a=fmtp:{PAYLOAD_TYPE} {sdp_format(clip.codec, clip.parameter_sets)}",
            f"a=framerate:{clip.rate:.3f}",
            f"a=control:{TRACK}",
            "",
        ]
        return "\r\n".join(lines)

    @property
    def _on(self) -> Player:
        return self._mask or self._player

    def _put_on_mask(self, now: float) -> None:
        """After a cut: an altered picture stays altered; a frozen or replayed one does not even notice."""
        if isinstance(self._fault, Altered):
            self._mask = self._fault.mask(self._player, now)
            self._follow_codec(self.clip)

    def _join_anew(self) -> None:
        """Viewers go on at the next keyframe of what is on now."""
        for outlet in self.viewers:
            outlet.start_over()
        self._follow_codec(self.clip)

    def _follow_codec(self, clip: Clip) -> None:
        """No viewer can follow to another codec; a camera that is set to another one hangs up too."""
        if clip.codec is not self._codec:
            self._codec = clip.codec
            self.hang_up()

    def _skip(self, now: float) -> None:
        for begun in self._player.skip(now):
            self._began(begun)

    def _began(self, begun: Begun) -> None:
        if self._mask is None:
            self._follow_codec(begun.clip)
        self._tell(self._happening("clip_began", begun.clip.name, begun.at, begun.turn))

    def _send(self, due: Due, now: float) -> None:
        unit: AccessUnit | None = due.unit
        if self._fault is not None:
            unit = self._fault.shape(due.unit)
        if unit is None:
            return
        headers = self._stream.headers(unit.payloads, due.show)
        shipment = Shipment(headers, unit.payloads, unit.size, unit.keyframe, due.show)
        for outlet in self.viewers:
            outlet.ship(shipment, self._stream, now, self._wall)

    def _happening(self, kind: Kind, name: str, at: float, turn: int = 0) -> Happening:
        return Happening(self.path, kind, name, datetime.fromtimestamp(self._wall(at), UTC), turn)
