"""How many requests may be under way at once: of one person, of strangers, and of all together (promise P7)."""

from collections import Counter
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from chatsynth.realtime.errors import ErrorCode
from chatsynth.web.body_limit import IsSignedIn
from chatsynth.web.http_settings import HttpSettings
from chatsynth.web.problems import RateLimited, problem_response
from chatsynth.web.request_log import QUIET_PATHS

VISIT = "chatsynth.visit"
RETRY_AFTER_S = 1
TOO_MANY_OF_YOU = "This account has {} requests under way already. Please try again in a moment."
TOO_MANY = "The server has as many requests as it can serve. Please try again in a moment."


@dataclass(slots=True)
class RequestsUnderWay:
    """Of this process. Whose a request is shows when its sign-in is looked up; until then it is a stranger's."""

    settings: HttpSettings
    total: int = 0
    of_person: Counter[int] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        return self.total >= self.settings.max_requests

    @property
    def has_room_for_strangers(self) -> bool:
        """They have half of it, so that who is signed in gets in."""
        return self.total - self.of_person.total() <= self.settings.max_requests // 2


@dataclass(slots=True)
class Visit:
    """One request."""

    under_way: RequestsUnderWay
    user_id: int | None = None

    def begin(self) -> None:
        self.under_way.total += 1

    def belongs_to(self, user_id: int) -> None:
        """Raises RateLimited if this person has too many others."""
        if self.user_id is not None:
            return
        most = self.under_way.settings.max_requests_per_user
        if self.under_way.of_person[user_id] >= most:
            raise RateLimited(TOO_MANY_OF_YOU.format(most), RETRY_AFTER_S)
        self.user_id = user_id
        self.under_way.of_person[user_id] += 1

    def end(self) -> None:
        self.under_way.total -= 1
        if self.user_id is not None:
            self.under_way.of_person[self.user_id] -= 1
            if not self.under_way.of_person[self.user_id]:
                del self.under_way.of_person[self.user_id]


def recognised(connection: HTTPConnection, user_id: int) -> None:
    """Whoever finds out whose a request is says it here. Raises RateLimited; a WebSocket is no request."""
    visit = connection.scope.get(VISIT)
    if isinstance(visit, Visit):
        visit.belongs_to(user_id)


class RequestLimit:
    """Whoever asks whether the server lives, is ready or keeps its promises is always answered."""

    def __init__(self, app: ASGIApp, under_way: RequestsUnderWay, is_signed_in: IsSignedIn) -> None:
        self._app = app
        self._under_way = under_way
        self._is_signed_in = is_signed_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET_PATHS:
            await self._app(scope, receive, send)
        elif self._under_way.is_full:
            await _refuse(scope, receive, send)
        else:
            await self._within_limits(scope, receive, send)

    async def _within_limits(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[VISIT] = visit = Visit(self._under_way)
        visit.begin()
        try:
            if self._under_way.has_room_for_strangers or await self._is_signed_in(HTTPConnection(scope)):
                await self._app(scope, receive, send)
            else:
                await _refuse(scope, receive, send)
        finally:
            visit.end()


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    await problem_response(503, ErrorCode.UNAVAILABLE, TOO_MANY, headers)(scope, receive, send)
