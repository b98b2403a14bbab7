"""How much to write at once, and when to pause, so that nobody else waits long for the write lock."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

ROOM_S = 0.004
"""The server tries to get the lock every 2 ms while somebody else has it (`database.writer`)."""
OTHERS_STAY_S = 10.0
"""For how long after somebody else's commit the next one is expected."""


@dataclass(frozen=True, slots=True)
class Stride:
    """How long a transaction should have the lock, without the commit, which takes what the disk takes; and between
    which costs it may lie, whatever was measured: on a busy machine every transaction takes long, and smaller ones
    would only be more of them."""

    aim_s: float
    least_cost: int
    most_cost: int


BESIDE_OTHERS = Stride(aim_s=0.03, least_cost=150_000, most_cost=2_000_000)
ALONE = Stride(aim_s=0.1, least_cost=1_200_000, most_cost=2_000_000)
"""Large transactions cost less, and whoever comes then waits once."""


class Pace:
    """Learns from each transaction how large the next one may be. Costs are those of `batches`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.most_cost = ALONE.least_cost
        self._committed_at = 0.0
        self._others_wrote_at = -math.inf
        self._version: int | None = None

    @contextmanager
    def writing(self, db: Connection, cost: int) -> Iterator[None]:
        """While the lock is held."""
        began_at = self._clock()
        self._look_for_others(db, began_at)
        yield
        took = max(self._clock() - began_at, 0.001)
        stride = ALONE if began_at > self._others_wrote_at + OTHERS_STAY_S else BESIDE_OTHERS
        learned = (self.most_cost + cost * stride.aim_s / took) / 2 if cost > stride.least_cost / 2 else self.most_cost
        self.most_cost = int(min(max(learned, stride.least_cost), stride.most_cost))

    def _look_for_others(self, db: Connection, now: float) -> None:
        """`data_version` changes for a connection only if another one committed."""
        version = int(db.exec_driver_sql("PRAGMA data_version").scalar_one())
        if self._version not in (None, version):
            self._others_wrote_at = now
        self._version = version

    def committed(self) -> None:
        """The lock is free again."""
        self._committed_at = self._clock()

    def leave_room(self) -> None:
        left = self._committed_at + ROOM_S - self._clock()
        if left > 0:
            time.sleep(left)
