"""HB: how both sides notice that the other has gone."""

import pytest

from tests.harness.live_client import LiveClient, Tabs
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer

pytestmark = pytest.mark.anyio


async def test_hb1_a_silent_connection_is_aborted_and_one_with_heartbeats_is_not(
    tabs: Tabs, impatient: RunningServer
) -> None:
    ada = sign_up(impatient, "Ada")
    silent, plain, alive = await tabs.full(ada), await tabs.plain(ada), await tabs.full(ada)
    for tab in (silent, plain):
        assert await _heartbeats_until_the_end_of(tab, alive) == 1006
    await alive.change("notification", message="still here")


async def _heartbeats_until_the_end_of(silent: LiveClient, alive: LiveClient) -> int:
    while not silent.has_ended:
        await alive.send("heartbeat")
        await alive.wait_for("heartbeat")
    return await silent.end()


async def test_hb1_the_interval_is_named_in_welcome(tabs: Tabs, impatient: RunningServer) -> None:
    tab = await tabs.open(sign_up(impatient, "Ada"))
    assert (await tab.hello())["limits"]["heartbeatIntervalMs"] == 500


async def test_hb1_protocol_pings_are_answered(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    await tab.ping()


async def test_hb2_the_answer_names_the_heads_of_the_subscribed_channels(tabs: Tabs, ada: Person) -> None:
    chat, other = ada.new_chat("one"), ada.new_chat("two")
    listed = ada.get("/api/chats")
    tab = await tabs.full(ada, chat, listed)
    await tab.change("chat_retitle", chat={"id": chat["id"], "title": "Renamed"})
    await tab.change("chat_retitle", chat={"id": other["id"], "title": "Renamed"})
    await tab.send("heartbeat")
    answer = await tab.wait_for("heartbeat")
    assert set(answer) == {"type", "heads", "serverTime"}
    heads = {chat["channel"]: chat["offset"] + 1, ada.channel: ada.get("/api/chats")["offset"]}
    assert answer["heads"] == heads
    assert abs(answer["serverTime"] - ada.chat(chat["id"])["updatedAt"]) < 60_000
