"""What another process writes to the same file reaches the connections of a running server."""

import pytest

from chatsynth.features.accounts import service
from chatsynth.features.notifications.service import notify
from chatsynth.log.rights import log_rights_change
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import ChannelClosed, CredentialEnded
from tests.harness.live_client import Tabs, position_of
from tests.harness.people import Person

pytestmark = pytest.mark.anyio


async def test_entries_of_another_process_reach_open_sessions_in_order(tabs: Tabs, ada: Person) -> None:
    listed = ada.get("/api/notifications")
    tab = await tabs.full(ada, listed)
    beside = ada.server.library().writer
    for number in range(20):
        text = f"from beside {number}"
        beside.run(lambda unit, text=text: notify(unit, ada.id, "info", text, None))  # type: ignore[misc]
        await tab.change("notification", message=f"from here {number}")
    head = ada.get("/api/notifications")["offset"]
    await tab.wait_for("notification", offset=head)
    assert tab.offsets(ada.channel) == list(range(listed["offset"] + 1, head + 1))
    texts = [entry["message"] for entry in tab.entries(ada.channel)]
    assert texts == [f"from {where} {number}" for number in range(20) for where in ("beside", "here")]


async def test_ended_rights_of_another_process_close_connections_here(tabs: Tabs, ada: Person) -> None:
    tab, plain = await tabs.full(ada), await tabs.plain(ada)
    ada.server.library().writer.run(lambda unit: service.revoke_token(unit, ada.id, ada.token_id))
    assert [await tab.end(), await plain.end()] == [4502, 4502]


async def test_an_account_that_another_process_disables_loses_its_connections_here(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada)
    write = ada.server.library().writer.run
    write(lambda unit: service.disable(unit, service.account_numbered(unit.db, ada.id)))
    assert await tab.end() == 4503


async def test_a_channel_that_another_process_closes_is_revoked_here(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada, chat)
    closed = ChannelClosed(chat["channel"], ada.id, "Closed from beside.")
    ada.server.library().writer.run(lambda unit: log_rights_change(unit, closed))
    assert (await tab.wait_for("revoked"))["reason"] == "Closed from beside."


async def test_rights_that_were_given_again_are_not_ended_again_by_news_of_others(
    tabs: Tabs, ada: Person, ben: Person, admin: Person
) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    ada.unshare(chat["id"], ben)
    ada.share(chat["id"], ben)
    for disabled in (True, False):
        admin.patch(f"/api/users/{ben.id}", {"disabled": disabled})
    tab = await tabs.full(ben, ada.chat(chat["id"]), ben.get("/api/notifications"))
    write = ada.server.library().writer.run
    gone = CredentialEnded("login:0", ben.id, CloseCode.SIGNED_OUT)
    write(lambda unit: log_rights_change(unit, gone))  # makes the server read the log of rights
    write(lambda unit: notify(unit, ben.id, "info", "read", None))
    await tab.wait_for("notification", message="read")
    await tab.change("chat_retitle", chat={"id": chat["id"], "title": "Still shared"})
    await tab.wait_for("chat_retitled")
    assert "revoked" not in {frame["type"] for frame in tab.frames}


async def test_a_chat_that_another_process_changes_is_fed_from_the_log(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    behind = await tabs.full(ada, position_of(chat))
    beside = ada.server.library().writer
    closed = ChannelClosed("chat:0", 0, "")
    beside.run(lambda unit: log_rights_change(unit, closed))
    ada.patch(f"/api/chats/{chat['id']}", {"title": "Renamed"})
    assert (await behind.wait_for("chat_retitled"))["title"] == "Renamed"
