"""TXT: editing text together."""

import sqlite3
from contextlib import closing

import pytest

from tests.harness.editor import Editor
from tests.harness.live_client import LiveClient, Tabs
from tests.harness.people import Person

pytestmark = pytest.mark.anyio


def _text(person: Person, chat_id: int, index: int = 0) -> str:
    return str(person.chat(chat_id)["messages"][index]["content"])


async def _follow(tab: LiveClient, editor: Editor, offset: int) -> None:
    """Gives the editor every entry of its chat up to this offset."""
    while editor.offset < offset:
        frame = await tab.next()
        if frame.get("channel") == editor.chat["channel"] and "at" in frame:
            editor.apply(frame)


async def test_txt1_base_is_the_last_entry_of_the_channel_whatever_it_was_about(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two")
    first = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada)
    base = (await tab.change("chat_retitle", chat={"id": chat["id"], "title": "Renamed"}))["offset"]
    await tab.change("chat_update", chat={**first, "base": base, "changes": [3, [0, "!"]]})
    await tab.change("chat_update", chat={**first, "base": base, "changes": [3, [0, "?"]]})
    await tab.change("chat_update", chat={**first, "base": base + 1, "changes": [[1, "O"], 3]})
    assert _text(ada, chat["id"]) == "One!?"


