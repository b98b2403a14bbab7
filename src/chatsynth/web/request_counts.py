"""What was asked over HTTP and how it was answered, by the template of the route: a path would name people's chats."""

from collections import Counter
from dataclasses import dataclass, field

from starlette.routing import Route
from starlette.types import Scope

from chatsynth.kit.measure import Histogram

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "(none)"
PAGE = "(page)"


@dataclass(slots=True)
class RequestCounts:
    """Since the start of the process; labels are few, whatever clients send."""

    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """By route, method and status."""
    took_s: dict[tuple[str, str], Histogram] = field(default_factory=dict)
    """By route and method."""

    def note(self, scope: Scope, status: int, took_s: float) -> None:
        route, method = route_of(scope), str(scope["method"])
        method = method if method in KNOWN_METHODS else "other"
        self.answers[(route, method, status)] += 1
        self.took_s.setdefault((route, method), Histogram()).observe(took_s)

    def answered(self, route: str, method: str, status: int) -> int:
        return self.answers[(route, method, status)]


def route_of(scope: Scope) -> str:
    """Such as `/api/chats/{chat_id}`; known only after the request was routed."""
    route = scope.get("route")
    if route is None:
        return NO_ROUTE
    path = str(getattr(route, "path_format", "")) if isinstance(route, Route) else ""
    return path if path and not path.startswith("/{") else PAGE
