"""Every error answer: `application/problem+json` (RFC 9457) with a code for programs and a sentence for people."""

import sqlite3
from collections.abc import Mapping, Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from chatsynth.database.failures import SENTENCES, storage_fault
from chatsynth.database.writer import WriteFailed
from chatsynth.kit.field_errors import field_path, field_sentence
from chatsynth.kit.wire_model import WireModel
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.web.methods import allowed_methods

log = structlog.get_logger(__name__)
RETRY_AFTER = {"Retry-After": "5"}

STATUS_OF_CODE: Mapping[ErrorCode, int] = {
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.CONFLICT: 409,
    ErrorCode.TOO_OLD: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}
"""Any other code is 422: understood, but not right."""

_OF_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("invalid", "This request could not be understood."),
    401: ("not_signed_in", "Please sign in first."),
    403: ("forbidden", "You may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this kind of request."),
    413: ("too_large", "This is larger than the server takes."),
    415: ("unsupported_media_type", "The server cannot read this kind of content."),
    503: ("unavailable", "The server cannot do this just now. Please try again in a moment."),
}
BODY_NOT_READ = "There was an error parsing the body"
"""What FastAPI says of a body that is not UTF-8, or nested too deeply."""
UNREADABLE = "The body of this request is not valid JSON in UTF-8."
NOT_SAID_TO_BE_JSON = "The body of this request must be JSON, with the header “Content-Type: application/json”."
UNEXPECTED = "The server made a mistake. Please try again; if it stays, tell whoever runs this server"


class RateLimited(Refused):
    """Too often; the client may try again after `retry_after_s`."""

    def __init__(self, sentence: str, retry_after_s: int) -> None:
        super().__init__(ErrorCode.RATE_LIMITED, sentence)
        self.retry_after_s = retry_after_s


class NotSignedIn(Exception):
    """The request has no sign-in, one that ended, or one that is wrong."""

    def __init__(self, sentence: str = "Please sign in first.") -> None:
        super().__init__(sentence)


class Problem(WireModel):
    """The body of an error answer (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str


PROBLEM_RESPONSES: dict[int | str, dict[str, object]] = {
    statuses: {
        "description": description,
        "content": {"application/problem+json": {"schema": Problem.model_json_schema(by_alias=True)}},
    }
    for statuses, description in (
        ("4XX", "Refused: `detail` says why in words, `code` for programs."),
        ("5XX", "The server cannot do this just now, or made a mistake; `detail` says which."),
    )
}
"""For the OpenAPI document, in place of FastAPI's own form of a validation error, which is never sent."""


def problem_response(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, code=code)
    content = problem.model_dump(by_alias=True)
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def install_problems(app: FastAPI) -> None:
    """Every foreseen way in which a request can fail ends in a problem; `RequestLog` answers for the others."""
    for foreseen in (Refused, WriteFailed, DBAPIError, sqlite3.Error):
        app.add_exception_handler(foreseen, _foreseen)
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _foreseen(_: Request, failed: Exception) -> JSONResponse:
    """Raises the mistakes again."""
    answer = problem_of(failed)
    if answer is None:
        raise failed
    return answer


def problem_of(failed: Exception) -> JSONResponse | None:
    """None for a mistake of ours."""
    if isinstance(failed, Refused):
        headers = {"Retry-After": str(failed.retry_after_s)} if isinstance(failed, RateLimited) else None
        return problem_response(STATUS_OF_CODE.get(failed.code, 422), failed.code, failed.sentence, headers)
    if isinstance(failed, WriteFailed):
        return problem_response(503, ErrorCode.UNAVAILABLE, str(failed), RETRY_AFTER)
    fault = storage_fault(failed)
    if fault is None:
        return None
    log.error("reading failed", error=str(failed))
    return problem_response(
        503, ErrorCode.UNAVAILABLE, f"{SENTENCES[fault]} Please try again in a moment.", RETRY_AFTER
    )


async def _not_signed_in(_: Request, refused: Exception) -> JSONResponse:
    return problem_response(401, "not_signed_in", str(refused), {"WWW-Authenticate": 'Bearer realm="ChatSynth"'})


async def _invalid(request: Request, invalid: Exception) -> JSONResponse:
    """A body that cannot be read at all is 400 (415 if it does not even say that it is JSON), wrong fields are 422."""
    assert isinstance(invalid, RequestValidationError)
    errors = invalid.errors()
    if any(error["type"] == "json_invalid" for error in errors):
        return _unreadable()
    if any(len(error["loc"]) == 1 and error["type"] != "missing" for error in errors) and not _says_json(request):
        return problem_response(415, "unsupported_media_type", NOT_SAID_TO_BE_JSON)
    wrong = field_sentence(errors, _path_of, "the body of the request")
    return problem_response(422, ErrorCode.INVALID, f"This request is not right: {wrong}."[:600])


def _unreadable() -> JSONResponse:
    """Not JSON, not UTF-8, or nested without end: one answer for whatever no JSON reader can read."""
    return problem_response(400, ErrorCode.INVALID, UNREADABLE)


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _path_of(location: Sequence[object]) -> str:
    source, *steps = location
    return field_path(steps) if source == "body" else ".".join(str(step) for step in steps)


async def _http(request: Request, raised: Exception) -> JSONResponse:
    assert isinstance(raised, HTTPException)
    if raised.detail == BODY_NOT_READ:
        return _unreadable()
    code, sentence = _OF_STATUS.get(raised.status_code, ("error", HTTPStatus(raised.status_code).phrase))
    said = raised.detail if raised.detail != HTTPStatus(raised.status_code).phrase else sentence
    headers = {"Allow": allowed_methods(request.app, request.url.path)} if raised.status_code == 405 else raised.headers
    return problem_response(raised.status_code, code, said, headers)


def unexpected_problem(request_id: str) -> JSONResponse:
    """For a mistake of ours: no detail of it leaves the server, the log has them under the id of the request."""
    return problem_response(500, "internal", f"{UNEXPECTED} (request {request_id}).")
