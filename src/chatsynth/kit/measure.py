"""Counting for whoever runs the server: cheap enough for the hot path, and no metrics library below the web."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

FAST_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds for what takes milliseconds."""


class Tally:
    """Counts exactly from any number of threads; the value is asked for by one thread at a time."""

    def __init__(self) -> None:
        self.add = itertools.count().__next__  # atomic in CPython, where `+=` is not
        self._looks = 0

    def value(self) -> int:
        found = self.add() - self._looks
        self._looks += 1
        return found


@dataclass(slots=True)
class Histogram:
    """How many values were at most each bound, and their sum. One thread writes, any thread reads."""

    bounds: Sequence[float] = FAST_S
    counts: list[int] = field(init=False)
    """One for each bound, and one for what lies above the last."""
    sum: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        self.sum += value
        for place, bound in enumerate(self.bounds):
            if value <= bound:
                self.counts[place] += 1
                return
        self.counts[-1] += 1

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """The bound that at least this share of the values did not exceed; the last bound for what lies above it."""
        return quantile(self.bounds, self.counts, share)


def quantile(bounds: Sequence[float], counts: Sequence[int], share: float) -> float | None:
    """None without values."""
    wanted = share * sum(counts)
    if wanted == 0:
        return None
    for bound, up_to in zip(bounds, itertools.accumulate(counts), strict=False):
        if up_to >= wanted:
            return bound
    return bounds[-1]
