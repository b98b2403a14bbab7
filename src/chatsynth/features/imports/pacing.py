"""How much to write at once, and when to pause, so that nobody else waits long for the write lock."""

import time

AIM_S = 0.025
"""How long a transaction should take."""
ROOM_S = 0.004
"""The server tries to get the lock every 2 ms while somebody else has it (`database.writer`)."""
LEAST_COST = 100_000
"""On a busy machine every transaction takes long; smaller ones would only be more of them."""
MOST_COST = 2_000_000
FIRST_COST = LEAST_COST


class Pace:
    """Learns from each transaction how large the next one may be. Costs are those of `batches`."""

    def __init__(self) -> None:
        self.most_cost = FIRST_COST
        self._cost = 0
        self._began_at = 0.0
        self._finished_at = 0.0

    def begun(self, cost: int) -> None:
        """The lock is held from now on."""
        self._cost = cost
        self._began_at = time.monotonic()

    def finished(self) -> None:
        """The lock is free again."""
        self._finished_at = time.monotonic()
        took = max(self._finished_at - self._began_at, 0.001)
        if self._cost > LEAST_COST / 2:
            right = self._cost * AIM_S / took
            self.most_cost = int(min(max((self.most_cost + right) / 2, LEAST_COST), MOST_COST))

    def leave_room(self) -> None:
        left = self._finished_at + ROOM_S - time.monotonic()
        if left > 0:
            time.sleep(left)
