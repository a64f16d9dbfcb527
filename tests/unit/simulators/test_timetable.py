"""What a camera shows when, on a clock that the test moves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.clip import AccessUnit, Clip
from simulators.rtp import H264
from simulators.timetable import Begun, Due, Player, Showing, Timetable


def clip(name: str, pictures: int, *, step: float = 0.25, held: float = 0.0) -> Clip:
    """A clip of that many pictures, `step` seconds apart; each is sent `held` seconds after it was taken."""
    units = tuple(AccessUnit(i * step, i * step - held, i == 0, (b"x",), 1) for i in range(pictures))
    return Clip(name, H264, 16, 16, (b"\x67",), units, pictures * step)


QUIET = clip("quiet", 8)  # 2 s
RAT = clip("rat", 4)  # 1 s
FIRE = clip("fire", 20)  # 5 s


def began(player: Player, until: float) -> list[tuple[str, float]]:
    """The clips that begin up to a time, with the time."""
    return [(item.clip.name, item.at) for item in player.follow(until) if isinstance(item, Begun)]


def sent(player: Player, until: float) -> list[float]:
    """When pictures are sent up to a time."""
    return [item.send for item in player.follow(until) if isinstance(item, Due)]


def test_the_quiet_clip_loops_without_a_seam() -> None:
    player = Player(Timetable(QUIET), 10.0)
    assert sent(player, 15.0) == [10.0 + 0.25 * i for i in range(21)]


def test_a_showing_cuts_in_at_its_time_and_then_it_is_quiet_again() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 3.0),)), 100.0)
    assert began(player, 110.0) == [("quiet", 100.0), ("rat", 103.0), ("quiet", 104.0)]


def test_a_showing_at_the_start_comes_first() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 0.0, times=2),)), 0.0)
    assert began(player, 5.0) == [("rat", 0.0), ("rat", 1.0), ("quiet", 2.0)]


def test_a_later_showing_cuts_an_earlier_one_short() -> None:
    player = Player(Timetable(QUIET, (Showing(FIRE, 1.0), Showing(RAT, 2.0))), 0.0)
    assert began(player, 9.0) == [("quiet", 0.0), ("fire", 1.0), ("rat", 2.0), ("quiet", 3.0)]


def test_a_repeating_timetable_comes_round() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 1.0),), every_s=10.0), 0.0)
    assert [at for name, at in began(player, 30.0) if name == "rat"] == [1.0, 11.0, 21.0]


def test_a_showing_may_come_round_by_itself() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 1.0, every_s=6.0), Showing(FIRE, 20.0))), 0.0)
    assert [(name, at) for name, at in began(player, 30.0) if name != "quiet"] == [
        ("rat", 1.0),
        ("rat", 7.0),
        ("rat", 13.0),
        ("rat", 19.0),
        ("fire", 20.0),
        ("rat", 25.0),
    ]


def test_pictures_go_on_after_those_of_another_player() -> None:
    player = Player(Timetable(QUIET), 10.0, shown=10.4)
    assert next(item.show for item in player.follow(11.0) if isinstance(item, Due)) > 10.4


def test_a_timetable_cannot_repeat_at_once() -> None:
    with pytest.raises(ValueError, match="above 0 s"):
        Timetable(QUIET, every_s=0.0)


def test_a_clip_can_be_called_for_and_stopped() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 8.0),)), 0.0)
    assert began(player, 1.0) == [("quiet", 0.0)]
    player.play(FIRE, 1.1)
    (fire,) = began(player, 2.0)
    player.stop(3.2)
    quiet, *later = began(player, 9.5)
    assert (fire[0], quiet[0]) == ("fire", "quiet")
    assert (fire[1], quiet[1]) == (1.1, 3.2)
    assert later == [("rat", 8.0), ("quiet", 9.0)]


def test_time_goes_on_while_nobody_watches() -> None:
    watched = Player(Timetable(QUIET, (Showing(RAT, 3.0),), every_s=7.0), 0.0)
    unwatched = Player(Timetable(QUIET, (Showing(RAT, 3.0),), every_s=7.0), 0.0)
    seen = began(watched, 20.1)
    assert [(begun.clip.name, begun.at) for begun in unwatched.skip(20.1)] == seen
    assert sent(unwatched, 22.0) == sent(watched, 22.0)


def test_the_next_call_is_at_the_next_picture_or_the_next_clip() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 1.1),)), 0.0)
    list(player.follow(0.9))
    assert player.due(watched=True) == 1.0
    assert player.due(watched=False) == 1.1
    list(player.follow(1.0))
    assert player.due(watched=True) == 1.1


@given(
    held=st.lists(st.sampled_from([0.0, 0.1, 0.6]), min_size=2, max_size=2),
    cuts=st.lists(st.floats(0.05, 3.0), max_size=6),
)
def test_pictures_never_run_backwards_however_clips_are_cut(held: list[float], cuts: list[float]) -> None:
    clips = [clip("a", 8, held=held[0]), clip("b", 5, step=0.04, held=held[1])]
    player, now, shown = Player(Timetable(clips[0]), 0.0), 0.0, list[float]()
    for turn, cut in enumerate(cuts):
        now += cut
        shown += [item.show for item in player.follow(now) if isinstance(item, Due)]
        player.play(clips[turn % 2], now)
    shown += [item.show for item in player.follow(now + 5.0) if isinstance(item, Due)]
    assert all(later > earlier for earlier, later in pairwise(shown))


def test_cameras_that_share_a_clip_may_be_at_different_places_of_it() -> None:
    player = Player(Timetable(QUIET, (Showing(RAT, 3.0),), phase_s=0.5), 10.0)
    assert [at for at in sent(player, 11.6) if at >= 10.0][:2] == [10.0, 10.25]
    assert began(player, 13.0) == [("rat", 13.0)]
