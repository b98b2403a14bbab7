"""How fast somebody may ask for work: a bucket that empties by itself. Who is too fast waits; nothing is refused."""

from dataclasses import dataclass

BYTES_OF_ONE = 4096
"""A frame counts one more for every so many bytes, since a long one costs more to read."""
VALUES_OF_ONE = 100
"""And one more for every so many JSON values, since each is made."""
LONGEST_WAIT_S = 5.0
"""What would have to be waited for longer is forgiven: a connection that is never read looks dead."""


def weight(frames: int, size_bytes: int, values: int = 0) -> float:
    return frames + size_bytes / BYTES_OF_ONE + values / VALUES_OF_ONE


@dataclass(frozen=True, slots=True)
class Rate:
    """Up to `burst` at once, and `per_s` in each second after that."""

    per_s: float
    burst: float


@dataclass(slots=True)
class Pace:
    """What was asked for lately, by one connection or by one person."""

    _asked: float = 0.0
    _since_s: float = 0.0

    def ask(self, amount: float, rate: Rate, now_s: float) -> float:
        """How long to wait before the next time."""
        left = max(0.0, self._asked - (now_s - self._since_s) * rate.per_s)
        self._asked = min(left + amount, rate.burst + rate.per_s * LONGEST_WAIT_S)
        self._since_s = now_s
        return max(0.0, (self._asked - rate.burst) / rate.per_s)

    def is_rested(self, rate: Rate, now_s: float) -> bool:
        """Nothing needs to be remembered of it any more."""
        return self._asked <= (now_s - self._since_s) * rate.per_s
