"""Whether the process lives, and whether it can serve."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from chatsynth.config import Settings
from chatsynth.library import open_library
from chatsynth.web.health import WhyNotReady, health_router, why_database_not_ready

pytestmark = pytest.mark.anyio


async def _ask(why_not_ready: WhyNotReady, path: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(health_router(why_not_ready))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat.test") as client:
        return await client.get(path)


async def _stopping() -> str | None:
    return "The server is stopping."


async def test_a_server_that_is_not_ready_lives_and_says_why() -> None:
    assert (await _ask(_stopping, "/healthz")).status_code == 200
    answer = await _ask(_stopping, "/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The server is stopping.")


async def test_a_database_that_answers_is_ready(tmp_path: Path) -> None:
    with open_library(Settings(data_dir=tmp_path), may_create=True) as library:
        assert (await _ask(lambda: why_database_not_ready(library), "/readyz")).status_code == 200


async def test_a_database_without_its_tables_is_not_ready(tmp_path: Path) -> None:
    with open_library(Settings(data_dir=tmp_path), may_create=True) as library:
        await library.write(lambda unit: unit.db.exec_driver_sql("ALTER TABLE users RENAME TO people"))
        answer = await _ask(lambda: why_database_not_ready(library), "/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "The database cannot be read.")
