"""Capture times follow arrivals, smoothly, whatever the stream's own times do."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.clock import CaptureClock

T0 = 1_800_000_000.0


def test_jitter_of_the_network_does_not_reach_the_capture_times() -> None:
    clock = CaptureClock()
    late = [0.0, 0.08, 0.01, 0.12, 0.0, 0.05] * 50
    times = [clock.capture(i * 0.04, T0 + i * 0.04 + lag) for i, lag in enumerate(late)]
    assert all(abs(at - (T0 + i * 0.04)) < 0.002 for i, at in enumerate(times))


def test_a_burst_at_the_start_is_not_dated_into_the_future() -> None:
    clock = CaptureClock()
    burst = [clock.capture(i * 0.04, T0 + i * 0.0001) for i in range(50)]
    assert max(burst) < T0 + 0.06
    assert abs(clock.capture(5.0, T0 + 3.04) - (T0 + 3.04)) < 0.01


def test_a_drifting_camera_is_followed() -> None:
    clock = CaptureClock()
    for i in range(25 * 600):
        arrival = T0 + i * 0.04
        at = clock.capture((arrival - T0) * 0.9998, arrival)  # 200 ppm slow
    assert abs(at - arrival) < 0.01


def test_b_frames_keep_their_place_between_the_pictures_around_them() -> None:
    clock = CaptureClock()
    key, later, middle = clock.capture(0.0, T0), clock.capture(0.12, T0 + 0.12), clock.capture(0.04, T0 + 0.13)
    assert key < middle < later


def test_the_first_packet_without_a_time_comes_before_all_that_follow() -> None:
    clock = CaptureClock()
    first = clock.capture(None, T0)
    assert all(clock.capture(pts, T0 + 0.001) > first for pts in (0.2, 0.08, 0.12))


def test_a_stream_or_a_wall_clock_that_starts_anew_is_taken_as_it_is() -> None:
    clock = CaptureClock()
    clock.capture(1000.0, T0)
    assert clock.capture(0.0, T0 + 0.04) == T0 + 0.04
    assert clock.capture(0.04, T0 - 3600) == T0 - 3600


@given(st.lists(st.tuples(st.floats(0, 4), st.floats(0, 1)), min_size=2, max_size=60))
def test_times_always_rise_with_presentation_times(steps: list[tuple[float, float]]) -> None:
    clock, pts, arrival, times = CaptureClock(), 0.0, T0, []
    for wait, lag in steps:
        pts, arrival = pts + wait + 0.01, arrival + wait + 0.01
        times.append(clock.capture(pts, arrival + lag))
    assert all(before < after for before, after in pairwise(times))
