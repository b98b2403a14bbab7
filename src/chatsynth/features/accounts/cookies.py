"""The session cookie."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

from chatsynth.features.accounts.authentication import COOKIE
from chatsynth.features.accounts.settings import AccountSettings

MAX_AGE_S = 400 * 24 * 60 * 60
"""The longest that browsers keep a cookie. When a login ends is the server's decision, which it can also put off."""


def set_session_cookie(response: Response, request: HTTPConnection, settings: AccountSettings, secret: str) -> None:
    response.set_cookie(
        COOKIE, secret, max_age=MAX_AGE_S, path="/", secure=_secure(request, settings), httponly=True, samesite="lax"
    )


def clear_session_cookie(response: Response, request: HTTPConnection, settings: AccountSettings) -> None:
    response.delete_cookie(COOKIE, path="/", secure=_secure(request, settings), httponly=True, samesite="lax")


def _secure(request: HTTPConnection, settings: AccountSettings) -> bool:
    match settings.cookie_secure:
        case "auto":
            return request.url.scheme == "https"
        case "always":
            return True
        case "never":
            return False
