"""The endpoints of accounts on a real database file, with a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI

from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.migrate import migrate
from chatsynth.database.writer import Writer
from chatsynth.features.accounts.endpoints import router
from chatsynth.features.accounts.settings import AccountSettings
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context
from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.middleware import install_middleware
from chatsynth.web.request_counts import RequestCounts
from tests.harness.somebody import somebody

PASSWORD = "correct horse battery"
ORIGIN = "http://chat.test"


@dataclass
class Server:
    app: FastAPI
    context: Context
    published: list[AfterCommit]
    now_ms: int = 1_800_000_000_000
    address: str = "192.0.2.1"
    browsers: list[httpx.AsyncClient] = field(default_factory=list)

    def clock(self) -> int:
        return self.now_ms

    def browser(self, base_url: str = ORIGIN, **headers: str) -> httpx.AsyncClient:
        """With a cookie jar of its own; it says its origin, as browsers do."""
        transport = httpx.ASGITransport(self.app, client=(self.address, 1234))
        client = httpx.AsyncClient(transport=transport, base_url=base_url, headers={"Origin": base_url, **headers})
        self.browsers.append(client)
        return client

    def program(self, token: str) -> httpx.AsyncClient:
        client = self.browser(Authorization=f"Bearer {token}")
        del client.headers["origin"]
        return client

    async def signed_up(self, email: str = "ann@example.org", name: str = "Ann", **more: str) -> httpx.AsyncClient:
        browser = self.browser()
        answer = await browser.post("/api/accounts", json={"email": email, "name": name, "password": PASSWORD, **more})
        assert answer.status_code == 201, answer.text
        return browser


@asynccontextmanager
async def running_server(path: Path, settings: AccountSettings | None = None) -> AsyncIterator[Server]:
    migrate(path)
    published: list[AfterCommit] = []
    app = FastAPI()
    writer: Writer[AfterCommit] = Writer(open_writer(path), lambda: server.now_ms, published.extend)
    context = Context(lambda: server.now_ms, open_readers(path), writer)
    server = Server(app, context, published)
    app.state.context = context
    app.state.accounts = settings or AccountSettings()
    app.include_router(router)
    install_middleware(
        app,
        allowed_origins=("https://friend.test",),
        max_upload_bytes=1024,
        counts=RequestCounts(),
        http=HttpSettings(),
        is_signed_in=somebody,
    )
    writer.start()
    try:
        yield server
    finally:
        for browser in server.browsers:
            await browser.aclose()
        writer.stop()
        context.readers.dispose()
