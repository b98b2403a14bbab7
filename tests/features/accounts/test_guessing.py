"""Guessing passwords, and who has an account: how much an answer tells, and how much work it is."""

from typing import Literal

import httpx
import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from hypothesis import example, given
from hypothesis import strategies as st

from chatsynth.features.accounts import passwords
from chatsynth.features.accounts.emails import normalised
from chatsynth.realtime.errors import Refused
from tests.features.accounts.server import PASSWORD, Server

pytestmark = pytest.mark.anyio
ANN = {"email": "ann@example.org", "password": PASSWORD}
TODAY = extract_parameters(passwords.hash_password("anything"))
AS_ANN_MAY_BE_WRITTEN = [
    "ann@example.org",
    "ANN@EXAMPLE.ORG",
    " ann@example.org\t",
    "\uff41nn@example.org",
    "ann@example\uff0eorg",
    "𝐚𝐧𝐧@example.org",
    "ann\uff20example.org",
    "ⓐnn@example.org",
    "Ann@Example.ORG",
    "ann@ｅｘａｍｐｌｅ.org",
]


class Counting(PasswordHasher):
    """Does the work, and notes how much it was."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[Parameters] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.work.append(TODAY)
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.work.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(passwords, "_HASHER", counting)
    return counting


async def _two(server: Server) -> httpx.AsyncClient:
    """Ann, who administers the server, and Bob, whose account is disabled."""
    ann = await server.signed_up()
    invitation = (await ann.post("/api/invitations")).json()["invitation"]
    await server.signed_up("bob@example.org", "Bob", invitation=invitation)
    await ann.patch("/api/users/2", json={"disabled": True})
    return ann


async def test_signing_in_is_the_same_work_and_answer_whoever_it_is_for(server: Server, counting: Counting) -> None:
    await _two(server)
    seen = []
    for email in ("ann@example.org", "bob@example.org", "nobody@example.org"):
        counting.work.clear()
        answer = await server.browser().post("/api/login", json={"email": email, "password": "a wrong password"})
        seen.append((answer.status_code, answer.json(), set(answer.headers), list(counting.work)))
    assert seen[0][0] == 401
    assert seen[0][3] == [TODAY]
    assert seen == [seen[0]] * 3


async def test_signing_up_without_an_invitation_is_the_same_whoever_has_an_account(
    server: Server, counting: Counting
) -> None:
    await _two(server)
    seen = []
    for email in ("ann@example.org", "bob@example.org", "nobody@example.org"):
        counting.work.clear()
        body = {"email": email, "name": "X", "password": PASSWORD}
        answer = await server.browser().post("/api/accounts", json=body)
        seen.append((answer.status_code, answer.json(), set(answer.headers), list(counting.work)))
    assert seen[0][0] == 403
    assert seen == [seen[0]] * 3


async def test_the_limit_is_the_same_for_an_address_that_has_no_account(server: Server) -> None:
    await server.signed_up()
    for email in ("ann@example.org", "nobody@example.org"):
        body = {"email": email, "password": "a wrong password"}
        answers = [await server.browser().post("/api/login", json=body) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]


async def test_another_way_to_write_the_same_address_is_no_further_attempt(server: Server) -> None:
    await server.signed_up()
    assert {normalised(each) for each in AS_ANN_MAY_BE_WRITTEN} == {"ann@example.org"}
    for email in AS_ANN_MAY_BE_WRITTEN:
        wrong = await server.browser().post("/api/login", json={"email": email, "password": "a wrong password"})
        assert wrong.status_code == 401
    assert (await server.browser().post("/api/login", json=ANN)).status_code == 429


async def test_headers_about_the_address_count_for_nothing(server: Server) -> None:
    """Only uvicorn may replace the address, and only when it was told to trust a proxy."""
    await server.signed_up()
    statuses = []
    for number in range(11):
        address = f"198.51.100.{number}"
        headers = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Client-IP", "CF-Connecting-IP"), address)
        browser = server.browser(**headers, Forwarded=f"for={address}")
        wrong = await browser.post("/api/login", json={**ANN, "password": "a wrong password"})
        statuses.append(wrong.status_code)
    assert statuses == [401] * 10 + [429]


async def test_somebody_who_has_a_login_cannot_try_passwords_without_end(server: Server) -> None:
    """Changing the password counts with signing in: neither is a way around the other's limit."""
    ann = await server.signed_up()
    for _ in range(5):
        body = {"current": "a wrong password", "new": "another good one"}
        assert (await ann.post("/api/me/password", json=body)).status_code == 403
        wrong = await server.browser().post("/api/login", json={**ANN, "password": "a wrong password"})
        assert wrong.status_code == 401
    assert (
        await ann.post("/api/me/password", json={"current": PASSWORD, "new": "another good one"})
    ).status_code == 429
    assert (await server.browser().post("/api/login", json=ANN)).status_code == 429


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
@example("İ", "ϓ.ß")
@example("ﷺ", "K")
def test_the_one_form_of_an_address_is_its_own_form(name: str, domain: str) -> None:
    try:
        once = normalised(f"{name}@{domain}")
    except Refused:
        return
    assert normalised(once) == once
    assert once == once.lower()


# What a body may not carry ------------------------------------------------------------------------


async def test_fields_that_are_not_for_people_to_set_are_passed_over(server: Server) -> None:
    ann = await server.signed_up()
    invitation = (await ann.post("/api/invitations")).json()["invitation"]
    more = {"isAdmin": True, "is_admin": True, "id": 1, "disabledAt": None, "createdAt": 1, "passwordHash": "x"}
    bob = server.browser()
    body = {"email": "bob@example.org", "name": "Bob", "password": PASSWORD, "invitation": invitation, **more}
    assert (await bob.post("/api/accounts", json=body)).json()["isAdmin"] is False
    changed = await bob.patch("/api/me", json={"name": "Robert", "email": "ann@example.org", **more})
    assert changed.json() == {"id": 2, "email": "bob@example.org", "name": "Robert", "isAdmin": False}
    token = await bob.post("/api/tokens", json={"name": "mine", "userId": 1, "user_id": 1, "token": "chosen"})
    assert token.json()["token"] != "chosen"
    assert (await server.program(token.json()["token"]).get("/api/me")).json()["id"] == 2
    made = await ann.patch("/api/users/2", json={"disabled": False, **more})
    assert (made.json()["id"], made.json()["isAdmin"]) == (2, False)


async def test_a_login_that_was_there_before_is_not_the_one_after(server: Server) -> None:
    """Nobody can choose the secret of a login, or keep the one from before."""
    await server.signed_up()
    browser = server.browser()
    browser.cookies.set("chatsynth_session", "chosen-by-somebody-else")
    first = (await browser.post("/api/login", json=ANN)).cookies["chatsynth_session"]
    second = (await browser.post("/api/login", json=ANN)).cookies["chatsynth_session"]
    assert len({"chosen-by-somebody-else", first, second}) == 3
    for old in ("chosen-by-somebody-else", first):
        before = server.browser()
        before.cookies.set("chatsynth_session", old)
        assert (await before.get("/api/me")).status_code == 401
