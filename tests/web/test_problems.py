"""Every failure is a problem document with a sentence; nothing of our insides gets out."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import create_engine
from structlog.testing import capture_logs

from chatsynth.database.writer import WriteFailed
from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.web.middleware import install_middleware
from chatsynth.web.problems import RateLimited
from chatsynth.web.request_counts import RequestCounts

pytestmark = pytest.mark.anyio


class Body(WireModel):
    first_number: int
    text: str


def _app() -> FastAPI:
    app = FastAPI()

    @app.get("/refused/{code}")
    def refused(code: ErrorCode) -> None:
        raise Refused(code, "A sentence.")

    @app.get("/limited")
    def limited() -> None:
        raise RateLimited("Too often.", 90)

    @app.get("/disk")
    def disk() -> None:
        raise WriteFailed("The disk of the server is full.")

    @app.get("/damaged")
    def damaged() -> None:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("PRAGMA query_only = ON")
            db.execute("CREATE TABLE t (x)")

    @app.get("/no-such-table")
    def no_such_table() -> None:
        with create_engine("sqlite://").connect() as db:
            db.exec_driver_sql("SELECT * FROM t")

    @app.get("/mistake")
    def mistake() -> None:
        raise RuntimeError("the secret is 1234")

    @app.post("/body")
    def body(body: Body) -> Body:
        return body

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    install_middleware(app, (), max_upload_bytes=100, counts=RequestCounts())
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://chat.test") as client:
        yield client


def _problem(answer: httpx.Response) -> tuple[int, str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["code"], problem["detail"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("not_found", 404),
        ("forbidden", 403),
        ("conflict", 409),
        ("too_old", 409),
        ("invalid", 422),
        ("too_large", 413),
        ("rate_limited", 429),
        ("unavailable", 503),
        ("internal", 500),
    ],
)
async def test_a_refusal_keeps_its_code_and_sentence(client: httpx.AsyncClient, code: str, status: int) -> None:
    assert _problem(await client.get(f"/refused/{code}")) == (status, code, "A sentence.")


async def test_who_comes_too_often_is_told_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/limited")
    assert _problem(answer) == (429, "rate_limited", "Too often.")
    assert answer.headers["retry-after"] == "90"


async def test_a_failed_write_says_so(client: httpx.AsyncClient) -> None:
    assert _problem(await client.get("/disk")) == (503, "unavailable", "The disk of the server is full.")


async def test_a_database_that_cannot_be_read_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/damaged")
    assert _problem(answer)[:2] == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert _problem(await client.get("/no-such-table"))[:2] == (500, "internal")


async def test_a_mistake_of_ours_is_named_by_its_request_and_explained_in_the_log(client: httpx.AsyncClient) -> None:
    with capture_logs() as logged:
        answer = await client.get("/mistake")
    status, code, sentence = _problem(answer)
    assert (status, code) == (500, "internal")
    assert answer.headers["x-request-id"] in sentence
    assert "1234" not in answer.text
    assert [each["event"] for each in logged] == ["request failed", "request"]
    assert logged[1]["status"] == 500


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"firstNumber": "1", "text": 2}', ["firstNumber", "text"]),
        ("{}", ["firstNumber", "text"]),
        ("{", ["not valid JSON"]),
        ("[]", ["valid dictionary"]),
        ("", ["required"]),
    ],
)
async def test_a_body_that_is_not_right_is_explained_field_by_field(
    client: httpx.AsyncClient, body: str, words: list[str]
) -> None:
    answer = await client.post("/body", content=body, headers={"content-type": "application/json"})
    status, code, sentence = _problem(answer)
    assert (status, code) == (422, "invalid")
    assert all(word in sentence for word in words), sentence


async def test_addresses_and_methods_that_are_not_there(client: httpx.AsyncClient) -> None:
    assert _problem(await client.get("/nothing"))[:2] == (404, "not_found")
    assert _problem(await client.get("/body"))[:2] == (405, "method_not_allowed")


async def test_a_body_that_says_it_is_too_large_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/raw", content=b"x" * 101, headers={"content-type": "multipart/form-data; boundary=b"})
    assert _problem(answer)[:2] == (413, "too_large")


async def test_a_body_that_turns_out_too_large_is_cut_off(client: httpx.AsyncClient) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 10

    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = await client.post("/raw", content=unannounced(), headers=headers)
    assert _problem(answer)[:2] == (413, "too_large")


async def test_a_body_within_its_limit_arrives(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=b"x" * 5000)).json() == 5000
