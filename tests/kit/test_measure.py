"""Counting for whoever runs the server."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from chatsynth.kit.last_hour import HOUR_S, LastHour
from chatsynth.kit.measure import Histogram, Tally


def test_a_tally_counts_exactly_from_many_threads_and_looking_changes_nothing() -> None:
    tally = Tally()
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(lambda: [tally.add() for _ in range(5000)]) for _ in range(8)]:
            done.result()
    assert [tally.value(), tally.value()] == [40_000, 40_000]


@given(st.lists(st.floats(0, 100), min_size=1), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_a_quantile_is_the_smallest_bound_that_the_share_did_not_exceed(values: list[float], share: float) -> None:
    found = Histogram()
    for value in values:
        found.observe(value)
    bound = found.quantile(share)
    assert found.count == len(values)
    assert bound is not None
    assert bound == found.bounds[-1] or sum(value <= bound for value in values) >= share * len(values)
    smaller = [each for each in found.bounds if each < bound]
    assert all(sum(value <= each for value in values) < share * len(values) for each in smaller)


def test_an_empty_histogram_has_no_quantile() -> None:
    assert Histogram().quantile(0.5) is None


def test_an_hour_ago_is_at_most_a_minute_longer_ago() -> None:
    hour = LastHour(-1)
    assert hour.an_hour_ago(0.0) == -1
    for minute in range(200):
        hour.note(minute * 60.0, minute)
        assert hour.an_hour_ago(minute * 60.0) == (minute - 60 if minute >= 60 else -1)
    assert hour.an_hour_ago(199 * 60.0 + 30) in (139, 140)
    assert hour.an_hour_ago(199 * 60.0 + HOUR_S) == 199
