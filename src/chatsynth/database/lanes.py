"""Whose command is next: everyone in turn, and who took long pauses before going on (promise P7). Pure: no clock.

One writer serves all. Without turns, sixty slow commands of one person would stand before everyone else's next word.
"""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

FREE_S = 0.02
"""A command that computes no longer than this costs nobody a wait that they would notice."""

REST_FACTOR = 2
"""After a longer one its lane rests for twice that time, so that no lane has more than a third of the writer."""


class Lanes(Generic[T]):
    """Each lane (a person, or the server itself) keeps its own order. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[T]] = {}
        self._turns: deque[str] = deque()
        self._rests_until_s: dict[str, float] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def is_empty(self) -> bool:
        return not self._turns

    def put(self, lane: str, item: T) -> None:
        if lane not in self._waiting:
            self._waiting[lane] = deque()
            self._turns.append(lane)
        self._waiting[lane].append(item)
        self._count += 1

    def take(self, now_s: float) -> T | None:
        """The next item; None when nothing waits, or only in lanes that rest."""
        for _ in range(len(self._turns)):
            lane = self._turns.popleft()
            if self._rests(lane, now_s):
                self._turns.append(lane)
                continue
            items = self._waiting[lane]
            item = items.popleft()
            if items:
                self._turns.append(lane)
            else:
                del self._waiting[lane]
            self._count -= 1
            return item
        return None

    def took(self, lane: str, spent_s: float, now_s: float) -> None:
        """What the item just taken from `lane` cost in computing time."""
        if spent_s > FREE_S:
            self._rests_until_s[lane] = now_s + REST_FACTOR * spent_s

    def wait_s(self, now_s: float) -> float:
        """How long until `take` has something of what waits now; infinite when nothing waits."""
        return min(
            (max(0.0, self._rests_until_s.get(lane, now_s) - now_s) for lane in self._turns), default=float("inf")
        )

    def _rests(self, lane: str, now_s: float) -> bool:
        until_s = self._rests_until_s.get(lane)
        if until_s is None:
            return False
        if until_s > now_s:
            return True
        del self._rests_until_s[lane]
        return False
