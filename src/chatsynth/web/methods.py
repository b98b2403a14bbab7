"""HEAD wherever there is GET, and which methods an address takes."""

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Answers HEAD as GET, without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            scope["method"] = "HEAD"  # or the server below would miss the body, and cut the connection for it
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, send_without_body)
        finally:
            scope["method"] = "HEAD"


def allowed_methods(app: FastAPI, path: str) -> str:
    """For the header `Allow`: all that any route takes at this path."""
    methods = {method for taken, is_here in _routes(app, path) if is_here for method in taken}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _routes(app: FastAPI, path: str) -> Iterable[tuple[Iterable[str], bool]]:
    for route in iter_route_contexts(app.routes):
        yield route.methods or (), bool(route.path_regex.match(path))
