"""ACK, OP, REF: what is acknowledged is on disk, once, in order."""

import asyncio

import pytest

from tests.harness.live_client import LiveClient, Tabs, named, new_op
from tests.harness.people import Person, sign_up
from tests.harness.running_server import running_server

pytestmark = pytest.mark.anyio

GOODBYE = b"\x88\x82\0\0\0\0\x03\xe8"
"""A close frame with code 1000: what was sent before it is on its way however long the server takes to answer."""


async def test_ack1_what_was_acknowledged_survives_a_killed_server(
    tabs: Tabs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_server(tmp_path_factory.mktemp("killed") / "data") as server:
        ada = sign_up(server, "Ada")
        chat = ada.new_chat("one")
        tab = await tabs.full(ada, chat)
        ack = await tab.change("chat_retitle", "my-op", chat={"id": chat["id"], "title": "Safe"})
        server.kill()
        server.start()
        assert ada.chat(chat["id"])["title"] == "Safe"
        again = await (await tabs.full(ada)).change("chat_retitle", "my-op", chat={"id": chat["id"], "title": "Safe"})
        assert again == ack


async def test_ack1_the_ack_says_where_and_what_was_made(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada, ada.get("/api/chats"))
    made = await tab.change("chat_create", "c-1", chat={"title": "New", "messages": [{"content": "hello"}]})
    chat = ada.chat(made["result"]["chatId"])
    assert made == {
        "type": "ack",
        "op": "c-1",
        "channel": chat["channel"],
        "offset": chat["offset"],
        "result": {"chatId": chat["id"]},
    }
    added = await tab.change("message_add", chat={"id": chat["id"]}, message={"content": "more"})
    after = ada.chat(chat["id"])
    assert added["offset"] == after["offset"]
    assert added["result"] == {"chatId": chat["id"], "messageId": after["messages"][-1]["id"]}
    notified = await tab.change("notification", message="hello")
    assert notified["result"] == {"notificationId": ada.get("/api/notifications")["items"][0]["id"]}


async def test_ack1_the_changes_own_entry_says_the_same(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada, chat)
    ack = await tab.change("chat_retitle", chat={"id": chat["id"], "title": "Renamed"})
    entry = await tab.wait_for("chat_retitled")
    assert (entry["op"], entry["offset"], entry["channel"]) == (ack["op"], ack["offset"], ack["channel"])


async def test_op1_a_change_that_is_sent_again_takes_effect_once_with_the_same_answer(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    target = {"id": chat["id"]}
    first, second, plain = await tabs.full(ada, chat), await tabs.full(ada), await tabs.plain(ada)
    ack = await first.change("message_add", "m-1", chat=target, message={"content": "once"})
    assert await first.change("message_add", "m-1", chat=target, message={"content": "once"}) == ack
    assert await second.change("message_add", "m-1", chat=target, message={"content": "once"}) == ack
    assert await plain.change("message_add", "m-1", chat=target, message={"content": "once"}) == ack
    done = ada.post(f"/api/chats/{chat['id']}/messages", {"content": "once"}, Idempotency_Key="m-1")
    assert (done["offset"], done["messageId"]) == (ack["offset"], ack["result"]["messageId"])
    assert [message["content"] for message in ada.chat(chat["id"])["messages"]] == ["one", "once"]
    assert len(named(await first.fence(), "message_added")) == 1


async def test_op1_two_at_the_same_time_take_effect_once(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    several = [await tabs.full(ada) for _ in range(5)]
    for tab in several:
        await tab.send("message_add", op="m-1", chat={"id": chat["id"]}, message={"content": "once"})
    answers = [await tab.answer_to("m-1") for tab in several]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["type"] == "ack"
    assert len(ada.chat(chat["id"])["messages"]) == 2


async def test_op1_two_people_may_use_the_same_name(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    for person in (ada, ben):
        tab = await tabs.full(person)
        await tab.change("message_add", "m-1", chat={"id": chat["id"]}, message={"content": person.name})
    texts = [message["content"] for message in ada.chat(chat["id"])["messages"]]
    assert texts == ["one", ada.name, ben.name]


async def test_op5_a_refused_change_stays_refused_when_it_has_become_possible(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    """Somebody was told so, and keeps what they typed: a copy that was long under way must not take effect too."""
    chat = ada.new_chat("one")
    tab, other = await tabs.full(ben), await tabs.full(ben)
    retitle = {"chat": {"id": chat["id"], "title": "Ben's"}}
    assert await tab.refused("chat_retitle", "t-1", **retitle) == "not_found"
    ada.share(chat["id"], ben)
    for each in (tab, other):
        assert await each.refused("chat_retitle", "t-1", **retitle) == "not_found"
    answer = ben.request("PATCH", f"/api/chats/{chat['id']}", {"title": "Ben's"}, Idempotency_Key="t-1")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert ada.chat(chat["id"])["title"] != "Ben's"
    assert await tab.refused("chat_archive", "t-1", chat={"id": chat["id"]}, archived=True) == "conflict"
    await tab.change("chat_retitle", "t-2", **retitle)
    assert ada.chat(chat["id"])["title"] == "Ben's"


async def test_op5_a_name_that_was_refused_made_nothing(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada)
    assert await tab.refused("message_add", "m-1", chat={"id": 2**40}, message={"content": "x"}) == "not_found"
    chat = ada.new_chat("one")
    target = {"id": chat["id"], "messageId": "m-1"}
    assert await tab.refused("message_remove", "r-1", chat=target) == "not_found"


async def test_op2_a_change_without_a_name_is_carried_out_each_time(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    plain = await tabs.plain(ada)
    for _ in range(2):
        await plain.send("message_add", chat={"id": chat["id"]}, message={"content": "again"})
        await plain.wait_for("chat_updated")
    await plain.fence()
    assert named(plain.frames, "ack") == []
    assert [message["content"] for message in ada.chat(chat["id"])["messages"]] == ["one", "again", "again"]


async def test_op2_without_a_name_a_full_connection_gets_an_ack_without_one(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada)
    await tab.send("notification", message="hello")
    assert (await tab.wait_for("ack"))["op"] is None


async def test_op3_changes_of_one_connection_keep_their_order(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat()
    several = [await tabs.full(ada) for _ in range(3)]
    await asyncio.gather(*(_add_forty(tab, number, chat["id"]) for number, tab in enumerate(several)))
    texts = [message["content"] for message in ada.chat(chat["id"])["messages"]]
    assert len(texts) == 120
    for number in range(3):
        assert [text for text in texts if text.startswith(f"{number} ")] == [f"{number} {each}" for each in range(40)]


async def test_op3_changes_that_were_sent_just_before_the_client_closed_count(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat()
    staying, leaving = await tabs.full(ada, chat), await tabs.plain(ada)
    texts = [str(number) for number in range(300)]
    for text in texts:
        await leaving.send("message_add", chat={"id": chat["id"]}, message={"content": text})
    leaving.send_raw(GOODBYE)
    assert await leaving.end() == 1000
    await staying.wait_for("message_added", offset=chat["offset"] + len(texts))
    assert [message["content"] for message in ada.chat(chat["id"])["messages"]] == texts


async def _add_forty(tab: LiveClient, number: int, chat_id: int) -> None:
    """All at once, without waiting for an answer."""
    ops = [new_op() for _ in range(40)]
    for each, op in enumerate(ops):
        await tab.send("message_add", op=op, chat={"id": chat_id}, message={"content": f"{number} {each}"})
    for op in ops:
        assert (await tab.answer_to(op))["type"] == "ack"


async def test_ref1_the_op_that_made_a_thing_stands_for_its_number(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada)
    commands: list[tuple[str, dict[str, object]]] = [
        ("chat_create", {"op": "c-1", "chat": {"title": "Offline"}}),
        ("message_add", {"op": "m-1", "chat": {"id": "c-1"}, "message": {"content": "first"}}),
        ("message_add", {"op": "m-2", "chat": {"id": "c-1"}, "message": {"content": "second"}, "after": "m-1"}),
        ("chat_update", {"op": "u-1", "chat": {"id": "c-1", "messageId": "m-1", "changes": [5, [0, "!"]]}}),
        ("message_move", {"op": "v-1", "chat": {"id": "c-1", "messageId": "m-1"}, "after": "m-2"}),
        ("message_remove", {"op": "r-1", "chat": {"id": "c-1", "messageId": "m-2"}}),
        ("chat_retitle", {"op": "t-1", "chat": {"id": "c-1", "title": "Online"}}),
    ]
    for type_, fields in commands:  # all at once, as after a time without a network
        await tab.send(type_, **fields)
    acks = [await tab.answer_to(str(fields["op"])) for _, fields in commands]
    chat = ada.chat(acks[0]["result"]["chatId"])
    assert chat["title"] == "Online"
    assert [message["content"] for message in chat["messages"]] == ["first!"]


async def test_ref1_only_ones_own_op_that_made_such_a_thing_counts(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    mine = await tabs.full(ada)
    await mine.change("message_add", "m-1", chat={"id": chat["id"]}, message={"content": "mine"})
    await mine.change("chat_retitle", "t-1", chat={"id": chat["id"], "title": "Renamed"})
    theirs = await tabs.full(ben)
    assert await theirs.refused("message_remove", chat={"id": chat["id"], "messageId": "m-1"}) == "not_found"
    assert await mine.refused("message_remove", chat={"id": chat["id"], "messageId": "t-1"}) == "not_found"
    assert await mine.refused("chat_archive", chat={"id": "never-used"}, archived=True) == "not_found"


@pytest.mark.parametrize("op", ["a", "A-Z_a.z:09", "x" * 64])
async def test_a_name_of_any_allowed_form_is_taken(tabs: Tabs, ada: Person, op: str) -> None:
    tab = await tabs.full(ada)
    assert (await tab.change("notification", op, message="hello"))["op"] == op


@pytest.mark.parametrize("op", ["ä", "a b", "x" * 65, "a\n", "", "'; --"])
async def test_a_name_of_another_form_is_refused(tabs: Tabs, ada: Person, op: str) -> None:
    tab = await tabs.full(ada)
    await tab.send("notification", op=op, message="hello")
    assert (await tab.wait_for("error"))["code"] == "invalid_frame"


async def test_op4_a_name_cannot_be_given_to_another_change(tabs: Tabs, ada: Person) -> None:
    one, other = ada.new_chat("one"), ada.new_chat("other")
    tab = await tabs.full(ada, one)
    await tab.change("chat_retitle", "taken", chat={"id": one["id"], "title": "Renamed"})
    assert await tab.refused("chat_delete", "taken", chat={"id": one["id"]}) == "conflict"
    assert await tab.refused("chat_retitle", "taken", chat={"id": other["id"], "title": "x"}) == "conflict"
    assert ada.chat(other["id"])["title"] == other["title"]
    assert ada.chat(one["id"])["deletedAt"] is None


async def test_op4_a_name_cannot_be_given_to_a_change_in_another_chat_that_is_named_by_its_op(
    tabs: Tabs, ada: Person
) -> None:
    tab = await tabs.full(ada)
    for chat in ("made-1", "made-2"):
        await tab.change("chat_create", chat, chat={"title": chat})
    first = await tab.change("chat_retitle", "taken-too", chat={"id": "made-1", "title": "Renamed"})
    assert await tab.refused("chat_retitle", "taken-too", chat={"id": "made-2", "title": "x"}) == "conflict"
    assert await tab.change("chat_retitle", "taken-too", chat={"id": "made-1", "title": "Renamed"}) == first
