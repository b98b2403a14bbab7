"""Reading: who reads much does not keep those waiting who look something up (promise P7)."""

import asyncio
import threading
from pathlib import Path

import pytest
from anyio.to_thread import current_default_thread_limiter
from starlette.concurrency import run_in_threadpool

from chatsynth.config import Settings
from chatsynth.database.migrate import migrate
from chatsynth.node import Node
from chatsynth.realtime.identity import Identity

pytestmark = pytest.mark.anyio


async def test_looking_up_a_subscription_waits_for_no_slow_reader(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    migrate(settings.database)
    node = Node(settings)
    gate = threading.Event()

    def read_much() -> None:
        with node.context.reading():
            gate.wait()

    async with node.running():
        readers = current_default_thread_limiter()
        slow = [asyncio.create_task(run_in_threadpool(read_much)) for _ in range(int(readers.total_tokens) + 5)]
        try:
            while readers.available_tokens > 0:  # noqa: ASYNC110 - nothing tells when a thread has been taken
                await asyncio.sleep(0)
            async with asyncio.timeout(20):
                await node.surroundings.channels.open(Identity(1, "Ada", "login:1", None), ["user:1"])
                assert await node.why_not_ready() is None
        finally:
            gate.set()
            await asyncio.gather(*slow)
