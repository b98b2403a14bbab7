"""How large the body of a request may be, and of how many values; more is refused with 413 before it is read."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsynth.kit.json_count import JsonCount
from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.problems import problem_response

IsSignedIn = Callable[[HTTPConnection], Awaitable[bool]]


class BodyLimit:
    """A file upload (multipart) may be larger than any other body, which is held in memory and parsed before anything
    asks who sent it: so from somebody who is not signed in, only a short one is read."""

    def __init__(self, app: ASGIApp, settings: HttpSettings, max_upload_bytes: int, is_signed_in: IsSignedIn) -> None:
        self._app = app
        self._settings = settings
        self._max_upload_bytes = max_upload_bytes
        self._is_signed_in = is_signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        allowed, most_values = self._limits(request.headers)
        limit = min(allowed, self._settings.max_stranger_body_bytes)
        if "transfer-encoding" in request.headers or _announced_bytes(request.headers) > limit:
            if await self._is_signed_in(request):
                limit = allowed
            elif _announced_bytes(request.headers) > limit:
                await problem_response(401, "not_signed_in", "Please sign in first.")(scope, receive, send)
                return
        if _announced_bytes(request.headers) > limit:
            await problem_response(413, "too_large", too_large(limit))(scope, receive, send)
            return
        await self._app(scope, _counting(receive, limit, most_values), send)

    def _limits(self, headers: Headers) -> tuple[int, int | None]:
        """In bytes and in JSON values; an upload is not held in memory."""
        is_upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        if is_upload:
            return self._max_upload_bytes, None
        return self._settings.max_body_bytes, self._settings.max_body_values


def too_large(limit: int) -> str:
    return f"This is larger than the {limit} bytes that this server takes at once."


def _announced_bytes(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def too_many_values(most: int) -> str:
    return f"This has more than {most:,} values and names of fields, which is more than this server reads at once."


def _counting(receive: Receive, limit: int, most_values: int | None) -> Receive:
    received, count = 0, JsonCount()

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, too_large(limit))
        if most_values is not None:
            count.feed(message.get("body", b""))
            if count.values > most_values:
                raise HTTPException(413, too_many_values(most_values))
        return message

    return receive_within_limit
