"""Which parts two sequences have in common, within a bounded amount of work."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SEARCH_STEPS = 40_000
"""The most that one search for the shortest edit may take: enough for some 280 differences."""

ITEMS_PER_STEP = 16
"""How many equal items in a row are compared in the time of one step."""


class Match(NamedTuple):
    """`length` equal items, from `old` in the one sequence and from `new` in the other."""

    old: int
    new: int
    length: int


class Part(NamedTuple):
    """A stretch of each of the two sequences that is still to be compared."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(slots=True)
class Budget:
    """The steps that a comparison may still take; counted rather than timed, so results never vary."""

    left: int


def find_matches(old: Sequence[int], new: Sequence[int], budget: Budget) -> list[Match]:
    """Return what `old` and `new` have in common, in order and without overlaps.

    It is the most possible where few items differ. Elsewhere items that are unique on both sides divide the
    sequences into parts, and a part that would still take too long has nothing in common.
    """
    found: list[Match] = []
    parts = [Part(0, len(old), 0, len(new))]
    while parts:
        part = parts.pop()
        part_old, part_new = old[part.old_start : part.old_end], new[part.new_start : part.new_end]
        matches = _shortest_edit(part_old, part_new, budget)
        if matches is None:
            matches = _unique_anchors(part_old, part_new, budget)
            if matches:
                parts.extend(_between(matches, part))
        found.extend(Match(part.old_start + old, part.new_start + new, length) for old, new, length in matches)
    return sorted(found)


def _between(anchors: list[Match], part: Part) -> Iterator[Part]:
    """Yield what is left of `part` before, between and after `anchors`, where both sides have something."""
    old, new, old_end, new_end = part.old_start, part.new_start, part.old_end, part.new_end
    for anchor in anchors:
        before = Part(old, part.old_start + anchor.old, new, part.new_start + anchor.new)
        if before.old_start < before.old_end and before.new_start < before.new_end:
            yield before
        old, new = before.old_end + anchor.length, before.new_end + anchor.length
    if old < old_end and new < new_end:
        yield Part(old, old_end, new, new_end)


def _shortest_edit(old: Sequence[int], new: Sequence[int], budget: Budget) -> list[Match] | None:
    """Return a longest common subsequence, or `None` when that takes more than `SEARCH_STEPS` or the budget.

    E. W. Myers, "An O(ND) difference algorithm and its variations", Algorithmica 1 (1986), greedy algorithm:
    for one difference more each time, find how far into `old` one gets on each diagonal, the places whose
    position in `old` less that in `new` is the same.
    """
    allowance = steps = min(SEARCH_STEPS, budget.left)
    furthest = {1: 0}
    history: list[dict[int, int]] = []
    while steps > 0:
        history.append(furthest.copy())
        differences = len(history) - 1
        for diagonal in range(-differences, differences + 1, 2):
            start = _enter(furthest, diagonal, differences)
            end = start + _equal_run(old, new, start, start - diagonal)
            furthest[diagonal] = end
            steps -= 1 + (end - start) // ITEMS_PER_STEP
            if diagonal == len(old) - len(new) and end >= len(old):
                budget.left -= allowance - steps
                return _walk_back(history, len(old), len(new))
    budget.left -= allowance - steps
    return None


def _enter(furthest: dict[int, int], diagonal: int, differences: int) -> int:
    """Return where in `old` the best path comes onto `diagonal`, by inserting an item or by deleting one."""
    if _inserts(furthest, diagonal, differences):
        return furthest[diagonal + 1]
    return furthest[diagonal - 1] + 1


def _inserts(furthest: dict[int, int], diagonal: int, differences: int) -> bool:
    """Say whether inserting leads further on `diagonal` than deleting does."""
    if abs(diagonal) == differences:
        return diagonal <= 0
    return furthest[diagonal - 1] < furthest[diagonal + 1]


def _equal_run(old: Sequence[int], new: Sequence[int], old_at: int, new_at: int) -> int:
    """Count the equal items from two positions on, in growing strides: slices compare faster than items."""
    longest = min(len(old) - old_at, len(new) - new_at)
    if longest <= 0 or old[old_at] != new[new_at]:
        return 0
    length = stride = 1
    while stride:
        end = length + stride
        if end <= longest and old[old_at + length : old_at + end] == new[new_at + length : new_at + end]:
            length = end
            stride *= 2
        else:
            stride //= 2
    return length


def _walk_back(history: list[dict[int, int]], old_at: int, new_at: int) -> list[Match]:
    """Follow the shortest edit from its end to its start, and return the equal runs on it in order."""
    matches: list[Match] = []
    for differences in range(len(history) - 1, -1, -1):
        furthest, diagonal = history[differences], old_at - new_at
        start = _enter(furthest, diagonal, differences)
        if old_at > start:
            matches.append(Match(start, start - diagonal, old_at - start))
        diagonal += 1 if _inserts(furthest, diagonal, differences) else -1
        old_at = furthest[diagonal]
        new_at = old_at - diagonal
    return matches[::-1]


def _unique_anchors(old: Sequence[int], new: Sequence[int], budget: Budget) -> list[Match]:
    """Return the items that stand once on each side, in the same order; none when that exceeds the budget."""
    budget.left -= len(old) + len(new)
    if budget.left < 0:
        return []
    old_count, new_count = Counter(old), Counter(new)
    new_position = {item: position for position, item in enumerate(new) if new_count[item] == 1}
    pairs = [
        (position, new_position[item])
        for position, item in enumerate(old)
        if old_count[item] == 1 and item in new_position
    ]
    return [Match(old_at, new_at, 1) for old_at, new_at in _longest_rising(pairs)]


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest choice of `pairs` that rises in their second numbers, as all do in their first."""
    ends: list[int] = []
    end_index: list[int] = []
    previous: list[int] = []
    for index, (_, value) in enumerate(pairs):
        length = bisect_left(ends, value)
        previous.append(end_index[length - 1] if length else -1)
        ends[length : length + 1] = [value]
        end_index[length : length + 1] = [index]
    chosen: list[tuple[int, int]] = []
    index = end_index[-1] if end_index else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = previous[index]
    return chosen[::-1]
