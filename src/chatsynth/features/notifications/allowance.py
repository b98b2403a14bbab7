"""How many notifications one person may cause, their own and those of people that they share chats with."""

import math
from collections import deque
from dataclasses import dataclass, field

from chatsynth.web.problems import RateLimited

MINUTE_MS = 60 * 1000
TOO_MANY = "You may cause {} notifications a minute. Please try again in a moment."


@dataclass(slots=True)
class Allowance:
    """Used on the writer's thread alone. A restart starts over: it cannot be caused from outside."""

    per_minute: int
    _lately: dict[int, deque[int]] = field(default_factory=dict)
    """When, by person; the one who caused the latest comes last."""

    def take(self, user_id: int, now_ms: int) -> None:
        """Raises RateLimited when nothing is left of it."""
        self._forget(now_ms - MINUTE_MS)
        caused = self._lately.get(user_id, deque())
        while caused and caused[0] <= now_ms - MINUTE_MS:
            caused.popleft()
        if len(caused) >= self.per_minute:
            wait_ms = caused[0] + MINUTE_MS - now_ms
            raise RateLimited(TOO_MANY.format(self.per_minute), math.ceil(wait_ms / 1000))
        caused.append(now_ms)
        self._lately.pop(user_id, None)
        self._lately[user_id] = caused

    @property
    def people(self) -> int:
        """Of how many something is remembered."""
        return len(self._lately)

    def _forget(self, until_ms: int) -> None:
        """Those who have caused none since then are the first."""
        while self._lately:
            user_id, caused = next(iter(self._lately.items()))
            if caused[-1] > until_ms:
                return
            del self._lately[user_id]
