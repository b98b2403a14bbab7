"""What happened in the last hour, from counts that only ever grow."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

CountsT = TypeVar("CountsT")
HOUR_S = 3600.0


@dataclass(slots=True)
class LastHour(Generic[CountsT]):
    """Keeps the counts of each minute for an hour; `start` are those of the beginning."""

    start: CountsT
    _noted: deque[tuple[float, CountsT]] = field(default_factory=deque)

    def note(self, now_s: float, counts: CountsT) -> None:
        """Once a minute."""
        self._noted.append((now_s, counts))
        while len(self._noted) > 1 and self._noted[1][0] <= now_s - HOUR_S:
            self.start = self._noted.popleft()[1]

    def an_hour_ago(self, now_s: float) -> CountsT:
        """Those of an hour ago, at most a minute older; of the beginning, if that is less than an hour ago."""
        older = [counts for at_s, counts in self._noted if at_s <= now_s - HOUR_S]
        return older[-1] if older else self.start
