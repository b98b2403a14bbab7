"""Logins: the cookie, how long it lasts, what ends it, and how often a password may be tried."""

import asyncio

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from chatsynth.database.unit import Unit
from chatsynth.features.accounts.login_limit import begin_attempt
from chatsynth.features.accounts.tables import logins, users
from chatsynth.log.rights import rights_changes_after
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import AfterCommit, CredentialEnded, UserEnded
from tests.features.accounts.server import PASSWORD, Server

pytestmark = pytest.mark.anyio
DAY_MS = 24 * 60 * 60 * 1000
ANN = {"email": "ann@example.org", "password": PASSWORD}


def _ended(server: Server) -> list[object]:
    return [each for each in server.published if isinstance(each, CredentialEnded | UserEnded)]


async def _sign_in(server: Server, **change: str) -> httpx.Response:
    return await server.browser().post("/api/login", json={**ANN, **change})


async def test_signing_in_and_out(server: Server) -> None:
    await server.signed_up()
    browser = server.browser()
    assert (await browser.get("/api/me")).status_code == 401
    assert (await browser.post("/api/login", json=ANN)).json()["name"] == "Ann"
    assert (await browser.get("/api/me")).status_code == 200
    assert (await browser.post("/api/logout")).status_code == 204
    assert (await browser.get("/api/me")).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(server: Server) -> None:
    await server.signed_up()
    plain = await _sign_in(server)
    cookie = plain.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    encrypted = await server.browser("https://chat.test").post("/api/login", json=ANN)
    assert "secure" in encrypted.headers["set-cookie"].lower()


async def test_the_database_does_not_hold_what_signs_in(server: Server) -> None:
    await server.signed_up()
    secret = (await _sign_in(server)).cookies["chatsynth_session"]
    with server.context.reading() as db:
        assert secret not in db.execute(select(logins.c.token_hash)).scalars().all()
        assert PASSWORD not in db.execute(select(users.c.password_hash)).scalar_one()


async def test_a_planted_cookie_does_not_become_a_sign_in(server: Server) -> None:
    await server.signed_up()
    victim = server.browser()
    victim.cookies.set("chatsynth_session", "planted")
    await victim.post("/api/login", json=ANN)
    planted = server.browser()
    planted.cookies.set("chatsynth_session", "planted")
    assert (await planted.get("/api/me")).status_code == 401


async def test_signing_in_again_ends_the_login_that_the_browser_had(server: Server) -> None:
    ann = await server.signed_up()
    copied = server.browser()
    copied.cookies.update(ann.cookies)
    await ann.post("/api/login", json=ANN)
    assert (await ann.get("/api/me")).status_code == 200
    assert (await copied.get("/api/me")).status_code == 401
    assert _ended(server) == [CredentialEnded("login:1", 1, CloseCode.SIGNED_OUT)]


async def test_a_login_that_is_not_used_ends_after_its_days(server: Server) -> None:
    ann = await server.signed_up()
    server.now_ms += 30 * DAY_MS
    assert (await ann.get("/api/me")).status_code == 401


async def test_a_login_that_is_used_goes_on(server: Server) -> None:
    ann = await server.signed_up()
    for _ in range(5):
        server.now_ms += 20 * DAY_MS
        assert (await ann.get("/api/me")).status_code == 200


async def test_a_login_that_cannot_be_renewed_just_now_is_still_one(server: Server) -> None:
    """Reading goes on while nothing can be written, as on a full disk."""
    browser = await server.signed_up()
    server.now_ms += 20 * DAY_MS
    await server.context.write(lambda unit: unit.db.exec_driver_sql("PRAGMA query_only = ON"))
    assert (await browser.get("/api/me")).status_code == 200
    server.now_ms += 5 * DAY_MS
    assert (await browser.get("/api/me")).status_code == 200
    server.now_ms += 20 * DAY_MS
    assert (await browser.get("/api/me")).status_code == 200


