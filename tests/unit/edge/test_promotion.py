"""Promotions: bounded, until all is calm, and the told one makes room."""

from edge.promotion import Promotions


def test_there_is_room_for_so_many() -> None:
    promotions = Promotions(2, 30.0)
    assert [promotions.admit(code, 0.0) for code in ("a", "b", "c")] == [True, True, False]
    assert (len(promotions), "a" in promotions, promotions.refused) == (2, True, 1)
    promotions.end("a")
    promotions.end("a")
    assert promotions.admit("c", 1.0)


def test_a_camera_stays_until_nothing_was_there_for_a_while() -> None:
    promotions = Promotions(2, 30.0)
    promotions.admit("a", 0.0)
    promotions.seen("a", 20.0, doubtful=True, unsettled=False)
    promotions.seen("a", 40.0, doubtful=False, unsettled=True)
    promotions.seen("a", 60.0, doubtful=False, unsettled=False)
    assert promotions.over(69.0) == []
    assert promotions.over(70.0) == ["a"]


def test_one_whose_violation_is_told_makes_room_the_longest_first() -> None:
    promotions = Promotions(3, 30.0)
    for code, at in (("a", 0.0), ("b", 5.0), ("c", 30.0)):
        promotions.admit(code, at)
        promotions.seen(code, 36.0, doubtful=False, unsettled=True)
    assert promotions.yielding(29.0) is None
    assert promotions.yielding(36.0) == "a"
    promotions.seen("a", 36.0, doubtful=True, unsettled=True)
    assert promotions.yielding(36.0) == "b"
