"""The threads for endpoints that read much, shared out: nobody has them all (promise P7)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Lane:
    turns: asyncio.Semaphore
    requests: int = 0


@dataclass(slots=True)
class ReadingTurns:
    """Of one person no more than `most_of_one` are read for at a time; what more is asked for waits."""

    most_of_one: int
    _lanes: dict[int, _Lane] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, user_id: int) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(user_id, _Lane(asyncio.Semaphore(self.most_of_one)))
        lane.requests += 1
        try:
            async with lane.turns:
                yield
        finally:
            lane.requests -= 1
            if not lane.requests:
                del self._lanes[user_id]

    @property
    def is_idle(self) -> bool:
        return not self._lanes
