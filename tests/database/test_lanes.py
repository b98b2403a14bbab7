"""Whose command is next (promise P7)."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chatsynth.database.lanes import FREE_S, REST_FACTOR, Lanes

EVER = float("inf")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers()), max_size=40))
def test_each_lane_keeps_its_order_and_nothing_is_lost_or_doubled(items: list[tuple[str, int]]) -> None:
    lanes: Lanes[tuple[str, int]] = Lanes()
    for lane, item in items:
        lanes.put(lane, (lane, item))
    assert len(lanes) == len(items)
    taken = list(iter(lambda: lanes.take(0.0), None))
    assert lanes.is_empty
    assert len(lanes) == 0
    for lane in "abc":
        assert [item for name, item in taken if name == lane] == [item for name, item in items if name == lane]


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_a_long_queue_is_before_nobody_elses_next_item(lengths: list[int]) -> None:
    lanes: Lanes[int] = Lanes()
    for lane, length in enumerate(lengths):
        for _ in range(length):
            lanes.put(str(lane), lane)
    served: Counter[int] = Counter()
    while (lane_served := lanes.take(0.0)) is not None:
        served[lane_served] += 1
        waiting = [served[lane] for lane, length in enumerate(lengths) if served[lane] < length]
        assert not waiting or max(served.values()) - min(waiting) <= 1


def test_who_took_long_rests_and_others_go_on() -> None:
    lanes: Lanes[str] = Lanes()
    for item in ("slow", "after"):
        lanes.put("hog", item)
    assert lanes.take(0.0) == "slow"
    lanes.took("hog", 1.0, 1.0)
    lanes.put("other", "quick")
    assert lanes.take(1.0) == "quick"
    assert lanes.take(1.0) is None
    assert not lanes.is_empty
    assert lanes.wait_s(1.0) == REST_FACTOR
    assert lanes.take(1.0 + REST_FACTOR) == "after"


def test_quick_commands_never_rest() -> None:
    lanes: Lanes[int] = Lanes()
    for item in range(3):
        lanes.put("typist", item)
        assert lanes.wait_s(float(item)) == 0.0
        assert lanes.take(float(item)) == item
        lanes.took("typist", FREE_S, float(item))
    assert lanes.wait_s(9.0) == EVER


def test_a_rest_ends_for_good_at_the_end_of_time() -> None:
    """The writer commits all that waits before it stops, rests or not."""
    lanes: Lanes[int] = Lanes()
    lanes.put("hog", 1)
    lanes.took("hog", 5.0, 0.0)
    assert lanes.take(0.0) is None
    assert lanes.take(EVER) == 1
