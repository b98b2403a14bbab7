"""ENT: what entries hold, and that they keep a snapshot fresh."""

import pytest

from tests.harness.live_client import Tabs, position_of
from tests.harness.people import Person
from tests.harness.replica import Replica, apply_all, comparable

pytestmark = pytest.mark.anyio


async def test_ent1_every_entry_says_where_it_stands_and_who_made_it(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    chat = ada.chat(chat["id"])
    tab, other = await tabs.full(ada, chat, ada.get("/api/chats")), await tabs.full(ben)
    await other.change("chat_retitle", "ben-1", chat={"id": chat["id"], "title": "Ben's"})
    await other.send("chat_retitle", chat={"id": chat["id"], "title": "Nameless"})
    named, nameless = await tab.wait_for("chat_retitled"), await tab.wait_for("chat_retitled")
    at = named.pop("at")
    assert abs(at - ada.chat(chat["id"])["updatedAt"]) < 60_000
    assert named == {
        "type": "chat_retitled",
        "channel": chat["channel"],
        "offset": chat["offset"] + 1,
        "op": "ben-1",
        "by": ben.id,
        "title": "Ben's",
    }
    assert (nameless["op"], nameless["by"], nameless["offset"]) == (None, ben.id, chat["offset"] + 2)


async def test_ent1_entries_are_the_same_live_and_from_the_log(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one")
    live = await tabs.full(ada, chat)
    await _one_of_each(tabs, ada, ben, chat["id"], chat["messages"][0]["id"])
    head = ada.chat(chat["id"])["offset"]
    later = await tabs.full(ada, chat)
    while later.offsets(chat["channel"])[-1:] != [head]:
        await later.next()
    await live.fence()
    assert live.entries(chat["channel"]) == later.entries(chat["channel"])


async def test_ent2_a_snapshot_with_its_entries_equals_a_fresh_one(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one", "two", "three")
    tab = await tabs.full(ada, chat)
    snapshots = [ada.chat(chat["id"])]
    for message in chat["messages"]:
        await _one_of_each(tabs, ada, ben, chat["id"], message["id"])
        snapshots.append(ada.chat(chat["id"]))
    await tab.fence()
    entries = tab.entries(chat["channel"])
    assert {entry["type"] for entry in entries} == {
        "chat_updated",
        "message_added",
        "message_removed",
        "message_restored",
        "message_moved",
        "branch_selected",
        "chat_retitled",
        "chat_archived",
        "chat_deleted",
        "chat_restored",
        "members_changed",
    }
    for start, early in enumerate(snapshots):
        for fresh in snapshots[start:]:
            replica = Replica(early, ada.id)
            apply_all(replica, [entry for entry in entries if entry["offset"] <= fresh["offset"]])
            assert comparable(replica.chat) == comparable(fresh)


async def _one_of_each(tabs: Tabs, ada: Person, ben: Person, chat_id: int, message_id: int) -> None:
    target, message = {"id": chat_id}, {"id": chat_id, "messageId": message_id}
    tab = await tabs.full(ada)
    await tab.change("chat_update", chat={**message, "content": f"edited {message_id}"})
    added = await tab.change("message_add", chat=target, message={"content": "new", "author": "Ada"}, after=message_id)
    await tab.change("message_remove", chat=message)
    await tab.change("chat_update", chat={**message, "content": "edited while removed"})
    await tab.change("message_add", chat=target, message={"role": "system", "content": "behind a removed one"})
    await tab.change("message_restore", chat=message)
    await tab.change("message_move", chat={**target, "messageId": added["result"]["messageId"]}, after=None)
    await tab.change("branch_select", chat=message)
    await tab.change("chat_retitle", chat={**target, "title": f"Title {message_id}"})
    await tab.change("chat_archive", chat=target, archived=True)
    await tab.change("chat_delete", chat=target)
    await tab.change("chat_restore", chat=target)
    await tab.change("chat_share", chat=target, email=ben.email, role="viewer")
    await tab.change("chat_share", chat=target, email=ben.email, role="editor")


async def test_ent2_the_list_of_chats_follows_the_persons_channel(tabs: Tabs, ada: Person, ben: Person) -> None:
    listed = ben.get("/api/chats")
    tab = await tabs.full(ben, listed)
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben, "viewer")
    ada.patch(f"/api/chats/{chat['id']}", {"title": "Renamed"})
    chats = {each["id"]: each for each in listed["items"]}
    for frame in await tab.fence():
        if frame["type"] == "chats_listed":
            chats.update({each["id"]: each for each in frame["chats"]})
    assert list(chats.values()) == ben.get("/api/chats")["items"]
    ada.unshare(chat["id"], ben)
    assert (await tab.wait_for("chat_unlisted"))["chatId"] == chat["id"]
    assert ben.get("/api/chats")["items"] == []


async def test_ent2_notifications_follow_the_persons_channel(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada, ada.get("/api/notifications"))
    first = (await tab.change("notification", message="one"))["result"]["notificationId"]
    await tab.change("notification", message="two")
    read = await tab.change("notifications_read", upTo=first)
    entry = await tab.wait_for("notifications_were_read", offset=read["offset"])
    after = ada.get("/api/notifications")
    assert (entry["upTo"], after["unread"]) == (first, 1)
    assert [each["readAt"] for each in after["items"]] == [None, entry["readAt"]]
    assert position_of(after)["offset"] == read["offset"]
