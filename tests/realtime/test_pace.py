"""Who asks for too much waits until it is paid back; who does not never waits."""

from hypothesis import given
from hypothesis import strategies as st

from chatsynth.realtime.pace import LONGEST_WAIT_S, Pace, Rate, weight
from chatsynth.realtime.settings import LiveSettings

RATE = Rate(per_s=10, burst=100)


def test_a_burst_is_free_and_what_is_beyond_it_is_waited_for() -> None:
    pace = Pace()
    assert pace.ask(100, RATE, 5.0) == 0
    assert pace.ask(1, RATE, 5.0) == 0.1
    assert pace.ask(20, RATE, 5.0) == 2.1
    assert pace.ask(0, RATE, 6.0) == 1.1


def test_who_waits_as_long_as_told_may_go_on_and_after_a_rest_a_whole_burst_is_free() -> None:
    pace = Pace()
    wait_s = pace.ask(130, RATE, 0.0)
    assert pace.ask(0, RATE, wait_s) == 0
    assert not pace.is_rested(RATE, wait_s)
    assert pace.is_rested(RATE, 13.0)
    assert pace.ask(100, RATE, 13.0) == 0


def test_nobody_waits_for_longer_than_a_dead_connection_is_recognised_by() -> None:
    pace = Pace()
    assert pace.ask(10**9, RATE, 0.0) == LONGEST_WAIT_S
    assert pace.ask(0, RATE, LONGEST_WAIT_S) == 0


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 3)), max_size=40))
def test_never_more_than_the_burst_and_the_rate_is_let_through(asked: list[tuple[float, float]]) -> None:
    """Of one that waits as it is told; one step may overdraw, and is waited for afterwards."""
    pace, now_s, total = Pace(), 0.0, 0.0
    for amount, pause_s in asked:
        now_s += pause_s
        now_s += pace.ask(amount, RATE, now_s)
        total += amount
        assert total <= RATE.burst + RATE.per_s * now_s + 1e-6


def test_a_long_frame_counts_as_several() -> None:
    assert weight(1, 100) < 1.1
    assert weight(1, 4 * 1024 * 1024) > 1000


def test_a_frame_of_many_values_counts_as_several() -> None:
    assert weight(1, 100, 10) < 1.2
    assert weight(1, 100_000, 50_000) > 500


def test_who_was_quiet_may_send_no_more_at_once_than_in_a_second() -> None:
    """While a burst is answered, others wait: ten seconds' worth of frames held them up for seconds."""
    for rate in (LiveSettings().rate, LiveSettings().rate_per_user):
        assert rate.burst <= rate.per_s
