"""The page: its files, its addresses, and what is not its own."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.middleware import install_middleware
from chatsynth.web.page import page_router
from chatsynth.web.request_counts import RequestCounts
from tests.harness.somebody import somebody

pytestmark = pytest.mark.anyio
INDEX = "<!doctype html><title>ChatSynth</title>"
SCRIPT = "console.log(1)" * 100


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-a1b2.js").write_text(SCRIPT)
    (tmp_path / "secret").write_text("outside")
    return folder


@pytest.fixture
async def client(static: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/api/known")
    def known() -> str:
        return "known"

    app.include_router(page_router(static))
    install_middleware(app, (), 100, RequestCounts(), http=HttpSettings(), is_signed_in=somebody)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/chats/42", "/sign-in", "/index.html"])
async def test_every_address_of_the_page_is_the_page_and_fresh(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/html")


async def test_hashed_files_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/index-a1b2.js")
    assert answer.text == SCRIPT
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_files_are_compressed_for_those_who_understand_it(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/assets/index-a1b2.js", headers={"Accept-Encoding": "gzip"}) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).decode() == SCRIPT
    plain = await client.get("/assets/index-a1b2.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_a_changed_file_is_not_served_from_memory(client: httpx.AsyncClient, static: Path) -> None:
    await client.get("/")
    (static / "index.html").write_text("new page")
    assert (await client.get("/")).text == "new page"


@pytest.mark.parametrize("path", ["/api/unknown", "/api", "/api/chats/x/y", "/ws/7", "/assets/old-c3d4.js"])
async def test_what_is_not_of_the_page_is_not_the_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_known_addresses_come_first(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/known")).json() == "known"


@pytest.mark.parametrize("path", ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/assets/..%2f..%2fsecret", "/%00"])
async def test_nothing_outside_its_folder_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert "outside" not in (await client.get(path)).text


async def test_a_name_that_is_too_long_is_an_address_of_the_page(client: httpx.AsyncClient) -> None:
    assert (await client.get("/" + "x" * 5000)).text == INDEX


async def test_a_page_that_is_not_built_is_explained(client: httpx.AsyncClient, static: Path) -> None:
    (static / "index.html").unlink()
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "make page" in answer.text
