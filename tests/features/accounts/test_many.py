"""Nobody can have sign-ins without number."""

import pytest

from chatsynth.features.accounts import service
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import CredentialEnded
from tests.features.accounts.server import PASSWORD, Server

pytestmark = pytest.mark.anyio


async def test_more_access_tokens_than_anybody_needs_are_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_TOKENS", 3)
    ann = await server.signed_up()
    made = [(await ann.post("/api/tokens", json={"name": "backup"})).json()["id"] for _ in range(3)]
    refused = await ann.post("/api/tokens", json={"name": "backup"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    await ann.delete(f"/api/tokens/{made[0]}")
    assert (await ann.post("/api/tokens", json={"name": "backup"})).status_code == 201


async def test_more_invitations_than_anybody_needs_are_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_INVITATIONS", 2)
    ann = await server.signed_up()
    first, _ = [(await ann.post("/api/invitations")).json() for _ in range(2)]
    refused = await ann.post("/api/invitations")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    await server.signed_up("bob@example.org", "Bob", invitation=first["invitation"])
    assert (await ann.post("/api/invitations")).status_code == 201


async def test_one_more_login_than_anybody_needs_ends_the_oldest(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_LOGINS", 2)
    ann = await server.signed_up()
    later = [server.browser() for _ in range(2)]
    for browser in later:
        await browser.post("/api/login", json={"email": "ann@example.org", "password": PASSWORD})
    assert [(await each.get("/api/me")).status_code for each in (ann, *later)] == [401, 200, 200]
    assert CredentialEnded("login:1", 1, CloseCode.SIGNED_OUT) in server.published