async def test_the_answer_does_not_tell_whether_there_is_such_an_account(server: Server) -> None:
    await server.signed_up()
    wrong = await _sign_in(server, password="wrong password")
    unknown = await _sign_in(server, email="nobody@example.org")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_the_tenth_wrong_password_is_the_last_for_a_while(server: Server) -> None:
    await server.signed_up()
    for _ in range(10):
        assert (await _sign_in(server, password="wrong password")).status_code == 401
    refused = await _sign_in(server)
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert int(refused.headers["retry-after"]) == 15 * 60
    server.now_ms += 15 * 60 * 1000
    assert (await _sign_in(server)).status_code == 200


async def test_attempts_at_the_same_time_do_not_get_around_the_limit(server: Server) -> None:
    await server.signed_up()
    answers = await asyncio.gather(*(_sign_in(server, password=f"wrong {n:05}") for n in range(14)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 4


async def test_somebody_at_another_address_is_not_locked_out(server: Server) -> None:
    await server.signed_up()
    for _ in range(11):
        await _sign_in(server, password="wrong password")
    server.address = "198.51.100.7"
    assert (await _sign_in(server)).status_code == 200


async def test_one_address_cannot_try_many_accounts(server: Server) -> None:
    await server.signed_up()

    def try_many(unit: Unit[AfterCommit]) -> None:
        for n in range(99):
            begin_attempt(unit, f"{n}@example.org", server.address)

    await server.context.write(try_many)
    assert (await _sign_in(server, email="99@example.org")).status_code == 401
    assert (await _sign_in(server, email="100@example.org")).status_code == 429


async def test_right_passwords_do_not_count(server: Server) -> None:
    await server.signed_up()
    for _ in range(11):
        assert (await _sign_in(server)).status_code == 200


async def test_signing_out_ends_the_connections_of_that_login_here_and_elsewhere(server: Server) -> None:
    ann = await server.signed_up()
    await _sign_in(server)
    await ann.post("/api/logout")
    ended = [CredentialEnded("login:1", 1, CloseCode.SIGNED_OUT)]
    assert _ended(server) == ended
    with server.context.reading() as db:
        assert rights_changes_after(db, 0) == (ended, 1)
        assert rights_changes_after(db, 1) == ([], 1)


async def test_signing_out_everywhere_ends_every_login(server: Server) -> None:
    ann = await server.signed_up()
    other = server.browser()
    await other.post("/api/login", json=ANN)
    assert (await ann.post("/api/logout-everywhere")).status_code == 204
    assert (await ann.get("/api/me")).status_code == 401
    assert (await other.get("/api/me")).status_code == 401
    assert {each.credential for each in _ended(server) if isinstance(each, CredentialEnded)} == {"login:1", "login:2"}


async def test_a_new_password_ends_the_other_logins(server: Server) -> None:
    ann = await server.signed_up()
    other = server.browser()
    await other.post("/api/login", json=ANN)
    body = {"current": PASSWORD, "new": "another good one"}
    assert (await ann.post("/api/me/password", json=body)).status_code == 204
    assert (await ann.get("/api/me")).status_code == 200
    assert (await other.get("/api/me")).status_code == 401
    assert (await _sign_in(server)).status_code == 401
    assert (await _sign_in(server, password="another good one")).status_code == 200


async def test_a_new_password_needs_the_current_one(server: Server) -> None:
    ann = await server.signed_up()
    body = {"current": "a guess at it", "new": "another good one"}
    for _ in range(10):
        assert (await ann.post("/api/me/password", json=body)).status_code == 403
    assert (await ann.post("/api/me/password", json=body)).status_code == 429
    assert (await ann.get("/api/me")).status_code == 200


async def test_a_hash_of_weaker_parameters_is_made_anew(server: Server) -> None:
    await server.signed_up()
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await server.context.write(lambda unit: unit.db.execute(update(users).values(password_hash=weak)))
    assert (await _sign_in(server)).status_code == 200
    with server.context.reading() as db:
        stored = db.execute(select(users.c.password_hash)).scalar_one()
    assert not PasswordHasher().check_needs_rehash(stored)
    assert (await _sign_in(server)).status_code == 200


async def test_a_new_name_is_seen_by_oneself(server: Server) -> None:
    ann = await server.signed_up()
    assert (await ann.patch("/api/me", json={"name": "Ann Onymous"})).json()["name"] == "Ann Onymous"
    assert (await ann.get("/api/me")).json()["name"] == "Ann Onymous"
