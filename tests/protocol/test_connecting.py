"""AUT: who may connect, to which address, and for how long."""

import sqlite3
import time
from contextlib import closing

import pytest
from websockets.exceptions import InvalidStatus

from tests.harness.live_client import Tabs
from tests.harness.people import Person, page_headers, request

pytestmark = pytest.mark.anyio


async def test_aut1_a_token_or_the_session_cookie_signs_in(tabs: Tabs, ada: Person) -> None:
    for headers in (ada.bearer, page_headers(ada.server, ada.cookie)):
        tab = await tabs.open(ada, headers=headers)
        assert (await tab.hello())["userId"] == ada.id
        await tab.close()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Cookie": "chatsynth_session=wrong"}])
async def test_aut1_without_a_valid_sign_in_the_close_code_says_so(
    tabs: Tabs, ada: Person, headers: dict[str, str]
) -> None:
    tab = await tabs.open(ada, headers=headers)
    assert await tab.end() == 4504
    assert tab.frames == []
    assert tab.close_reason == "Please sign in first."


async def test_aut1_a_token_in_the_address_is_no_sign_in(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.open(ada, headers={}, query=f"?token={ada.token}&access_token={ada.token}")
    assert await tab.end() == 4504


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://127.0.0.1:1", "file://"])
async def test_aut2_a_page_of_another_address_is_refused_before_the_handshake(
    tabs: Tabs, ada: Person, origin: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await tabs.open(ada, headers={"Cookie": f"chatsynth_session={ada.cookie}"}, origin=origin)
    assert refused.value.response.status_code == 403


async def test_aut2_the_servers_own_page_an_allowed_page_and_a_program_pass(tabs: Tabs, ada: Person) -> None:
    for origin in (ada.server.base_url, "https://friends.example.org", None):
        tab = await tabs.open(ada, origin=origin)
        await tab.hello()
        await tab.close()


async def test_aut3_nobody_connects_to_the_address_of_another_person(tabs: Tabs, ada: Person, ben: Person) -> None:
    tab = await tabs.open(ada, user_id=ben.id)
    assert await tab.end() == 4505


async def test_aut4_signing_out_closes_the_connections_of_that_login_only(tabs: Tabs, ada: Person) -> None:
    cookie = page_headers(ada.server, ada.cookie)
    mine = await tabs.open(ada, headers=cookie)
    await mine.fence()
    program = await tabs.plain(ada)
    assert request(ada.server, "POST", "/api/logout", None, cookie).status_code == 204
    assert await mine.end() == 4500
    assert await program.fence() == []


async def test_aut4_a_revoked_token_closes_its_connections(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.open(ada)
    await tab.hello()
    ada.delete(f"/api/tokens/{ada.token_id}")
    assert await tab.end() == 4502
    again = await tabs.open(ada)
    assert await again.end() == 4504


async def test_aut4_an_expired_token_closes_its_connections(tabs: Tabs, ada: Person) -> None:
    soon = time.time_ns() // 1_000_000 + 1500
    with closing(sqlite3.connect(ada.server.database, timeout=30)) as db, db:
        db.execute("UPDATE api_tokens SET expires_at = ? WHERE id = ?", (soon, ada.token_id))
    tab = await tabs.open(ada)
    await tab.hello()
    assert await tab.end() == 4501
    assert time.time_ns() // 1_000_000 >= soon


async def test_aut5_tabs_of_one_person_see_the_same_up_to_the_limit(tabs: Tabs, ada: Person) -> None:
    ten = [await tabs.plain(ada) for _ in range(10)]
    one_too_many = await tabs.open(ada)
    assert await one_too_many.end() == 4003
    await ten[0].send("notification", message="to all")
    for tab in ten:
        assert (await tab.wait_for("notification"))["message"] == "to all"
    await ten[0].close()
    await tabs.full(ada)  # the place of a closed one is free again


async def test_rev2_the_end_of_a_sign_in_reaches_plain_and_full_connections(tabs: Tabs, ada: Person) -> None:
    plain = await tabs.open(ada)
    await plain.fence()
    full = await tabs.full(ada)
    ada.delete(f"/api/tokens/{ada.token_id}")
    assert [await plain.end(), await full.end()] == [4502, 4502]


async def test_rev3_a_disabled_account_loses_all_connections(tabs: Tabs, admin: Person, ben: Person) -> None:
    by_token = await tabs.open(ben)
    await by_token.hello()
    by_cookie = await tabs.open(ben, headers=page_headers(ben.server, ben.cookie))
    await by_cookie.fence()
    admin.patch(f"/api/users/{ben.id}", {"disabled": True})
    assert [await by_token.end(), await by_cookie.end()] == [4503, 4503]
    again = await tabs.open(ben)
    assert await again.end() == 4504
