"""Somebody who changes a chat without a pause, and what others got of it."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from websockets.exceptions import ConnectionClosed

from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, new_op

UNANSWERED = 16
"""Changes on their way at any time: the writer, the outboxes and the sockets are never empty."""


class Stream:
    """Retitles a chat on one connection, each time with another title; refusals and the end of it are taken as they
    come."""

    def __init__(self, tab: LiveClient, chat_id: int, name: str) -> None:
        self._tab = tab
        self._chat_id = chat_id
        self._name = name
        self.refusals: list[JsonDict] = []
        self.answers = 0
        self._answered = asyncio.Condition()

    async def run(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            for number in itertools.count():
                title = {"id": self._chat_id, "title": f"{self._name} {number}"}
                await self._tab.send("chat_retitle", op=new_op(), chat=title)
                if number >= UNANSWERED:
                    await self._one_answer()

    async def _one_answer(self) -> None:
        while True:
            frame = await self._tab.next()
            if frame["type"] in ("ack", "error"):
                await self._count()
                if frame["type"] == "error":
                    self.refusals.append(frame)
                return

    async def until(self, more_answers: int) -> None:
        """Returns after so many more of its changes were answered."""
        wanted = self.answers + more_answers
        async with self._answered:
            await self._answered.wait_for(lambda: self.answers >= wanted)

    async def _count(self) -> None:
        async with self._answered:
            self.answers += 1
            self._answered.notify_all()


@asynccontextmanager
async def streaming(streams: Iterable[Stream]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(stream.run()) for stream in streams]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
