"""A server with nobody on it yet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.features.accounts.server import Server, running_server


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_server(tmp_path / "chatsynth.sqlite3") as server:
        yield server
