"""Who may have frames read next: everybody who waits has one turn, and then everything else has its own."""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Turns:
    """A person's many connections are no more turns: one of them at a time, the one that waits for longest (P7)."""

    def __init__(self) -> None:
        self._waiting: dict[int, deque[Callable[[], None]]] = {}
        self._is_called = False

    def ask(self, user_id: int, take: Callable[[], None]) -> None:
        """`take` is called soon, once."""
        self._waiting.setdefault(user_id, deque()).append(take)
        self._call()

    def _call(self) -> None:
        if self._waiting and not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._round)

    def _round(self) -> None:
        self._is_called = False
        for user_id, waiting in list(self._waiting.items()):
            take = waiting.popleft()
            if not waiting:
                del self._waiting[user_id]
            try:
                take()
            except Exception:
                log.exception("taking frames failed", user=user_id)
        self._call()
