"""HEL: opening the full protocol."""

import pytest

from tests.harness.live_client import Tabs, position_of
from tests.harness.people import Person

pytestmark = pytest.mark.anyio


async def test_hel1_everything_is_resumed_in_one_round_trip(tabs: Tabs, ada: Person) -> None:
    one, two = ada.new_chat("one"), ada.new_chat("two")
    ada.patch(f"/api/chats/{two['id']}", {"title": "Missed"})
    tab = await tabs.open(ada)
    positions = [position_of(one), {"channel": "chat:999999999", "epoch": "", "offset": 0}, position_of(two)]
    await tab.send("hello", v=1, client="tests", channels=positions)
    await tab.wait_for("chat_retitled")
    types = [(frame["type"], frame.get("channel")) for frame in tab.frames]
    assert types[0] == ("welcome", None)
    assert types[1:] == [
        ("subscribed", one["channel"]),
        ("error", "chat:999999999"),
        ("subscribed", two["channel"]),
        ("chat_retitled", two["channel"]),
    ]
    assert set(tab.frames[0]) == {"type", "session", "userId", "heads", "limits", "serverTime"}


async def test_hel1_each_session_has_a_name_of_its_own(tabs: Tabs, ada: Person) -> None:
    first, second = await tabs.open(ada), await tabs.open(ada)
    assert (await first.hello())["session"] != (await second.hello())["session"]


async def test_hel1_a_channel_named_twice_is_one_subscription_at_its_last_position(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    ahead = position_of(chat) | {"offset": chat["offset"] + 1000}
    tab = await tabs.open(ada)
    await tab.send("hello", v=1, channels=[position_of(chat), ahead])
    assert (await tab.wait_for("snapshot_needed"))["reason"] == "ahead"
    assert await tab.fence() == []


async def test_hel2_a_second_hello_is_an_error(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada)
    await tab.send("hello", v=1)
    (error,) = await tab.fence()
    assert (error["type"], error["code"]) == ("error", "hello_twice")


@pytest.mark.parametrize("version", [0, 2, -1, 10**30])
async def test_hel2_another_version_is_an_error_after_which_hello_may_be_said(
    tabs: Tabs, ada: Person, version: int
) -> None:
    tab = await tabs.plain(ada)
    await tab.send("hello", v=version)
    (error,) = await tab.fence()
    assert (error["type"], error["code"]) == ("error", "unsupported_version")
    await tab.hello()


async def test_hel3_welcome_names_the_heads_that_the_person_may_know(tabs: Tabs, ada: Person, ben: Person) -> None:
    mine, his = ada.new_chat("mine"), ben.new_chat("his")
    ada.patch(f"/api/chats/{mine['id']}", {"title": "Renamed"})
    tab = await tabs.open(ada)
    welcome = await tab.hello(mine, his)
    assert welcome["heads"] == {mine["channel"]: mine["offset"] + 1}
    assert welcome["userId"] == ada.id


async def test_hel3_limits_are_those_of_the_server(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.open(ada)
    assert (await tab.hello())["limits"] == {
        "maxFrameBytes": 300_000,
        "maxFrameValues": 100_000,
        "maxSubscriptions": 20,
        "maxTextUnits": 250_000,
        "maxPresenceBytes": 1000,
        "heartbeatIntervalMs": 15_000,
    }
