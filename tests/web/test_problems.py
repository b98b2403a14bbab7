"""Every failure is a problem document with a sentence; nothing of our insides gets out."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Annotated, Literal

import httpx
import pytest
from fastapi import FastAPI, Query, Request
from pydantic import Field, StringConstraints
from sqlalchemy import create_engine
from structlog.testing import capture_logs

from chatsynth.database.writer import WriteFailed
from chatsynth.kit.wire_model import Id, WireModel
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.middleware import install_middleware
from chatsynth.web.problems import RateLimited
from chatsynth.web.request_counts import RequestCounts
from tests.harness.somebody import somebody

pytestmark = pytest.mark.anyio


class Inner(WireModel):
    name: str


class Body(WireModel):
    first_number: Annotated[int, Field(ge=1, le=9)]
    text: Annotated[str, StringConstraints(min_length=3, max_length=7, pattern="^[a-z]*$")]
    kind: Literal["big", "small"] = "big"
    is_new: bool = False
    items: Annotated[tuple[int | str, ...], Field(max_length=2, strict=False)] = ()
    inner: Inner | None = None


def _add_numbers(app: FastAPI) -> None:
    @app.get("/numbers/{number_id}")
    def number(number_id: Id, limit: Annotated[int, Query(le=100)] = 1) -> int:
        return number_id + limit

    @app.delete("/numbers/{number_id}")
    def delete(number_id: Id) -> int:
        return number_id


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

    _add_numbers(app)

    @app.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    install_middleware(
        app, (), max_upload_bytes=100, counts=RequestCounts(), http=HttpSettings(), is_signed_in=somebody
    )
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
    ("body", "sentence"),
    [
        ('{"firstNumber": "1", "text": 2}', "“firstNumber” must be a whole number; “text” must be a text"),
        ('{"firstNumber": 1.5, "text": null}', "“firstNumber” must be a whole number; “text” must be a text"),
        ("{}", "“firstNumber” is missing; “text” is missing"),
        ('{"firstNumber": 1, "text": "\\ud83d"}', "“text” contains something that is not Unicode text"),
        ('{"firstNumber": 1, "text": "ab"}', "“text” needs at least 3 characters"),
        ('{"firstNumber": 1, "text": "abcdefgh"}', "“text” may have at most 7 characters"),
        ('{"firstNumber": 1, "text": "a b c"}', "“text” contains characters that it may not contain"),
        ('{"firstNumber": 0, "text": "abc"}', "“firstNumber” must be at least 1"),
        ('{"firstNumber": 10, "text": "abc"}', "“firstNumber” may be at most 9"),
        ('{"firstNumber": 1, "text": "abc", "kind": "x"}', "“kind” must be “big” or “small”"),
        ('{"firstNumber": 1, "text": "abc", "isNew": 1}', "“isNew” must be true or false"),
        ('{"firstNumber": 1, "text": "abc", "items": {}}', "“items” must be a list"),
        ('{"firstNumber": 1, "text": "abc", "items": [1, 2, "", null]}', "“items” may have at most 2 items"),
        ('{"firstNumber": 1, "text": "abc", "items": [true]}', "“items.0” must be a whole number or must be a text"),
        ('{"firstNumber": 1, "text": "abc", "inner": 5}', "“inner” must be a JSON object"),
        ('{"firstNumber": 1, "text": "abc", "inner": {}}', "“inner.name” is missing"),
        (
            '{"kind": 1, "isNew": 1, "items": 1}',
            "“firstNumber” is missing; “text” is missing; “kind” must be “big” or “small”; and 2 more things",
        ),
        ("[]", "the body of the request must be a JSON object"),
        ("7", "the body of the request must be a JSON object"),
        ("", "the body of the request is missing"),
    ],
)
async def test_a_body_that_is_not_right_is_explained_in_words(
    client: httpx.AsyncClient, body: str, sentence: str
) -> None:
    answer = await client.post("/body", content=body, headers={"content-type": "application/json"})
    assert _problem(answer) == (422, "invalid", f"This request is not right: {sentence}.")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/numbers/x", "“number_id” must be a whole number"),
        ("/numbers/0", "“number_id” must be at least 1"),
        ("/numbers/99999999999999999999999", "“number_id” may be at most 9007199254740992"),
        ("/numbers/1?limit=", "“limit” must be a whole number"),
        ("/numbers/1?limit=1000", "“limit” may be at most 100"),
    ],
)
async def test_an_address_that_is_not_right_is_explained_in_words(
    client: httpx.AsyncClient, url: str, sentence: str
) -> None:
    assert _problem(await client.get(url)) == (422, "invalid", f"This request is not right: {sentence}.")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"text": "\xc3("}',
        b"nul",
        b"[" * 90_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b"\x00",
        b"{'a': 1}",
    ],
    ids=["cut off", "UTF-16", "broken UTF-8", "no word", "deep", "a huge number", "NUL", "single quotes"],
)
async def test_a_body_that_cannot_be_read_has_one_answer(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/body", content=body, headers={"content-type": "application/json"})
    assert _problem(answer) == (400, "invalid", "The body of this request is not valid JSON in UTF-8.")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_that_does_not_say_that_it_is_json_is_not_read(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/body", content='{"firstNumber": 1, "text": "abc"}', headers={"content-type": kind})
    assert _problem(answer)[:2] == (415, "unsupported_media_type")
    for good in ("application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"):
        answer = await client.post("/body", content='{"firstNumber": 1, "text": "abc"}', headers={"content-type": good})
        assert answer.status_code == 200


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path, status in (("/numbers/1", 200), ("/numbers/x", 422), ("/nothing", 404), ("/mistake", 500)):
        got, headed = await client.get(path), await client.head(path)
        assert (headed.status_code, headed.content) == (status, b"")
        assert headed.headers["content-length"] == got.headers["content-length"]
        assert headed.headers["content-type"] == got.headers["content-type"]


async def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(client: httpx.AsyncClient) -> None:
    for method, path, allowed in (
        ("PUT", "/numbers/1", "DELETE, GET, HEAD"),
        ("GET", "/body", "POST"),
        ("TRACE", "/body", "POST"),
        ("HEAD", "/body", "POST"),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


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


async def test_a_body_of_too_many_values_is_not_read(client: httpx.AsyncClient) -> None:
    """A reader would make them all, and then find that the text ends too early: 400."""

    async def in_parts() -> AsyncIterator[bytes]:
        for _ in range(201):
            yield b'[1,"a, b",' * 250

    headers = {"content-type": "application/json"}
    for body in (in_parts(), b"[" * 100_001, b'{"a":[' + b"1," * 100_000):
        answer = await client.post("/body", content=body, headers=headers)
        assert _problem(answer)[:2] == (413, "too_large")
    text = json.dumps({"firstNumber": 1, "text": "abc", "more": '",[{:' * 200_000})
    assert (await client.post("/body", content=text, headers=headers)).status_code == 200


async def test_a_body_within_its_limit_arrives(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=b"x" * 5000)).json() == 5000
