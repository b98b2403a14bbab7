"""SUB: listening to channels, from any position, once and in order."""

import sqlite3
from contextlib import closing

import pytest

from tests.harness.live_client import LiveClient, Tabs, position_of
from tests.harness.people import Person

pytestmark = pytest.mark.anyio


async def _retitle(tab: LiveClient, chat_id: int, times: int) -> None:
    for number in range(times):
        await tab.change("chat_retitle", chat={"id": chat_id, "title": f"Title {number}"})


async def test_sub1_entries_after_the_offset_come_in_order_and_then_new_ones(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    writer = await tabs.full(ada)
    await _retitle(writer, chat["id"], 5)
    reader = await tabs.full(ada)
    subscribed = await reader.subscribe(position_of(chat) | {"offset": chat["offset"] + 2})
    assert subscribed == {
        "type": "subscribed",
        "channel": chat["channel"],
        "epoch": chat["epoch"],
        "head": chat["offset"] + 5,
    }
    await reader.wait_for("chat_retitled", offset=subscribed["head"])
    await _retitle(writer, chat["id"], 2)
    await reader.fence()
    first = chat["offset"] + 3
    assert reader.offsets(chat["channel"]) == list(range(first, first + 5))


async def test_sub2_each_entry_comes_once_while_others_write_and_the_client_subscribes(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    writer = await tabs.full(ada)
    readers = []
    for number in range(60):
        title = {"id": chat["id"], "title": f"Title {number}"}
        await writer.send("chat_retitle", op=f"{chat['id']}-{number}", chat=title)
        if number % 10 == 5:
            reader = await tabs.open(ada)
            await reader.send("hello", v=1, channels=[position_of(chat)])
            readers.append(reader)
    await writer.wait_for("ack", op=f"{chat['id']}-59")
    head = ada.chat(chat["id"])["offset"]
    for reader in readers:
        await reader.wait_for("chat_retitled", offset=head)
        await reader.fence()
        assert reader.offsets(chat["channel"]) == list(range(chat["offset"] + 1, head + 1))


async def test_sub2_a_long_log_comes_in_pages_without_a_gap(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    writer = await tabs.full(ada)
    for number in range(1200):
        await writer.send("chat_retitle", chat={"id": chat["id"], "title": f"{number}"})
    await writer.change("chat_retitle", chat={"id": chat["id"], "title": "last"})
    reader = await tabs.full(ada, position_of(chat) | {"offset": 0})
    await reader.wait_for("chat_retitled", title="last")
    assert reader.offsets(chat["channel"]) == list(range(1, chat["offset"] + 1202))


async def test_sub3_another_epoch_needs_a_snapshot(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada)
    await tab.send("subscribe", **(position_of(chat) | {"epoch": "another life"}))
    answer = await tab.wait_for("snapshot_needed")
    assert answer == {
        "type": "snapshot_needed",
        "channel": chat["channel"],
        "reason": "epoch",
        "epoch": chat["epoch"],
        "head": chat["offset"],
    }


async def test_sub3_an_offset_that_does_not_exist_needs_a_snapshot_and_nothing_is_subscribed(
    tabs: Tabs, ada: Person
) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada)
    await tab.send("subscribe", **(position_of(chat) | {"offset": chat["offset"] + 1}))
    assert (await tab.wait_for("snapshot_needed"))["reason"] == "ahead"
    ada.patch(f"/api/chats/{chat['id']}", {"title": "Renamed"})
    assert await tab.fence() == []
    await tab.subscribe(ada.chat(chat["id"]))


async def test_sub3_a_position_before_the_oldest_entry_needs_a_snapshot(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    for title in ("1", "2", "3"):
        ada.patch(f"/api/chats/{chat['id']}", {"title": title})
    pruned_to = chat["offset"] + 2
    _prune(ada, chat["channel"], pruned_to)
    tab = await tabs.full(ada)
    await tab.send("subscribe", **position_of(chat))
    assert (await tab.wait_for("snapshot_needed"))["reason"] == "pruned"
    await tab.subscribe(position_of(chat) | {"offset": pruned_to})
    assert (await tab.wait_for("chat_retitled"))["offset"] == pruned_to + 1


async def test_sub3_a_subscription_that_was_overtaken_by_pruning_needs_a_snapshot(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada, chat)
    with closing(sqlite3.connect(ada.server.database, timeout=30)) as db, db:
        db.execute("UPDATE channels SET head = head + 5 WHERE name = ?", (chat["channel"],))
    _prune(ada, chat["channel"], chat["offset"] + 5)
    needed = await tab.wait_for("snapshot_needed")
    assert (needed["reason"], needed["head"]) == ("pruned", chat["offset"] + 5)


def _prune(person: Person, channel: str, pruned_to: int) -> None:
    """As another process would do it."""
    with closing(sqlite3.connect(person.server.database, timeout=30)) as db, db:
        (channel_id,) = db.execute("SELECT id FROM channels WHERE name = ?", (channel,)).fetchone()
        db.execute("DELETE FROM entries WHERE channel_id = ? AND offset <= ?", (channel_id, pruned_to))
        db.execute("UPDATE channels SET pruned_to = ? WHERE id = ?", (pruned_to, channel_id))


async def test_sub4_second_subscribe_changes_nothing(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada, chat)
    assert (await tab.subscribe(position_of(chat) | {"offset": 0}))["head"] == chat["offset"]
    ada.patch(f"/api/chats/{chat['id']}", {"title": "Renamed"})
    await tab.wait_for("chat_retitled")
    assert tab.offsets(chat["channel"]) == [chat["offset"] + 1]


async def test_sub5_nothing_of_a_channel_follows_unsubscribed(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada, chat)
    other = await tabs.full(ada, chat)
    for channel in (chat["channel"], chat["channel"], "chat:123456789"):  # also when it was not subscribed
        await tab.send("unsubscribe", channel=channel)
        assert (await tab.wait_for("unsubscribed"))["channel"] == channel
    await other.change("chat_retitle", chat={"id": chat["id"], "title": "Renamed"})
    await other.send("presence", channel=chat["channel"], state={})
    await other.fence()
    assert await tab.fence() == []


async def test_sub6_an_empty_epoch_is_not_checked(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada)
    await tab.subscribe({"channel": chat["channel"], "epoch": "", "offset": 0})
    await tab.wait_for("chat_created")


async def test_sub6_a_log_without_entries_stands_at_0_and_a_client_need_not_know_its_epoch(
    tabs: Tabs, ada: Person
) -> None:
    before = position_of(ada.get("/api/chats"))
    assert (before["channel"], before["offset"]) == (ada.channel, 0)
    assert before["epoch"], "so that nobody goes on under it after a backup was put back"
    before["epoch"] = ""
    tab = await tabs.full(ada, before)
    await tab.change("notification", message="the first entry")
    assert (await tab.wait_for("notification"))["offset"] == 1
    again = await tabs.full(ada, before)
    assert (await again.wait_for("notification"))["offset"] == 1


@pytest.mark.parametrize("name", ["chat:{his}", "chat:999999999", "user:{ben}", "rights:0", "chat:0", "nothing:1"])
async def test_sub7_a_foreign_channel_is_not_to_be_told_from_one_that_does_not_exist(
    tabs: Tabs, ada: Person, ben: Person, name: str
) -> None:
    channel = name.format(his=ben.new_chat("his")["id"], ben=ben.id)
    tab = await tabs.full(ada)
    await tab.send("subscribe", channel=channel, epoch="", offset=0)
    answer = await tab.wait_for("error")
    assert (answer["channel"], answer["code"]) == (channel, "forbidden")
    assert answer["message"] == "This channel does not exist, or you may not listen to it."


async def test_sub7_other_spellings_of_a_channel_are_no_channel(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada)
    for channel in (f"chat:0{chat['id']}", f"chat:{'9' * 59}"):
        await tab.send("subscribe", channel=channel, epoch="", offset=0)
        assert (await tab.wait_for("error"))["code"] == "forbidden"


async def test_sub8_a_slow_reader_is_fed_from_the_log_and_slows_nobody(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    slow = await tabs.slow(ada)
    await slow.hello(chat)
    quick, writer = await tabs.full(ada, chat), await tabs.full(ada)
    for number in range(60):  # 15 MB: more than the sockets' buffers and the outbox hold together
        await writer.change("chat_update", chat={**message, "content": "ab"[number % 2] * 250_000})
    await quick.fence()
    everything = list(range(chat["offset"] + 1, chat["offset"] + 61))
    assert quick.offsets(chat["channel"]) == everything
    assert len(slow.entries(chat["channel"])) == 0
    await slow.wait_for("chat_updated", offset=everything[-1])
    assert slow.offsets(chat["channel"]) == everything


async def test_sub9_more_subscriptions_than_allowed_are_an_error(tabs: Tabs, ada: Person) -> None:
    chats = [ada.new_chat() for _ in range(21)]
    tab = await tabs.full(ada, *chats[:20])
    await tab.send("subscribe", **position_of(chats[20]))
    error = await tab.wait_for("error")
    assert (error["code"], error["channel"]) == ("too_many_subscriptions", chats[20]["channel"])
    await tab.send("unsubscribe", channel=chats[0]["channel"])
    await tab.subscribe(chats[20])


async def test_sub9_a_hello_with_too_many_channels_leaves_the_connection_plain(tabs: Tabs, ada: Person) -> None:
    chats = [ada.new_chat() for _ in range(21)]
    tab = await tabs.plain(ada)
    await tab.send("hello", v=1, channels=[position_of(chat) for chat in chats])
    assert (await tab.wait_for("error"))["code"] == "too_many_subscriptions"
    await tab.hello(*chats[:20])
