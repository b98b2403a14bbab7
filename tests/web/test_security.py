"""Which pages may ask for changes, and what every answer says to browsers."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.middleware import install_middleware
from chatsynth.web.request_counts import RequestCounts
from chatsynth.web.security import origin_allowed, request_origin_allowed, websocket_origin_allowed
from tests.harness.somebody import somebody

ALLOWED = ("https://friend.test",)


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        ("http://chat.test:8000", "chat.test:8000", True),
        ("http://CHAT.test:8000", "chat.test:8000", True),
        ("https://chat.test", "chat.test", True),
        ("https://chat.test", "chat.test:443", True),
        ("http://chat.test:80", "chat.test", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("https://friend.test", "chat.test", True),
        ("https://FRIEND.test", "chat.test", True),
        ("http://chat.test:8001", "chat.test:8000", False),
        ("https://chat.test", "chat.test:80", False),
        ("https://evil.test", "chat.test", False),
        ("https://chat.test.evil.test", "chat.test", False),
        ("https://friend.test.evil.test", "chat.test", False),
        ("http://friend.test", "chat.test", False),
        ("null", "chat.test", False),
        ("", "chat.test", False),
        ("", "", False),
        ("file://", "", False),
        ("http://chat.test:port", "chat.test", False),
        ("http://[broken", "chat.test", False),
        ("chrome-extension://chat.test", "chat.test", False),
    ],
)
def test_a_page_of_this_host_or_of_the_list_is_allowed(origin: str, host: str, expected: bool) -> None:
    assert origin_allowed(origin, host, ALLOWED) is expected


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", {"origin": "https://evil.test", "cookie": "a=b"}, True),
        ("POST", {"origin": "http://chat.test", "cookie": "a=b"}, True),
        ("POST", {"origin": "https://evil.test", "cookie": "a=b"}, False),
        ("POST", {"origin": "https://evil.test"}, False),  # would plant a login of the evil page's choice
        ("POST", {"origin": "https://evil.test", "authorization": "Bearer x"}, True),
        ("POST", {"origin": "https://evil.test", "authorization": "Basic x"}, False),
        ("POST", {"sec-fetch-site": "same-origin", "cookie": "a=b"}, True),
        ("POST", {"sec-fetch-site": "same-site", "cookie": "a=b"}, False),
        ("DELETE", {"sec-fetch-site": "cross-site", "cookie": "a=b"}, False),
        ("POST", {"cookie": "a=b"}, True),
        ("POST", {}, True),
    ],
)
def test_a_change_needs_a_page_of_ours_or_no_browser(method: str, headers: dict[str, str], expected: bool) -> None:
    assert request_origin_allowed(method, Headers({"host": "chat.test", **headers}), ALLOWED) is expected


@pytest.mark.parametrize(
    ("origin", "expected"), [(None, True), ("http://chat.test", True), ("https://evil.test", False), ("null", False)]
)
def test_a_websocket_without_origin_is_no_browser(origin: str | None, expected: bool) -> None:
    headers = [(b"host", b"chat.test")] + ([(b"origin", origin.encode())] if origin is not None else [])
    connection = HTTPConnection({"type": "websocket", "headers": headers})
    assert websocket_origin_allowed(connection, ALLOWED) is expected


@pytest.mark.parametrize(("scheme", "expected"), [("wss", False), ("ws", True)])
def test_a_page_that_was_not_encrypted_is_foreign_to_a_socket_that_is(scheme: str, expected: bool) -> None:
    headers = [(b"host", b"chat.test"), (b"origin", b"http://chat.test")]
    connection = HTTPConnection({"type": "websocket", "scheme": scheme, "headers": headers})
    assert websocket_origin_allowed(connection, ALLOWED) is expected


@pytest.mark.anyio
@pytest.mark.parametrize(("page", "status"), [("http://chat.test", 403), ("https://chat.test", 404)])
async def test_a_page_that_was_not_encrypted_is_foreign_to_a_request_that_is(page: str, status: int) -> None:
    app = FastAPI()
    install_middleware(app, ALLOWED, 100, RequestCounts(), http=HttpSettings(), is_signed_in=somebody)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://chat.test") as client:
        assert (await client.post("/nothing", headers={"Origin": page})).status_code == status


@pytest.mark.anyio
async def test_every_answer_carries_the_security_headers() -> None:
    app = FastAPI()

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError

    install_middleware(app, ALLOWED, 100, RequestCounts(), http=HttpSettings(), is_signed_in=somebody)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat.test") as client:
        answers = [
            await client.get("/nothing"),
            await client.get("/broken"),
            await client.post("/nothing", headers={"Origin": "https://evil.test"}),
        ]
    assert [answer.status_code for answer in answers] == [404, 500, 403]
    for answer in answers:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
