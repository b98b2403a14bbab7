"""Disabling and enabling accounts."""

import httpx
import pytest

from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import UserEnded
from tests.features.accounts.server import PASSWORD, Server

pytestmark = pytest.mark.anyio
BOB = {"email": "bob@example.org", "password": PASSWORD}


async def _ann_and_bob(server: Server) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    ann = await server.signed_up()
    invitation = (await ann.post("/api/invitations")).json()["invitation"]
    return ann, await server.signed_up("bob@example.org", "Bob", invitation=invitation)


async def test_a_disabled_person_is_nobody(server: Server) -> None:
    ann, bob = await _ann_and_bob(server)
    token = (await bob.post("/api/tokens", json={"name": "backup"})).json()["token"]
    changed = await ann.patch("/api/users/2", json={"disabled": True})
    assert changed.json()["disabledAt"] == server.now_ms
    assert (await bob.get("/api/me")).status_code == 401
    assert (await server.program(token).get("/api/me")).status_code == 401
    refused = await server.browser().post("/api/login", json=BOB)
    assert (refused.status_code, "disabled" in refused.json()["detail"]) == (403, True)
    assert UserEnded(2, CloseCode.DISABLED) in server.published


async def test_an_enabled_person_signs_in_again(server: Server) -> None:
    ann, bob = await _ann_and_bob(server)
    token = (await bob.post("/api/tokens", json={"name": "backup"})).json()["token"]
    await ann.patch("/api/users/2", json={"disabled": True})
    assert (await ann.patch("/api/users/2", json={"disabled": False})).json()["disabledAt"] is None
    assert (await bob.get("/api/me")).status_code == 401
    assert (await server.browser().post("/api/login", json=BOB)).status_code == 200
    assert (await server.program(token).get("/api/me")).status_code == 200


async def test_only_administrators_see_and_disable_accounts(server: Server) -> None:
    ann, bob = await _ann_and_bob(server)
    assert [each["email"] for each in (await ann.get("/api/users")).json()["items"]] == [
        "ann@example.org",
        "bob@example.org",
    ]
    assert (await bob.get("/api/users")).status_code == 403
    assert (await bob.patch("/api/users/1", json={"disabled": True})).status_code == 403
    assert (await server.browser().get("/api/users")).status_code == 401


async def test_the_last_administrator_cannot_lock_everybody_out(server: Server) -> None:
    ann = await server.signed_up()
    assert (await ann.patch("/api/users/1", json={"disabled": True})).status_code == 409
    assert (await ann.get("/api/me")).status_code == 200


async def test_an_unknown_account_is_not_found(server: Server) -> None:
    ann = await server.signed_up()
    assert (await ann.patch("/api/users/77", json={"disabled": True})).status_code == 404
