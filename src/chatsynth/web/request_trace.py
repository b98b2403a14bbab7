"""A span for each HTTP request, when somebody asked for traces."""

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsynth.kit.tracing import Attributes, Tracer
from chatsynth.web.request_counts import route_of
from chatsynth.web.request_log import QUIET_PATHS


class RequestTrace:
    """Named by the route, since an address would name people's chats; goes on with the trace of a proxy."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET_PATHS:
            await self._app(scope, receive, send)
            return
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = str(scope["method"])
        with self._tracer.span(method, {"http.request.method": method}, Headers(scope=scope)) as span:
            try:
                await self._app(scope, receive, send_and_note)
            finally:
                route = route_of(scope)
                request_id = str(structlog.contextvars.get_contextvars().get("request_id"))
                known: Attributes = {
                    "http.route": route,
                    "http.response.status_code": status,
                    "chatsynth.request_id": request_id,
                }
                span.describe(f"{method} {route}", known)
