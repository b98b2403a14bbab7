"""One line in the log for each request, and an answer for those that end in an unforeseen error.

No query, header or body is logged: they may carry what people wrote, or secrets.
"""

import contextlib
import logging
import re
import sys
import time
from typing import Literal, TextIO

import structlog
import structlog.tracebacks
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import Processor

from chatsynth.kit.ids import random_id
from chatsynth.web.problems import problem_of, unexpected_problem
from chatsynth.web.request_counts import RequestCounts, route_of

log = structlog.get_logger(__name__)
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
API_PREFIXES = ("/api/", "/ws/")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
# Without local variables: a password may be one.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_logging(log_format: Literal["auto", "console", "json"]) -> None:
    """To standard error. "auto": readable on a terminal, else JSON, one object a line."""
    on_terminal = sys.stderr.isatty()
    for_people = log_format == "console" or (log_format == "auto" and on_terminal)
    renderers: list[Processor] = [_TRACEBACKS, structlog.processors.JSONRenderer()]
    if for_people:
        renderers = [
            structlog.dev.ConsoleRenderer(colors=on_terminal, exception_formatter=structlog.dev.plain_traceback)
        ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(_HarmlessLog(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, _OneLog)] + [_OneLog(logging.WARNING)]


class _OneLog(logging.Handler):
    """What libraries log goes the same way, in the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)


class _HarmlessLog:
    """A line that cannot be written is lost, and nothing else: the disk of the log may be full too."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


class RequestLog:
    """Gives each request an id, which stands in the log, in `X-Request-ID` and in what an error says.

    A proxy may have given it one already. Each request is counted in `counts`.
    """

    def __init__(self, app: ASGIApp, counts: RequestCounts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = _request_id(scope)
        began_s = time.monotonic()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id, user=None):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as failed:
                answer = problem_of(failed)  # raised before an endpoint was asked
                if answer is None:
                    log.exception("request failed", method=scope["method"], path=_loggable_path(scope))
                if status:  # half an answer cannot be taken back: the server cuts the connection
                    raise
                await (answer or unexpected_problem(request_id))(scope, receive, send_with_id)
            finally:
                took_s = time.monotonic() - began_s
                self._counts.note(scope, status, took_s)
                if scope["path"] not in QUIET_PATHS:
                    self._log(scope, status, took_s)

    @staticmethod
    def _log(scope: Scope, status: int, took_s: float) -> None:
        log.info(
            "request",
            method=scope["method"],
            path=_loggable_path(scope),
            route=route_of(scope),
            status=status,
            took_ms=round(took_s * 1000, 1),
        )


def _request_id(scope: Scope) -> str:
    """The one that came with the request, if it cannot be mistaken for anything else in a log."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else random_id()


def _loggable_path(scope: Scope) -> str:
    """An address within the page may carry an invitation, so it is not told."""
    path = str(scope["path"])
    return path if path.startswith(API_PREFIXES) or path in QUIET_PATHS else "(page)"
