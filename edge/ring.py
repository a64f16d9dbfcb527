"""The packet ring: the last encoded seconds of one camera, from which clips and exact frames are taken."""

import sys
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How to decode: FFmpeg's codec name and its out-of-band header (avcC, hvcC or Annex B parameter sets)."""

    codec: str
    extradata: bytes


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One encoded picture. `at`: capture time, Unix seconds (of showing; B-frames are stored in decoding order)."""

    at: float
    keyframe: bool
    data: bytes


@dataclass(slots=True)
class _Group:
    """A keyframe and what depends on it. `clock`, `first`: seconds of video and packets that came before it."""

    format: StreamFormat
    clock: float = 0.0
    first: int = 0
    packets: list[EncodedPacket] = field(default_factory=list)
    size: int = 0

    @property
    def begin(self) -> float:
        return self.packets[0].at

    @property
    def end(self) -> float:
        return max(packet.at for packet in self.packets)

    def add(self, packet: EncodedPacket) -> None:
        self.packets.append(packet)
        self.size += len(packet.data)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Packets that one decoder can read, beginning with a keyframe; empty when there are none."""

    format: StreamFormat
    packets: tuple[EncodedPacket, ...]


class Follower(Protocol):
    """Somebody to whom a ring hands on what it keeps. Called by the camera's thread: it must return at once."""

    def begin(self, stretch: Stretch) -> None:
        """What there is since the newest keyframe; before all else, and again when it follows anew."""

    def put(self, form: StreamFormat, packet: EncodedPacket) -> None:
        """The next packet."""


MOST_PACKETS = 100_000  # each takes some 200 bytes beside its data: a flood of tiny ones must not eat the memory
_LEADING_S = 1.0  # pictures after a keyframe that are shown before it
EVER = sys.maxsize  # all that the ring has seen by now
_LEAP_S = 10.0  # a greater step is a pause, or a clock that was set: neither makes what is kept older


