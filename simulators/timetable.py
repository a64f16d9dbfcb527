"""What a camera shows when: a quiet clip in a loop, and others that cut in at their time or on demand."""

import copy
from bisect import bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from simulators.clip import AccessUnit, Clip

GAP_S = 0.001  # least time between the pictures of two clips


@dataclass(frozen=True, slots=True)
class Showing:
    """One clip's appointment: it cuts in `at_s` seconds after the camera's start and runs `times` times.

    With `every_s` it comes again after that time, whatever the timetable does: a time of day comes daily.
    """

    clip: Clip
    at_s: float
    times: int = 1
    every_s: float | None = None


@dataclass(frozen=True, slots=True)
class Timetable:
    """The quiet clip that fills all gaps, and the showings; with `every_s` each showing comes again after that time."""

    quiet: Clip
    showings: tuple[Showing, ...] = ()
    every_s: float | None = None
    phase_s: float = 0.0  # the quiet clip is so far in at the start: cameras that share it differ in their keyframes

    def __post_init__(self) -> None:
        if self.every_s is not None and self.every_s <= 0:
            raise ValueError(f"A timetable repeats after a time above 0 s, not after {self.every_s} s.")


@dataclass(frozen=True, slots=True)
class Begun:
    """A clip's first picture was due at `at` on the camera's clock; a repeat says its number from 0."""

    clip: Clip
    at: float
    turn: int


@dataclass(frozen=True, slots=True)
class Due:
    """An access unit to send at `send`, of a picture taken at `show`, both on the camera's clock (s)."""

    unit: AccessUnit
    send: float
    show: float


@dataclass(order=True, slots=True)
class _Appointment:
    at: float
    showing: Showing = field(compare=False)


@dataclass(slots=True)
class _Segment:
    clip: Clip
    began: float
    turn: int
    turns: int | None  # None: as long as nothing else is on

    @property
    def end(self) -> float:
        return self.began + self.clip.duration_s


class Player:
    """Turns a timetable into access units. Its clock is whatever the caller's times are; it never looks at one.

    Time goes on whether or not anyone watches: `follow` gives every unit that became due, `skip` leaves them out.
    Both give the clips that began.
    """

    def __init__(self, timetable: Timetable, start: float, shown: float = float("-inf")) -> None:
        """`shown`: the latest picture that the viewers have, of whatever ran before."""
        self._timetable = timetable
        self._appointments = sorted(_Appointment(start + s.at_s, s) for s in timetable.showings)
        self._shown = shown  # the latest picture handed out; pictures never run backwards
        self._index = 0
        began = self._after(timetable.quiet, start - timetable.phase_s)
        self._segment = _Segment(timetable.quiet, began, 0, None)
        self._news = [Begun(timetable.quiet, self._segment.began, 0)]
        if self._boundary() <= start:
            self._news.clear()
            self._turn(start)

    @property
    def clip(self) -> Clip:
        """The clip that is on."""
        return self._segment.clip

    @property
    def shown(self) -> float:
        """When the latest picture that was handed out was taken."""
        return self._shown

    def into(self, now: float) -> float:
        """How far into its clip the player is, in seconds."""
        return now - self._segment.began

    def dressed(self, dress: Callable[[Clip], Clip]) -> "Player":
        """A player at the same place that shows each clip's changed copy, which has the same pictures' times."""
        other = copy.copy(self)
        showings = tuple(replace(each, clip=dress(each.clip)) for each in self._timetable.showings)
        other._timetable = replace(self._timetable, quiet=dress(self._timetable.quiet), showings=showings)
        other._appointments = [
            _Appointment(each.at, replace(each.showing, clip=dress(each.showing.clip))) for each in self._appointments
        ]
        other._segment = replace(self._segment, clip=dress(self.clip))
        other._news = []
        return other

    def due(self, *, watched: bool) -> float:
        """When the player wants to be called next: at the next unit, or, unwatched, at the next clip."""
        boundary = self._boundary()
        if not watched or self._index >= len(self.clip.units):
            return boundary
        return min(boundary, self._segment.began + self.clip.units[self._index].send_s)

    def follow(self, now: float) -> Iterator[Due | Begun]:
        """Everything that became due up to `now`, in order."""
        while True:
            yield from self._take_news()
            at = self.due(watched=True)
            if at > now:
                return
            if at >= self._boundary():
                self._turn(at)
            else:
                yield self._step()

    def skip(self, now: float) -> Iterator[Begun]:
        """Go to `now` without the pictures on the way."""
        while self._boundary() <= now:
            self._turn(self._boundary())
        yield from self._take_news()
        into = now - self._segment.began
        self._index = bisect_right(self.clip.units, into, key=lambda unit: unit.send_s)

    def play(self, clip: Clip, now: float, times: int = 1) -> None:
        """Cut to a clip at once; afterwards the timetable goes on."""
        self._cut(clip, now, times)

    def stop(self, now: float) -> None:
        """Cut to the quiet clip at once."""
        self._cut(self._timetable.quiet, now, None)

    def _take_news(self) -> Iterator[Begun]:
        news, self._news = self._news, []
        yield from news

    def _step(self) -> Due:
        unit, began = self.clip.units[self._index], self._segment.began
        self._index += 1
        self._shown = max(self._shown, began + unit.show_s)
        return Due(unit, began + unit.send_s, began + unit.show_s)

    def _boundary(self) -> float:
        end = self._segment.end
        return min(end, self._appointments[0].at) if self._appointments else end

    def _turn(self, at: float) -> None:
        """Begin what comes at a boundary: an appointment, the same clip once more, or the quiet one."""
        if self._appointments and self._appointments[0].at <= at:
            appointment = self._appointments.pop(0)
            every = appointment.showing.every_s or self._timetable.every_s
            if every is not None:
                insort(self._appointments, _Appointment(appointment.at + every, appointment.showing))
            self._cut(appointment.showing.clip, at, appointment.showing.times)
            return
        last = self._segment
        if last.turns is None or last.turn + 1 < last.turns:
            self._begin(_Segment(last.clip, self._after(last.clip, at), last.turn + 1, last.turns))
        else:
            self._cut(self._timetable.quiet, at, None)

    def _cut(self, clip: Clip, at: float, turns: int | None) -> None:
        self._begin(_Segment(clip, self._after(clip, at), 0, turns))

    def _begin(self, segment: _Segment) -> None:
        self._segment, self._index = segment, 0
        if segment.turn == 0 or segment.turns is not None:  # the quiet clip's repeats are no news
            self._news.append(Begun(segment.clip, segment.began, segment.turn))

    def _after(self, clip: Clip, at: float) -> float:
        """The begin that keeps pictures in order, should reordered ones of the last clip reach beyond the cut."""
        first = min(unit.show_s for unit in clip.units[:8])
        return max(at, self._shown + GAP_S - first)
