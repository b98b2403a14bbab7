"""What keeps foreign pages out: the `Origin` rule for requests that change something, and the security headers."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatsynth.realtime.errors import CloseCode
from chatsynth.web.problems import problem_response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FOREIGN_PAGE = (
    "This request comes from a page at another address than the server's, so it was refused. "
    "Programs sign in with an access token instead of a cookie."
)
FOREIGN_NAME = (
    "This server does not know itself by the name “{}”. If that is its name, whoever runs it must say so: "
    "CHATSYNTH_ALLOWED_ORIGINS=http://name:port, or CHATSYNTH_TRUST_PROXY=yes behind a proxy."
)
# Inline styles, because CodeMirror and Mantine write styles into the page as they run. Pictures from anywhere, because
# a person may ask for one that a message names; the page never loads one by itself.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https: http:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
POLICY_OF_ANSWERS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Of what is no page: opened by itself, it may do nothing at all."""
API = "/api/"
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ANSWER_HEADERS = SECURITY_HEADERS | {"Content-Security-Policy": POLICY_OF_ANSWERS, "Cache-Control": "no-store"}
"""Answers are somebody's own: no cache keeps them, for the next person at this browser or behind this proxy."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_allowed(origin: str, host: str, allowed: Collection[str], *, is_encrypted: bool = False) -> bool:
    """True for a page that this very host served (the header `Host`), or one of the list. "null" never is.

    Of a server that is known to be asked over https, an http page of the same name is somebody in between.
    """
    if origin.lower() in allowed:
        return True
    try:
        page = urlsplit(origin)
        server = urlsplit(f"//{host}")
        default = _DEFAULT_PORTS.get(page.scheme)
        same_port = (page.port or default) == (server.port or default)
    except ValueError:
        return False
    if is_encrypted and page.scheme != "https":
        return False
    return default is not None and bool(page.hostname) and page.hostname == server.hostname and same_port


def bears_token(headers: Headers) -> bool:
    """A browser never adds a Bearer token by itself, so such a request is nobody else's idea."""
    return headers.get("authorization", "").lower().startswith("bearer ")


def websocket_origin_allowed(connection: HTTPConnection, allowed: Collection[str]) -> bool:
    """Browsers always say the origin of a WebSocket; who says none is no browser (rule AUT2)."""
    origin, host = connection.headers.get("origin"), connection.headers.get("host", "")
    is_encrypted = connection.scope.get("scheme") == "wss"
    return origin is None or origin_allowed(origin, host, allowed, is_encrypted=is_encrypted)


def request_origin_allowed(
    method: str, headers: Headers, allowed: Collection[str], *, is_encrypted: bool = False
) -> bool:
    """False for a change that a foreign page may have asked for with the person's cookie, or to plant one."""
    if method in SAFE_METHODS or bears_token(headers):
        return True
    origin = headers.get("origin")
    if origin is not None:
        return origin_allowed(origin, headers.get("host", ""), allowed, is_encrypted=is_encrypted)
    # A browser says at least one of the two with such a request; who says neither is a program with a cookie jar.
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


class RefuseForeignPages:
    """Refuses with 403 what `request_origin_allowed` does not allow."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(scope):
            await problem_response(403, "foreign_origin", FOREIGN_PAGE)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _allows(self, scope: Scope) -> bool:
        is_encrypted = scope.get("scheme") == "https"
        return request_origin_allowed(scope["method"], Headers(scope=scope), self._allowed, is_encrypted=is_encrypted)


class SecurityHeaders:
    """Adds the security headers to every answer that does not say otherwise itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = ANSWER_HEADERS if scope.get("path", "").startswith(API) else SECURITY_HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ours.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class RefuseForeignNames:
    """For a server that only this machine can reach: refuses with 421 what was asked for by another name.

    Whoever owns a name can let it point to this machine while their page is open, and that page would then count as
    the server's own (DNS rebinding). An address in numbers cannot be pointed elsewhere.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._names = {urlsplit(origin).hostname for origin in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "") if scope["type"] in ("http", "websocket") else "localhost"
        if self._knows(host):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": CloseCode.WRONG_ORIGIN, "reason": ""})
        else:
            await problem_response(421, "foreign_name", FOREIGN_NAME.format(host[:100]))(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name == "localhost" or name.endswith(".localhost") or name in self._names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
