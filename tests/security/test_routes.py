"""Every HTTP route for everybody who can ask: what `access_table.ROUTES` says, and nothing between the lines."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from chatsynth.config import Settings
from chatsynth.server import create_app
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op
from tests.harness.people import request
from tests.security.access_table import ROUTES, parse_table
from tests.security.cast import (
    NOWHERE,
    PASSWORD,
    SIGNED_IN,
    Cast,
    Scene,
    begin_many_imports,
    end_imports,
    set_scene,
)

TABLE = parse_table(ROUTES)
REFUSALS = ("401", "403", "404")
CROWDED = ("POST /api/imports", "POST /api/demo")
BODIES: Mapping[str, JsonDict] = {
    "POST /api/accounts": {"email": "{new}@example.org", "name": "New", "password": PASSWORD},
    "POST /api/login": {"email": "{guest}", "password": PASSWORD},
    "PATCH /api/me": {"name": "Renamed"},
    "POST /api/me/password": {"current": PASSWORD, "new": PASSWORD},
    "POST /api/tokens": {"name": "backup"},
    "POST /api/invitation-checks": {"invitation": "a guess"},
    "PATCH /api/users/{user_id}": {"disabled": False},
    "POST /api/chats": {"title": "New"},
    "PATCH /api/chats/{chat_id}": {"title": "Renamed"},
    "POST /api/chats/{chat_id}/messages": {"content": "new"},
    "PATCH /api/chats/{chat_id}/messages/{message_id}": {"content": "changed"},
    "POST /api/chats/{chat_id}/messages/{message_id}/move": {"after": None},
    "PUT /api/chats/{chat_id}/members": {"email": "{guest}", "role": "editor"},
    "POST /api/notifications/read": {"upTo": 1},
}
QUERIES: Mapping[str, str] = {"GET /api/search": "?q=three", "GET /{path:page}": "chats/1"}


def _routes_of_the_app() -> set[str]:
    app = create_app(Settings(data_dir=Path("/nowhere")))
    found = [(route.methods, route.path) for route in iter_route_contexts(app.routes)]
    return {f"{method} {path}" for methods, path in found for method in (methods or {"LIVE"}) - {"HEAD"}}


def test_the_table_and_the_app_have_the_same_routes() -> None:
    """A new route needs a line in `access_table.ROUTES`, and a body in `BODIES` if it takes one."""
    assert set(TABLE) | {"LIVE /ws/{user_id}"} == _routes_of_the_app()


@pytest.mark.parametrize("route", TABLE)
def test_who_may_not_is_refused_learns_nothing_and_changes_nothing(cast: Cast, route: str) -> None:
    scene = set_scene(cast)
    for who, headers, outcome in _askers(cast, route):
        if outcome in REFUSALS:
            before = cast.rows.now()
            answer = ask(cast, route, scene, headers)
            assert (who, str(answer.status_code)) == (who, outcome), answer.text
            assert cast.rows.now() == before, f"{who} changed something"
            if outcome != "403":  # whoever reads 403 knows already that the thing is there
                assert _said(answer) == _said(ask(cast, route, NOWHERE, headers)), f"{who} learns something"


@pytest.mark.parametrize("route", TABLE)
def test_who_may_is_served(cast: Cast, route: str) -> None:
    scene = set_scene(cast)
    with _crowded(cast, route in CROWDED):
        for who, headers, outcome in _askers(cast, route):
            if outcome not in REFUSALS:
                answer = ask(cast, route, scene, headers)
                assert (who, str(answer.status_code)) == (who, outcome), answer.text
                scene = set_scene(cast) if "_id}" in route else scene


def _askers(cast: Cast, route: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Everybody, with their outcome; for a route that is the same for all, some stand for the others."""
    row = TABLE[route]
    is_public = len(set(row.values())) == 1
    people = ("stranger",) if is_public else SIGNED_IN
    ended = ("nobody",) if is_public else tuple(cast.ended)
    yield from ((name, cast.people[name].bearer, row[name]) for name in people)
    yield from ((name, cast.ended[name], row["ended"]) for name in ended)


@contextmanager
def _crowded(cast: Cast, wanted: bool) -> Iterator[None]:
    write = cast.server.library().writer.run
    if wanted:
        write(lambda unit: begin_many_imports(unit, [person.id for person in cast.people.values()]))
    yield
    write(end_imports)


def _said(answer: httpx.Response) -> tuple[int, JsonDict, set[str]]:
    return answer.status_code, answer.json(), set(answer.headers)


def ask(cast: Cast, route: str, scene: Scene, headers: Mapping[str, str]) -> httpx.Response:
    method, _, template = route.partition(" ")
    message_id = scene.removed_id if template.endswith("{message_id}/restore") else scene.message_id
    numbers = asdict(scene) | {"message_id": message_id, "user_id": cast.guest.id}
    path = template.replace("{path:page}", "").format_map(numbers) + QUERIES.get(route, "")
    body = BODIES.get(route)
    return request(cast.server, method, path, None if body is None else _filled(cast, body), dict(headers))


def _filled(cast: Cast, body: JsonDict) -> JsonDict:
    words = {"guest": cast.guest.email, "new": f"new-{new_op().lower()}"}
    return {key: value.format_map(words) if isinstance(value, str) else value for key, value in body.items()}
