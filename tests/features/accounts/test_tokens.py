"""Access tokens: shown once, ended by deletion or time, and never made up for by a cookie."""

import pytest

from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import CredentialEnded
from tests.features.accounts.server import Server

pytestmark = pytest.mark.anyio
DAY_MS = 24 * 60 * 60 * 1000


async def test_a_token_speaks_for_its_person(server: Server) -> None:
    ann = await server.signed_up()
    made = (await ann.post("/api/tokens", json={"name": "backup"})).json()
    me = await server.program(made["token"]).get("/api/me")
    assert me.json()["email"] == "ann@example.org"


async def test_the_secret_is_shown_once(server: Server) -> None:
    ann = await server.signed_up()
    made = (await ann.post("/api/tokens", json={"name": "backup", "days": 7})).json()
    listed = (await ann.get("/api/tokens")).json()["items"]
    assert listed == [
        {"id": made["id"], "name": "backup", "createdAt": server.now_ms, "expiresAt": server.now_ms + 7 * DAY_MS}
    ]


async def test_a_deleted_token_ends_with_its_connections(server: Server) -> None:
    ann = await server.signed_up()
    made = (await ann.post("/api/tokens", json={"name": "backup"})).json()
    assert (await ann.delete(f"/api/tokens/{made['id']}")).status_code == 204
    assert (await server.program(made["token"]).get("/api/me")).status_code == 401
    assert CredentialEnded(f"token:{made['id']}", 1, CloseCode.REVOKED) in server.published
    assert (await ann.delete(f"/api/tokens/{made['id']}")).status_code == 404


async def test_a_token_ends_with_its_days(server: Server) -> None:
    ann = await server.signed_up()
    made = (await ann.post("/api/tokens", json={"name": "backup", "days": 7})).json()
    server.now_ms += 7 * DAY_MS
    assert (await server.program(made["token"]).get("/api/me")).status_code == 401


async def test_a_wrong_token_is_not_made_up_for_by_a_cookie(server: Server) -> None:
    ann = await server.signed_up()
    ann.headers["Authorization"] = "Bearer wrong"
    assert (await ann.get("/api/me")).status_code == 401


async def test_other_kinds_of_authorization_are_not_ours(server: Server) -> None:
    ann = await server.signed_up()
    ann.headers["Authorization"] = "Basic YTpi"
    assert (await ann.get("/api/me")).status_code == 200


async def test_nobody_deletes_the_token_of_another_person(server: Server) -> None:
    ann = await server.signed_up()
    invitation = (await ann.post("/api/invitations")).json()["invitation"]
    bob = await server.signed_up("bob@example.org", "Bob", invitation=invitation)
    made = (await ann.post("/api/tokens", json={"name": "backup"})).json()
    assert (await bob.delete(f"/api/tokens/{made['id']}")).status_code == 404
    assert (await bob.get("/api/tokens")).json() == {"items": []}
    assert (await server.program(made["token"]).get("/api/me")).status_code == 200
