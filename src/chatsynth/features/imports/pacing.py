"""How much to write at once, and when to pause, so that nobody else waits long for the write lock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

AIM_S = 0.03
"""How long a transaction should have the lock, without the commit, which takes what the disk takes."""
ROOM_S = 0.004
"""The server tries to get the lock every 2 ms while somebody else has it (`database.writer`)."""
LEAST_COST = 150_000
"""On a busy machine every transaction takes long; smaller ones would only be more of them."""
MOST_COST = 2_000_000


class Pace:
    """Learns from each transaction how large the next one may be. Costs are those of `batches`."""

    def __init__(self) -> None:
        self.most_cost = LEAST_COST
        self._committed_at = 0.0

    @contextmanager
    def writing(self, cost: int) -> Iterator[None]:
        """While the lock is held."""
        began_at = time.monotonic()
        yield
        took = max(time.monotonic() - began_at, 0.001)
        if cost > LEAST_COST / 2:
            right = cost * AIM_S / took
            self.most_cost = int(min(max((self.most_cost + right) / 2, LEAST_COST), MOST_COST))

    def committed(self) -> None:
        """The lock is free again."""
        self._committed_at = time.monotonic()

    def leave_room(self) -> None:
        left = self._committed_at + ROOM_S - time.monotonic()
        if left > 0:
            time.sleep(left)
