"""What the OpenAPI document says of every operation: who is asked for a sign-in, and what can be sent again."""

from pathlib import Path

import pytest

from chatsynth.config import Settings
from chatsynth.server import create_app
from tests.harness.json_types import JsonDict
from tests.harness.people import Person, request

PUBLIC = {
    "GET /api/setup",
    "POST /api/accounts",
    "POST /api/invitation-checks",
    "POST /api/login",
    "POST /api/logout",
}
WITHOUT_A_NAME = {
    # once by nature, or refused the second time
    "POST /api/accounts",
    "POST /api/login",
    "POST /api/logout",
    "POST /api/logout-everywhere",
    "PATCH /api/me",
    "POST /api/me/password",
    "DELETE /api/tokens/{token_id}",
    "DELETE /api/invitations/{invitation_id}",
    "PATCH /api/users/{user_id}",
    # the secret is shown once and stored nowhere
    "POST /api/tokens",
    "POST /api/invitations",
    # a second time adds nothing
    "POST /api/imports",
    "POST /api/imports/{job_id}/cancel",
    "POST /api/demo",
    # changes nothing
    "POST /api/invitation-checks",
    "POST /api/admin/integrity-check",
}


def _operations() -> dict[str, JsonDict]:
    document = create_app(Settings(data_dir=Path("/nowhere"))).openapi()
    return {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def test_every_operation_says_how_to_sign_in() -> None:
    document = create_app(Settings(data_dir=Path("/nowhere"))).openapi()
    schemes = document["components"]["securitySchemes"]
    assert {name: (scheme["type"], scheme.get("in") or scheme.get("scheme")) for name, scheme in schemes.items()} == {
        "session": ("apiKey", "cookie"),
        "token": ("http", "bearer"),
    }
    either: list[JsonDict] = [{"session": []}, {"token": []}]
    operations = _operations()
    assert set(operations) >= PUBLIC
    for name, operation in operations.items():
        assert operation.get("security") == (None if name in PUBLIC else either), name


def test_every_change_can_be_named_or_says_why_not() -> None:
    """A new route that changes something takes `Idempotency-Key`, or stands in `WITHOUT_A_NAME` and in http-api.md."""
    changing = {name: operation for name, operation in _operations().items() if not name.startswith("GET ")}
    named = {
        name
        for name, operation in changing.items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))
    }
    assert set(changing) - named == WITHOUT_A_NAME


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/chats", {"title": "New"}),
        ("PATCH", "/api/chats/{chat}", {"title": "Renamed", "archived": True}),
        ("DELETE", "/api/chats/{chat}", None),
        ("POST", "/api/chats/{chat}/messages", {"content": "new"}),
        ("PATCH", "/api/chats/{chat}/messages/{message}", {"content": "changed"}),
        ("DELETE", "/api/chats/{chat}/messages/{message}", None),
        ("PUT", "/api/chats/{chat}/members", {"email": "{ben}", "role": "viewer"}),
        ("DELETE", "/api/chats/{chat}/members/{ben_id}", None),
        ("POST", "/api/notifications/read", {"upTo": 5}),
    ],
)
def test_a_request_that_is_sent_again_takes_effect_once(
    ada: Person, ben: Person, method: str, path: str, body: dict[str, object] | None
) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    words = {"chat": chat["id"], "message": chat["messages"][0]["id"], "ben": ben.email, "ben_id": ben.id}
    sent = {key: value.format_map(words) if isinstance(value, str) else value for key, value in (body or {}).items()}

    def send() -> tuple[int, object]:
        headers = ada.bearer | {"Idempotency-Key": "my-change"}
        answer = request(ada.server, method, path.format_map(words), sent or None, headers)
        return answer.status_code, answer.json() if answer.content else None

    first = send()
    assert first[0] in (200, 201, 204), first
    before = ada.get("/api/chats")["offset"], ada.chat(chat["id"])["offset"]
    assert send() == first
    assert (ada.get("/api/chats")["offset"], ada.chat(chat["id"])["offset"]) == before


def test_answers_are_nobody_elses(ada: Person) -> None:
    for path in ("/api/me", "/api/unknown", "/api/chats/1"):
        answer = ada.request("GET", path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none';")
