"""One line in the log for each request, and an answer for those that end in an unforeseen error.

No query, header or body is logged: they may carry what people wrote, or secrets.
"""

import contextlib
import logging
import sys
from typing import Literal, TextIO

import structlog
import structlog.tracebacks
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import Processor

from chatsynth.kit.clock import Clock, system_clock
from chatsynth.kit.ids import random_id
from chatsynth.web.problems import unexpected_problem

log = structlog.get_logger(__name__)
QUIET_PATHS = frozenset({"/healthz", "/readyz"})
API_PREFIXES = ("/api/", "/ws/")
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
    """Gives each request an id, which stands in the log, in `X-Request-Id` and in what an error says."""

    def __init__(self, app: ASGIApp, clock: Clock = system_clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = random_id()
        started_ms = self._clock()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                log.exception("request failed", method=scope["method"], path=_loggable_path(scope))
                if status:  # half an answer cannot be taken back: the server cuts the connection
                    raise
                await unexpected_problem(request_id)(scope, receive, send_with_id)
            finally:
                if scope["path"] not in QUIET_PATHS:
                    self._log(scope, status, self._clock() - started_ms)

    @staticmethod
    def _log(scope: Scope, status: int, took_ms: int) -> None:
        log.info("request", method=scope["method"], path=_loggable_path(scope), status=status, took_ms=took_ms)


def _loggable_path(scope: Scope) -> str:
    """An address within the page may carry an invitation, so it is not told."""
    path = str(scope["path"])
    return path if path.startswith(API_PREFIXES) or path in QUIET_PATHS else "(page)"