class Ring:
    """Bounded by time, bytes and packets, whichever is reached first; always begins with a keyframe. Thread-safe.

    Its time is that of the video which it has seen: when the clock is set anew nothing is forgotten for it.
    """

    def __init__(self, seconds: float, cap: int) -> None:
        """Keep at least `seconds` unless that takes more than `cap` bytes."""
        self.seconds, self.cap = seconds, cap
        self._lock = threading.Lock()
        self._groups: deque[_Group] = deque()
        self._followers: tuple[Follower, ...] = ()
        self._broken = True
        self._clock, self._last = 0.0, float("inf")
        self._greatest, self._set_back = float("-inf"), 0
        self.seen = 0  # packets
        self.size = 0
        self._kept = 0  # packets
        self.refused = 0  # packets that no keyframe came before, or of a group greater than the bounds

    def break_off(self) -> None:
        """The stream was interrupted: what comes next depends on nothing that came before."""
        with self._lock:
            self._broken = True

    def clear(self) -> None:
        """Forget all; what comes next depends on nothing that came before."""
        with self._lock:
            self._groups.clear()
            self.size, self._kept, self._broken = 0, 0, True

    def append(self, form: StreamFormat, packet: EncodedPacket) -> bool:
        """Keep a packet; False when it cannot be used since no keyframe came before it."""
        with self._lock:
            self._tell_time(packet.at)
            if packet.keyframe:
                self._groups.append(_Group(form, self._clock, self.seen))
                self._broken = False
            self.seen += 1
            if self._broken:
                self.refused += 1
                return False
            self._groups[-1].add(packet)
            self.size += len(packet.data)
            self._kept += 1
            if not self._forget():
                return False
            followers = self._followers
        for follower in followers:
            follower.put(form, packet)
        return True

    def _tell_time(self, at: float) -> None:
        self._clock += min(max(0.0, at - self._last), _LEAP_S)
        if at < self._greatest - _LEADING_S:
            self._greatest, self._set_back = at, self.seen
        self._last, self._greatest = at, max(self._greatest, at)

    def was_set_back(self, seen: int) -> bool:
        """The clock was set back after the first so many packets: of their time no more will come."""
        with self._lock:
            return self._set_back >= seen

    def follow(self, follower: Follower) -> None:
        """Hand on what comes from now on, after what there is since the newest keyframe: without gap or repeat."""
        with self._lock:
            follower.begin(self._newest())
            self._followers = (*self._followers, follower)

    def leave(self, follower: Follower) -> None:
        """Hand on no more to it; harmless when it has left before."""
        with self._lock:
            self._followers = tuple(other for other in self._followers if other is not follower)

    @property
    def is_followed(self) -> bool:
        return bool(self._followers)

    def newest(self) -> Stretch:
        """The newest keyframe and what came after it; empty when there is none."""
        with self._lock:
            return self._newest()

    def _newest(self) -> Stretch:
        if not self._groups:
            return Stretch(StreamFormat("", b""), ())
        return Stretch(self._groups[-1].format, tuple(self._groups[-1].packets))

    def group(self) -> Sequence[EncodedPacket]:
        """The packets since the latest keyframe, that included."""
        with self._lock:
            return tuple(self._groups[-1].packets) if self._groups else ()

    def span(self) -> tuple[float, float] | None:
        """Capture times of the first keyframe and the newest packet."""
        with self._lock:
            if not self._groups:
                return None
            return self._groups[0].begin, self._groups[-1].end

    def stretch(self, begin: float, end: float, around: float, seen: int = EVER) -> Stretch:
        """Packets from the keyframe at or before `begin` (else the oldest) to `end`, of the format used at `around`.

        `seen`: how many packets the ring had seen when `around` was told to it, since a clock that is set back gives
        a time twice.
        """
        groups = self._run(around, seen)
        if not groups:
            return Stretch(StreamFormat("", b""), ())
        form = groups[_latest(groups, around)].format
        chosen = [group for group in groups[_latest(groups, begin) :] if group.format == form and group.begin <= end]
        return _cut(chosen, end)

    def stretches(self, begin: float, end: float, around: float, seen: int = EVER) -> list[Stretch]:
        """The same for all formats, in order of time: a camera that changed its resolution gives one for each."""
        groups = self._run(around, seen)
        wanted = [group for group in groups[_latest(groups, begin) :] if group.begin <= end]
        parts = [_cut(list(part), end) for _, part in groupby(wanted, key=lambda group: group.format)]
        return [part for part in parts if part.packets]

    def _run(self, around: float, seen: int) -> list[_Group]:
        """The groups between two backward steps of the clock of which something, among the first `seen` packets, was
        captured at, or nearest to, `around`; none when the ring holds none of these.
        """
        with self._lock:
            groups = [part for group in self._groups for part in _steady(group)]
        runs = list[list[_Group]]()
        for group in groups:
            if not runs or group.begin < runs[-1][-1].end - _LEADING_S:
                runs.append([])
            runs[-1].append(group)
        known = [run for run in reversed(runs) if run[0].first < seen]
        return min(known, key=lambda run: _distance(run, around, seen), default=[])

    def _forget(self) -> bool:
        """Keep to the bounds; False when nothing is left."""
        oldest = self._clock - self.seconds
        while len(self._groups) > 1 and (self._is_over or self._groups[1].clock <= oldest):
            self._drop(self._groups.popleft())
        if self._is_over:  # one group alone is too much: a stream without keyframes must not eat the memory
            self.refused += self._kept
            self._drop(self._groups.pop())
            self._broken = True
        return bool(self._groups)

    @property
    def _is_over(self) -> bool:
        return self.size > self.cap or self._kept > MOST_PACKETS

    def _drop(self, group: _Group) -> None:
        self.size -= group.size
        self._kept -= len(group.packets)


def _steady(group: _Group) -> list[_Group]:
    """A group, parted where the clock was set back within it: only the first part begins with a keyframe."""
    parts, latest = list[_Group](), float("inf")
    for number, packet in enumerate(group.packets, group.first):
        if not parts or packet.at < latest - _LEADING_S:
            parts.append(_Group(group.format, group.clock, number))
            latest = packet.at
        latest = max(latest, packet.at)
        parts[-1].add(packet)
    return parts


def _distance(run: Sequence[_Group], at: float, seen: int) -> float:
    """Seconds between a moment and what of a run the ring had seen by then; infinite for nothing."""
    known = (packet for group in run for packet in group.packets[: max(0, seen - group.first)])
    return min((abs(packet.at - at) for packet in known), default=float("inf"))


def _cut(groups: Sequence[_Group], end: float) -> Stretch:
    """The packets of some groups of one format up to `end`."""
    packets = (packet for group in groups for packet in group.packets if packet.at <= end)
    return Stretch(groups[0].format if groups else StreamFormat("", b""), tuple(packets))


def _latest(groups: Sequence[_Group], at: float) -> int:
    """Index of the last group that begins at or before `at`; 0 when all begin later."""
    return max((index for index, group in enumerate(groups) if group.begin <= at), default=0)
