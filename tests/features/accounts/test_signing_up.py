"""The first account, and who may have one after it."""

import asyncio
from pathlib import Path

import pytest

from chatsynth.features.accounts.settings import AccountSettings
from tests.features.accounts.server import PASSWORD, Server, running_server

pytestmark = pytest.mark.anyio
BOB = {"email": "bob@example.org", "name": "Bob", "password": PASSWORD}


async def test_an_empty_server_asks_for_the_first_account(server: Server) -> None:
    assert (await server.browser().get("/api/setup")).json() == {"needsFirstAccount": True, "signup": "invitation"}
    await server.signed_up()
    assert (await server.browser().get("/api/setup")).json()["needsFirstAccount"] is False


async def test_the_first_account_is_signed_in_and_an_administrator(server: Server) -> None:
    ann = await server.signed_up("  Ann@Example.ORG ", " Ann ")
    me = await ann.get("/api/me")
    assert me.json() == {"id": 1, "email": "ann@example.org", "name": "Ann", "isAdmin": True}


async def test_of_two_first_accounts_at_once_one_is_the_administrator_and_one_needs_an_invitation(
    server: Server,
) -> None:
    bodies = [{"email": f"{name}@example.org", "name": name, "password": PASSWORD} for name in "abcdef"]
    answers = await asyncio.gather(*(server.browser().post("/api/accounts", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403, 403, 403]
    assert [answer.json()["isAdmin"] for answer in answers if answer.status_code == 201] == [True]


async def test_an_invitation_is_good_for_one_account(server: Server) -> None:
    ann = await server.signed_up()
    made = (await ann.post("/api/invitations")).json()
    bob = await server.signed_up("bob@example.org", "Bob", invitation=made["invitation"])
    assert (await bob.get("/api/me")).json()["isAdmin"] is False
    again = await server.browser().post(
        "/api/accounts", json={**BOB, "email": "eve@example.org", "invitation": made["invitation"]}
    )
    assert again.status_code == 403
    assert "used already" in again.json()["detail"]
    listed = (await ann.get("/api/invitations")).json()["items"]
    assert [(each["id"], each["usedByName"]) for each in listed] == [(made["id"], "Bob")]
    assert "invitation" not in listed[0]


async def test_who_has_no_invitation_does_not_learn_who_has_an_account(server: Server) -> None:
    await server.signed_up()
    for invitation in ({}, {"invitation": "guess"}):
        taken, free = [
            await server.browser().post("/api/accounts", json={**BOB, "email": email, **invitation})
            for email in ("ann@example.org", "bob@example.org")
        ]
        assert taken.status_code == free.status_code == 403
        assert taken.json() == free.json()


async def test_an_address_that_is_taken_does_not_use_the_invitation_up(server: Server) -> None:
    ann = await server.signed_up()
    secret = (await ann.post("/api/invitations")).json()["invitation"]
    body = {**BOB, "email": "ann@example.org", "invitation": secret}
    assert (await server.browser().post("/api/accounts", json=body)).status_code == 409
    await server.signed_up("bob@example.org", "Bob", invitation=secret)


async def test_a_refused_invitation_leaves_no_account(server: Server) -> None:
    ann = await server.signed_up()
    refused = await server.browser().post("/api/accounts", json={**BOB, "invitation": "guess"})
    assert refused.status_code == 403
    assert len((await ann.get("/api/users")).json()["items"]) == 1


async def test_an_invitation_ends_after_a_week_or_when_it_is_withdrawn(server: Server) -> None:
    ann = await server.signed_up()
    late, withdrawn = [(await ann.post("/api/invitations")).json() for _ in range(2)]
    assert (await ann.delete(f"/api/invitations/{withdrawn['id']}")).status_code == 204
    taken = await server.browser().post("/api/accounts", json={**BOB, "invitation": withdrawn["invitation"]})
    assert taken.status_code == 403
    server.now_ms = late["expiresAt"]
    expired = await server.browser().post("/api/accounts", json={**BOB, "invitation": late["invitation"]})
    assert expired.status_code == 403


async def test_only_administrators_invite(server: Server) -> None:
    ann = await server.signed_up()
    secret = (await ann.post("/api/invitations")).json()["invitation"]
    bob = await server.signed_up("bob@example.org", "Bob", invitation=secret)
    assert (await bob.post("/api/invitations")).status_code == 403


async def test_an_open_server_takes_everybody_but_no_address_twice(tmp_path: Path) -> None:
    async with running_server(tmp_path / "chatsynth.sqlite3", AccountSettings(signup="open")) as server:
        await server.signed_up()
        bob = await server.signed_up("bob@example.org", "Bob")
        assert (await bob.get("/api/me")).json()["isAdmin"] is False
        again = await server.browser().post("/api/accounts", json={**BOB, "email": "BOB@example.org"})
        assert again.status_code == 409


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"email": "no address"}, "no address"),
        ({"email": "a@" + "b" * 400}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 2000}, "password"),
        ({"name": "   "}, "name"),
        ({"name": 5}, "name"),
    ],
)
async def test_what_cannot_be_an_account_is_refused_in_words(
    server: Server, change: dict[str, object], word: str
) -> None:
    answer = await server.browser().post("/api/accounts", json={**BOB, **change})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert word in answer.json()["detail"]
    assert (await server.browser().get("/api/setup")).json()["needsFirstAccount"] is True