async def test_txt2_a_late_change_is_rebased_and_comes_in_its_rebased_form(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("abc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": chat["offset"]}
    tab = await tabs.full(ada, chat)
    await tab.change("chat_update", chat={**message, "changes": [[0, "12"], 3]})
    late = await tab.change("chat_update", chat={**message, "changes": [3, [0, "!"]]})
    entry = await tab.wait_for("chat_updated", offset=late["offset"])
    assert entry["chat"]["changes"] == [5, [0, "!"]]
    assert _text(ada, chat["id"]) == "12abc!"


async def test_txt2_at_the_same_place_what_was_committed_first_stands_first(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("ab")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": chat["offset"]}
    tab = await tabs.full(ada)
    for letter in "123":
        await tab.change("chat_update", chat={**message, "changes": [1, [0, letter], 1]})
    assert _text(ada, chat["id"]) == "a123b"


async def test_txt2_a_change_is_never_refused_for_being_late(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("start")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada)
    for number in range(300):
        await tab.send("chat_update", chat={**message, "content": f"start {number}"})
    await tab.change("chat_update", chat={**message, "base": chat["offset"], "changes": [[5, "begin"]]})
    assert _text(ada, chat["id"]) == "begin 299"


async def test_txt3_one_change_on_its_way_and_what_is_typed_meanwhile_goes_as_one(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("")
    message_id = chat["messages"][0]["id"]
    tab, editor = await tabs.full(ada, chat), Editor(chat, ada.id)
    for letter in "hello":
        end = len(editor.shown(message_id))
        editor.type(message_id, end, end, letter)
        command = editor.take_off(message_id)
        if command is not None:
            await tab.send_frame(command)
    await _follow(tab, editor, chat["offset"] + 1)
    assert (editor.text(message_id), editor.shown(message_id)) == ("h", "hello")
    command = editor.take_off(message_id)
    assert command is not None
    assert command["chat"] == {
        "id": chat["id"],
        "messageId": message_id,
        "base": editor.offset,
        "changes": [1, [0, "ello"]],
    }
    await tab.send_frame(command)
    await _follow(tab, editor, chat["offset"] + 2)
    assert _text(ada, chat["id"]) == "hello"


async def test_txt4_pending_changes_and_foreign_entries_step_over_each_other(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ada.new_chat("The fox.")
    ada.share(chat["id"], ben)
    chat = ada.chat(chat["id"])
    message_id = chat["messages"][0]["id"]
    tab, editor = await tabs.full(ada, chat), Editor(chat, ada.id)
    other = await tabs.full(ben)
    editor.type(message_id, 4, 4, "quick ")
    command = editor.take_off(message_id)
    assert command is not None
    editor.type(message_id, 13, 13, " jumps")
    foreign = {"id": chat["id"], "messageId": message_id}
    await other.change("chat_update", chat={**foreign, "changes": [4, [0, "old "], 4]})
    last = await other.change("chat_update", chat={**foreign, "changes": [12, [0, "!"]]})
    await _follow(tab, editor, last["offset"])
    assert editor.shown(message_id) == "The old quick fox jumps.!"
    await tab.send_frame(command)
    await _follow(tab, editor, last["offset"] + 1)
    waiting = editor.take_off(message_id)
    assert waiting is not None
    await tab.send_frame(waiting)
    await _follow(tab, editor, last["offset"] + 2)
    assert editor.is_settled
    assert _text(ada, chat["id"]) == editor.shown(message_id) == "The old quick fox jumps.!"


@pytest.mark.parametrize("as_it_was", [True, False])
async def test_txt5_after_a_reconnect_a_change_is_sent_again_by_the_same_name(
    tabs: Tabs, ada: Person, as_it_was: bool
) -> None:
    chat = ada.new_chat("abc")
    message_id = chat["messages"][0]["id"]
    editor, other = Editor(chat, ada.id), await tabs.full(ada)
    for arrives in (True, False):
        lost = await tabs.full(ada)
        editor.type(message_id, 0, 0, "x")
        command = editor.take_off(message_id)
        assert command is not None
        if arrives:
            await lost.send_frame(command)
            await lost.answer_to(command["op"])
        lost.abort()
        foreign = {"id": chat["id"], "messageId": message_id, "content": f"{_text(ada, chat['id'])}!"}
        last = await other.change("chat_update", chat=foreign)
        back = await tabs.full(ada, editor.position)
        if not as_it_was:
            await _follow(back, editor, last["offset"])
        again = editor.sent_again(message_id, as_it_was=as_it_was)
        if again is not None:
            await back.send_frame(again)
        await _follow(back, editor, last["offset"] + (0 if arrives else 1))
        assert editor.is_settled
        assert _text(ada, chat["id"]) == editor.shown(message_id)
    assert editor.shown(message_id) == "xxabc!!"


@pytest.mark.parametrize(
    "changes",
    [
        [2, [0, "x"]],
        [9, [0, "x"]],
        [[0, "x"]],
        [-1, [0, "x"]],
        [1, [1, "x"], 3],
        [5, [0, "\0"]],
        [5, [0, "\r"]],
        [5, [0, "a\nb"]],
        [[5, 5]],
        [[]],
        [2**31, [0, "x"]],
        [2**70],
    ],
    ids=str,
)
async def test_txt6_a_change_that_does_not_fit_is_refused(tabs: Tabs, ada: Person, changes: list[object]) -> None:
    chat = ada.new_chat("a😀bc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": chat["offset"]}
    tab = await tabs.full(ada)
    assert await tab.refused("chat_update", chat={**message, "changes": changes}) == "invalid"
    assert ada.chat(chat["id"]) == chat


async def test_txt6_a_base_that_does_not_exist_yet_is_refused(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("abc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": chat["offset"] + 1}
    tab = await tabs.full(ada)
    assert await tab.refused("chat_update", chat={**message, "changes": [3, [0, "x"]]}) == "invalid"


async def test_txt6_a_base_that_is_no_longer_kept_is_too_old(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("abc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada)
    head = (await tab.change("chat_update", chat={**message, "content": "abcd"}))["offset"]
    with closing(sqlite3.connect(ada.server.database, timeout=30)) as db, db:
        where = "(SELECT id FROM channels WHERE name = ?)"
        db.execute(f"DELETE FROM entries WHERE channel_id = {where} AND offset <= ?", (chat["channel"], head))
        db.execute("UPDATE channels SET pruned_to = ? WHERE name = ?", (head, chat["channel"]))
    late = {**message, "base": chat["offset"], "changes": [3, [0, "!"]]}
    assert await tab.refused("chat_update", "late", chat=late) == "too_old"
    fresh = {**message, "base": ada.chat(chat["id"])["offset"], "changes": [4, [0, "!"]]}
    await tab.change("chat_update", "late", chat=fresh)
    assert _text(ada, chat["id"]) == "abcd!"


async def test_txt7_content_with_base_stores_the_difference_to_the_text_at_base(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("The fox.\nThe dog.")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada)
    await tab.change("chat_update", chat={**message, "content": "The fox.\nThe old dog."})
    stale = {**message, "base": chat["offset"], "content": "The quick fox.\r\nThe dog."}
    await tab.change("chat_update", chat=stale)
    assert _text(ada, chat["id"]) == "The quick fox.\nThe old dog."


async def test_txt7_over_http_too(ada: Person) -> None:
    chat = ada.new_chat("The fox.")
    path = f"/api/chats/{chat['id']}/messages/{chat['messages'][0]['id']}"
    ada.patch(path, {"content": "The fox!"})
    ada.patch(path, {"content": "The quick fox.", "base": chat["offset"]})
    assert _text(ada, chat["id"]) == "The quick fox!"


async def test_txt7_either_changes_or_content(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("abc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada)
    assert await tab.refused("chat_update", chat=message) == "invalid"
    assert await tab.refused("chat_update", chat={**message, "content": "x", "changes": [3]}) == "invalid"
    assert await tab.refused("chat_update", chat={"id": chat["id"], "changes": [3]}) == "invalid"
    assert await tab.refused("chat_update", chat={**message, "content": []}) == "invalid"


async def test_txt8_an_edit_of_a_removed_message_is_stored(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("abc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada, chat)
    await tab.change("message_remove", chat=message)
    await tab.change("chat_update", chat={**message, "base": chat["offset"], "changes": [3, [0, "!"]]})
    await tab.change("message_restore", chat=message)
    assert _text(ada, chat["id"]) == "abc!"
    assert (await tab.wait_for("message_restored"))["message"]["content"] == "abc!"


async def test_txt8_an_edit_in_a_chat_in_the_trash_is_stored(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("abc")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    tab = await tabs.full(ada)
    await tab.change("chat_delete", chat={"id": chat["id"]})
    await tab.change("chat_update", chat={**message, "base": chat["offset"], "changes": [3, [0, "!"]]})
    await tab.change("chat_restore", chat={"id": chat["id"]})
    assert _text(ada, chat["id"]) == "abc!"
