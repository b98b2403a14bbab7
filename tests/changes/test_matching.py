"""What sequences have in common is found: all where they differ little, within the budget elsewhere."""

from hypothesis import given
from hypothesis import strategies as st

from chatsynth.changes.matching import Budget, Match, find_matches

PLENTY = 1_000_000

sequences = st.lists(st.integers(0, 3), max_size=12)


def most_in_common(old: list[int], new: list[int]) -> int:
    """Return the length of a longest common subsequence, by trying everything."""
    row = [0] * (len(new) + 1)
    for item in old:
        above = row[:]
        for column, other in enumerate(new):
            row[column + 1] = above[column] + 1 if item == other else max(above[column + 1], row[column])
    return row[-1]


def assert_sound(matches: list[Match], old: list[int], new: list[int]) -> None:
    old_end = new_end = 0
    for match in matches:
        assert match.old >= old_end
        assert match.new >= new_end
        assert match.length > 0
        old_end, new_end = match.old + match.length, match.new + match.length
        assert old[match.old : old_end] == new[match.new : new_end]


@given(sequences, sequences)
def test_cs15_everything_in_common_is_found_in_small_sequences(old: list[int], new: list[int]) -> None:
    matches = find_matches(old, new, Budget(PLENTY))
    assert_sound(matches, old, new)
    assert sum(match.length for match in matches) == most_in_common(old, new)


@given(st.lists(st.integers(0, 20), max_size=30), st.lists(st.integers(0, 20), max_size=30), st.integers(-5, 200))
def test_cs16_a_small_budget_gives_fewer_matches_but_no_wrong_ones(old: list[int], new: list[int], steps: int) -> None:
    assert_sound(find_matches(old, new, Budget(steps)), old, new)


def test_cs16_unique_items_divide_what_differs_too_much_to_be_searched() -> None:
    old, new = [[side] * 5_000 + [7] + [side] * 5_000 + [8] for side in (1, 2)]
    assert find_matches(old, new, Budget(PLENTY)) == [Match(5_000, 5_000, 1), Match(10_001, 10_001, 1)]


def test_cs16_an_empty_budget_finds_nothing() -> None:
    budget = Budget(0)
    assert find_matches([1, 2], [1, 2], budget) == []
    assert budget.left <= 0


def test_cs16_the_work_on_hostile_sequences_is_counted_and_ends() -> None:
    budget = Budget(300_000)
    find_matches([1, 2] * 50_000, [1, 3, 2] * 30_000, budget)
    assert -500_000 < budget.left < 300_000
