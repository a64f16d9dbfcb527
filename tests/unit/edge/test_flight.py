"""What is under way: a window of batches, shrunk by a loss as TCP's is, and everything again after a new connection."""

from edge.flight import FIRST_S, MOST_PATIENCE_S, PATIENCE_S, Flight

TELEMETRY = 5


def fill(flight: Flight, now: float, *batches: tuple[int, ...]) -> None:
    for seqs in batches:
        assert flight.has_room(now)
        flight.sent(seqs, {TELEMETRY: seqs[-1]}, now)


def flowing(window: int) -> Flight:
    """A flight whose first batch (number 0) was answered at 0."""
    flight = Flight(window)
    fill(flight, 0, (0,))
    assert not flight.has_room(0)
    flight.acknowledged([0], 0)
    return flight


def test_the_window_bounds_what_is_under_way_and_an_answer_makes_room() -> None:
    flight = flowing(2)
    fill(flight, 0, (1, 2), (3, 4))
    assert not flight.has_room(1)
    assert flight.after == {TELEMETRY: 4}
    flight.acknowledged([3, 4], 1)
    assert flight.has_room(1)


def test_an_answer_to_a_part_makes_room_and_the_rest_is_sent_again_in_its_time() -> None:
    flight = flowing(1)
    fill(flight, 0, (1, 2, 3))
    flight.acknowledged([1, 3], 5)
    fill(flight, 5, (4,))
    flight.acknowledged([4], 6)
    assert flight.has_room(PATIENCE_S - 1)
    assert flight.after == {TELEMETRY: 4}
    assert flight.has_room(PATIENCE_S)
    assert flight.after == {}  # from the beginning: 2 is the only one that is left there


def test_a_loss_shrinks_the_window_to_one_and_doubles_the_patience_until_an_answer() -> None:
    flight, now, waits = flowing(3), 0.0, []
    fill(flight, now, (1,), (2,), (3,))
    for _ in range(5):
        began = now
        while not flight.has_room(now):
            now += 0.5
        waits.append(now - began)
        assert flight.after == {}
        flight.sent((1,), {TELEMETRY: 1}, now)
        assert not flight.has_room(now)
    assert waits == [PATIENCE_S, 20, 40, MOST_PATIENCE_S, MOST_PATIENCE_S]
    flight.acknowledged([1], now)
    fill(flight, now, (2,), (3,), (4,))


def test_a_platform_that_is_slow_but_moves_is_waited_for() -> None:
    flight = flowing(3)
    fill(flight, 0, (1,), (2,), (3,))
    flight.acknowledged([1], 9)
    flight.acknowledged([2], 18)
    assert flight.has_room(27)
    assert flight.after == {TELEMETRY: 3}


def test_a_late_answer_to_what_counts_as_lost_does_no_harm() -> None:
    flight = Flight(1)
    fill(flight, 0, (1,))
    assert flight.has_room(FIRST_S)
    flight.acknowledged([1], FIRST_S)
    assert flight.has_room(FIRST_S)


def test_a_new_connection_starts_over_with_one_batch_that_is_soon_missed() -> None:
    flight = flowing(2)
    fill(flight, 0, (1,), (2,))
    flight.restart()
    fill(flight, 0, (1,))
    assert not flight.has_room(FIRST_S - 1)
    fill(flight, FIRST_S, (1,))
    assert not flight.has_room(FIRST_S + 2 * FIRST_S - 1)
    flight.acknowledged([1], 5)
    fill(flight, 5, (2,), (3,))
