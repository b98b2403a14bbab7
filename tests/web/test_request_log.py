"""What the log says of a request, and what it never says."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TextIO

import httpx
import pytest
import structlog
from fastapi import FastAPI
from structlog.testing import capture_logs

from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.middleware import install_middleware
from chatsynth.web.request_counts import RequestCounts
from chatsynth.web.request_log import configure_logging
from tests.harness.somebody import somebody

pytestmark = pytest.mark.anyio


@pytest.fixture
def _logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def full_disk() -> Iterator[TextIO]:
    with contextlib.suppress(OSError), Path("/dev/full").open("w") as stream:
        yield stream


def _log_in(password: str) -> None:
    raise RuntimeError(f"{len(password)} characters")


async def _request(method: str, url: str, **headers: str) -> httpx.Response:
    app = FastAPI()
    app.get("/api/broken")(lambda: _log_in("secret password"))
    install_middleware(app, (), 100, RequestCounts(), http=HttpSettings(), is_signed_in=somebody)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat.test") as client:
        return await client.request(method, url, headers=headers, content="secret body")


async def test_a_request_is_one_line_without_secrets() -> None:
    with capture_logs() as logged:
        await _request("POST", "/api/chats?q=secret", Authorization="Bearer secret")
        await _request("GET", "/join/secret")
    assert [(each["method"], each["path"], each["status"]) for each in logged] == [
        ("POST", "/api/chats", 404),
        ("GET", "(page)", 404),
    ]
    assert "secret" not in repr(logged)


async def test_health_checks_do_not_fill_the_log() -> None:
    with capture_logs() as logged:
        await _request("GET", "/healthz")
    assert logged == []


@pytest.mark.usefixtures("_logging_as_before")
async def test_the_log_is_json_with_the_id_of_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json")
    answer = await _request("GET", "/api/me")
    line = json.loads(capsys.readouterr().err)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["level"] == "info"
    assert line["event"] == "request"


@pytest.mark.usefixtures("_logging_as_before")
@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_a_traceback_is_logged_without_the_values_of_variables(
    log_format: Literal["json", "console"], capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format)
    assert (await _request("GET", "/api/broken")).status_code == 500
    logged = capsys.readouterr().err
    assert "15 characters" in logged
    assert "_log_in" in logged
    assert "'secret password'" not in logged


@pytest.mark.usefixtures("_logging_as_before")
async def test_a_log_whose_disk_is_full_hurts_nobody(monkeypatch: pytest.MonkeyPatch, full_disk: TextIO) -> None:
    monkeypatch.setattr(sys, "stderr", full_disk)
    configure_logging("json")
    assert (await _request("GET", "/api/me")).status_code == 404
    assert (await _request("GET", "/api/broken")).status_code == 500
    with pytest.raises(OSError, match="No space"):
        full_disk.flush()
