"""How large the body of a request may be; more is refused with 413 before it is kept anywhere."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsynth.web.problems import problem_response

MAX_JSON_BYTES = 16 * 1024 * 1024


class BodyLimit:
    """A file upload (multipart) may be larger than any other body, which is held in memory."""

    def __init__(self, app: ASGIApp, max_upload_bytes: int, max_json_bytes: int = MAX_JSON_BYTES) -> None:
        self._app = app
        self._max_upload_bytes = max_upload_bytes
        self._max_json_bytes = max_json_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_upload = headers.get("content-type", "").lower().startswith("multipart/form-data")
        limit = self._max_upload_bytes if is_upload else self._max_json_bytes
        if _announced_bytes(headers) > limit:
            await problem_response(413, "too_large", too_large(limit))(scope, receive, send)
            return
        await self._app(scope, _counting(receive, limit), send)


def too_large(limit: int) -> str:
    return f"This is larger than the {limit} bytes that this server takes at once."


def _announced_bytes(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _counting(receive: Receive, limit: int) -> Receive:
    received = 0

    async def receive_within_limit() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, too_large(limit))
        return message

    return receive_within_limit
