"""PLN: the plain vocabulary, as a page that knows nothing else would speak it."""

import pytest

from tests.conftest import NewPerson
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs, named
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer
from tests.harness.stalled_client import StalledClient

pytestmark = pytest.mark.anyio


class PageStore:
    """What the hook of a plain page does with frames: three types, anything else is a warning."""

    def __init__(self) -> None:
        self.chats: dict[int, JsonDict] = {}
        self.notifications: list[str] = []
        self.warnings: list[JsonDict] = []

    def on_message(self, data: JsonDict) -> None:
        if data["type"] == "chat_updated":
            self.chats[data["chat"]["id"]] = data["chat"]
        elif data["type"] == "notification":
            self.notifications.append(data["message"])
        else:
            self.warnings.append(data)


async def _read(tab: LiveClient) -> PageStore:
    store = PageStore()
    for frame in await tab.fence():
        store.on_message(frame)
    return store


async def _save(tab: LiveClient, chat_id: int, content: object, **more: object) -> None:
    """Sends without an `op`, as a plain page does, and waits until it is told to all, this page included."""
    await tab.send("chat_update", chat={"id": chat_id, "content": content, **more})
    await tab.wait_for("chat_updated")


def _texts(chat: JsonDict) -> list[str]:
    return [message["content"] for message in chat["messages"]]


async def test_two_people_with_several_tabs_speak_nothing_but_the_plain_words(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ada.new_chat("one", "two")
    message_id = chat["messages"][1]["id"]
    ada.share(chat["id"], ben)
    pages = [await tabs.plain(ada), await tabs.plain(ada), await tabs.plain(ben), await tabs.plain(ben)]
    await pages[0].send("chat_update", chat={"id": chat["id"], "messageId": message_id, "content": "edited"})
    await pages[0].wait_for("chat_updated")
    await pages[2].send("notification", message="Ben is here")
    await pages[2].wait_for("notification")
    told = {"type": "chat_updated", "chat": {"id": chat["id"], "messageId": message_id, "content": "edited"}}
    for page in pages:
        await page.fence()
        assert named(page.frames, "chat_updated") == [told]
    assert [[each["message"] for each in named(page.frames, "notification")] for page in pages] == [
        [],
        [],
        ["Ben is here"],
        ["Ben is here"],
    ]


async def test_pln1_a_plain_connection_gets_only_the_plain_words(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one", "two")
    plain = await tabs.plain(ada)
    full = await tabs.full(ada, chat, ada.get("/api/chats"))
    await full.send("presence", channel=chat["channel"], state={"messageId": 1})
    first, second = (message["id"] for message in chat["messages"])
    target = {"id": chat["id"]}
    await full.change("chat_update", chat={**target, "messageId": first, "content": "uno"})
    await full.change("chat_retitle", chat={**target, "title": "Renamed"})
    await full.change("message_add", chat=target, message={"content": "three"})
    await full.change("message_move", chat={**target, "messageId": second}, after=None)
    await full.change("chat_share", chat=target, email=ben.email, role="viewer")
    await full.change("chat_unshare", chat=target, userId=ben.id)
    await full.change("chat_delete", chat=target)
    await full.change("notification", message="hello")
    store = await _read(plain)
    assert store.warnings == []
    assert store.notifications == ["hello"]
    assert {frame["type"] for frame in plain.frames} == {"chat_updated", "notification", "error"}


@pytest.mark.parametrize("frame", ["subscribe", "unsubscribe", "presence", "heartbeat"])
async def test_pln1_frames_of_the_full_protocol_need_a_hello(tabs: Tabs, ada: Person, frame: str) -> None:
    tab = await tabs.plain(ada)
    await tab.send(frame, channel=ada.channel, epoch="", offset=0, state={})
    (error,) = await tab.fence()
    assert (error["type"], error["code"]) == ("error", "invalid_frame")
    assert "hello" in error["message"]


async def test_pln1_a_change_with_a_name_is_acknowledged(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    ack = await tab.change("notification", "n-1", message="named")
    assert (ack["op"], ack["channel"]) == ("n-1", ada.channel)


async def test_pln2_each_change_of_a_chat_is_told_with_what_is_new(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one", "two")
    ada.share(chat["id"], ben)
    first, second = (message["id"] for message in chat["messages"])
    target = {"id": chat["id"]}
    plain = await tabs.plain(ben)
    full = await tabs.full(ada)
    added = (await full.change("message_add", chat=target, message={"role": "tool", "content": "three"}))["result"]
    await full.change("chat_update", chat={**target, "messageId": first, "content": "uno"})
    await full.change("message_remove", chat={**target, "messageId": second})
    await full.change("message_restore", chat={**target, "messageId": second})
    await full.change("message_move", chat={**target, "messageId": second}, after=None)
    await full.change("chat_retitle", chat={**target, "title": "Renamed"})
    await full.change("chat_archive", chat=target, archived=True)
    await full.change("chat_archive", chat=target, archived=False)
    await full.change("chat_delete", chat=target)
    await full.change("chat_restore", chat=target)
    told = [frame["chat"] for frame in named(await plain.fence(), "chat_updated")]
    times = [told[6].pop("archivedAt"), told[8].pop("deletedAt")]
    assert all(isinstance(time, int) for time in times)
    assert told == [
        {**target, "messageId": added["messageId"], "role": "tool", "content": "three", "after": second},
        {**target, "messageId": first, "content": "uno"},
        {**target, "messageId": second, "removed": True},
        {**target, "messageId": second, "role": "assistant", "content": "two", "after": first},
        {**target, "messageId": second, "after": None},
        {**target, "title": "Renamed"},
        target,
        {**target, "archivedAt": None},
        target,
        {**target, "deletedAt": None},
    ]


async def test_pln2_a_new_branch_is_told_as_a_whole_chat(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two")
    first = chat["messages"][0]["id"]
    plain = await tabs.plain(ada)
    full = await tabs.full(ada)
    await full.change("branch_select", chat={"id": chat["id"], "messageId": first})
    (told,) = named(await plain.fence(), "chat_updated")
    assert told["chat"]["content"] == "one\n\n## Assistant\n\ntwo"


async def test_pln2_nobody_is_told_of_a_chat_that_they_may_not_see(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    page = await tabs.plain(ben)
    full = await tabs.full(ada)
    ada.unshare(chat["id"], ben)
    await full.change("chat_retitle", chat={"id": chat["id"], "title": "secret"})
    assert named(await page.fence(), "chat_updated") == []


async def test_pln3_a_save_of_a_whole_chat_is_told_once(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two", "three")
    one, two, three = (message["id"] for message in chat["messages"])
    other = await tabs.plain(ada)
    page = await tabs.plain(ada)
    content = "uno\n\n## Assistant\n\ntwo\n\n## User\n\nthree\n\n## Assistant\n\nfour"
    await _save(page, chat["id"], content)
    (told,) = named(await other.fence(), "chat_updated")
    added = told["chat"]["messages"][3]["id"]
    assert told["chat"] == {
        "id": chat["id"],
        "content": content,
        "messages": [
            {"id": one, "role": "user", "content": "uno"},
            {"id": two, "role": "assistant", "content": "two"},
            {"id": three, "role": "user", "content": "three"},
            {"id": added, "role": "assistant", "content": "four"},
        ],
    }


async def test_pln3_a_save_that_changes_nothing_is_told_too(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "one")
    assert _texts(ada.chat(chat["id"])) == ["one"]


async def test_pln4_a_save_does_not_wipe_out_what_others_changed_meanwhile(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ada.new_chat("The quick fox.", "Yes.")
    ada.share(chat["id"], ben)
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "The quick fox jumps.", messageId=message["messageId"])
    other = await tabs.full(ben, ben.chat(chat["id"]))
    given = ben.chat(chat["id"])["offset"]
    await other.change("chat_update", chat={**message, "base": given, "changes": [3, [0, " very"], 17]})
    stale = {**message, "base": given, "content": "The quick fox jumps high."}
    await page.change("chat_update", chat=stale)
    assert _texts(ada.chat(chat["id"])) == ["The very quick fox jumps high.", "Yes."]


async def test_pln4_without_base_it_is_compared_with_what_the_connection_was_given(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("a b c")
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "a B c", messageId=message["messageId"])
    await _type(tabs, ada, message, "A B c")
    await page.wait_for("chat_updated")
    await _save(page, chat["id"], "A B C", messageId=message["messageId"])
    assert _texts(ada.chat(chat["id"])) == ["A B C"]


async def test_pln4_who_had_no_right_for_a_while_wipes_out_nothing_of_that_time(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ada.new_chat("a b c")
    ada.share(chat["id"], ben)
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    page = await tabs.plain(ben)
    await _save(page, chat["id"], "a B c", messageId=message["messageId"])
    ada.unshare(chat["id"], ben)
    await _type(tabs, ada, message, "A B c")
    ada.share(chat["id"], ben)
    await _save(page, chat["id"], "a B C", messageId=message["messageId"])
    assert _texts(ada.chat(chat["id"])) == ["A B C"]


async def _type(tabs: Tabs, ada: Person, message: JsonDict, content: str) -> None:
    full = await tabs.full(ada)
    await full.change("chat_update", chat={**message, "content": content})


async def test_pln4_a_whole_save_keeps_what_others_added_removed_and_moved(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two", "three", "four")
    ids = [message["id"] for message in chat["messages"]]
    target = {"id": chat["id"]}
    full = await tabs.full(ada)
    await full.change("message_add", chat=target, message={"content": "new"}, after=ids[0])
    await full.change("message_remove", chat={**target, "messageId": ids[1]})
    await full.change("chat_update", chat={**target, "messageId": ids[2], "content": "three, edited"})
    base, stale = chat["offset"], "one\n\n## Assistant\n\ntwo\n\n## User\n\nthree\n\n## Assistant\n\nfour, saved"
    await full.change("chat_update", chat={**target, "base": base, "content": stale})
    assert _texts(ada.chat(chat["id"])) == ["one", "new", "three, edited", "four, saved"]


async def test_pln4_a_whole_save_does_not_double_what_was_removed_and_restored(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two", "three")
    ids = [message["id"] for message in chat["messages"]]
    target = {"id": chat["id"]}
    full = await tabs.full(ada)
    await full.change("message_remove", chat={**target, "messageId": ids[1]})
    await full.change("message_restore", chat={**target, "messageId": ids[1]})
    stale = "one\n\n## Assistant\n\ntwo, saved\n\n## User\n\nthree"
    await full.change("chat_update", chat={**target, "base": chat["offset"], "content": stale})
    after = ada.chat(chat["id"])
    assert [message["id"] for message in after["messages"]] == ids
    assert _texts(after) == ["one", "two, saved", "three"]


async def test_pln4_a_whole_save_keeps_the_order_that_others_made(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two", "three")
    ids = [message["id"] for message in chat["messages"]]
    target = {"id": chat["id"]}
    full = await tabs.full(ada)
    await full.change("message_move", chat={**target, "messageId": ids[0]}, after=ids[2])
    stale = "one, saved\n\n## Assistant\n\ntwo\n\n## User\n\nthree"
    await full.change("chat_update", chat={**target, "base": chat["offset"], "content": stale})
    after = ada.chat(chat["id"])
    assert [message["id"] for message in after["messages"]] == [ids[1], ids[2], ids[0]]
    assert _texts(after) == ["two", "three", "one, saved"]


async def test_pln4_who_types_on_without_waiting_for_answers_gets_what_was_typed(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ada.new_chat("")
    ada.share(chat["id"], ben)
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "Once", messageId=message["messageId"])
    typed = "Once upon a time"
    for length in range(5, len(typed) + 1):
        await page.send("chat_update", chat={**message, "content": typed[:length]})
    await page.change("notification", message="This comes after all of it.")
    assert _texts(ben.chat(chat["id"])) == [typed]


async def test_pln4_whole_saves_that_do_not_wait_for_answers_double_nothing(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "one!")
    transcript, added = "one!", ["two", "three", "four"]
    for text in added:
        transcript += f"\n\n## Assistant\n\n{text}"
        await page.send("chat_update", chat={"id": chat["id"], "content": transcript})
    await page.change("notification", message="This comes after all of it.")
    assert _texts(ada.chat(chat["id"])) == ["one!", *added]


async def test_pln7_a_whole_save_against_another_branch_is_refused(tabs: Tabs, ada: Person) -> None:
    """Else texts of messages that it knows would take the place of others that it never had."""
    chat = ada.new_chat("one", "two")
    ids = [message["id"] for message in chat["messages"]]
    target = {"id": chat["id"]}
    full = await tabs.full(ada)
    await full.change("branch_select", chat={**target, "messageId": ids[1]})
    stale = {**target, "base": chat["offset"], "content": "one\n\n## Assistant\n\ntwo, saved"}
    assert await full.refused("chat_update", "s-1", chat=stale) == "too_old"
    assert _texts(ada.chat(chat["id"])) == ["one", "two"]
    await full.change("chat_update", "s-1", chat={**stale, "base": ada.chat(chat["id"])["offset"]})
    assert _texts(ada.chat(chat["id"])) == ["one", "two, saved"]


async def test_pln5_a_plain_connection_that_does_not_read_is_cut(tabs: Tabs, impatient: RunningServer) -> None:
    ada = sign_up(impatient, "Ada")
    chat = ada.new_chat("")
    message_id = chat["messages"][0]["id"]
    writer = await tabs.full(ada)
    with StalledClient(ada) as stalled:
        big = "x" * 100_000
        for number in range(80):  # more than the sockets' buffers and the outbox hold together
            edit = {"id": chat["id"], "messageId": message_id, "content": f"{number}{big}"}
            await writer.change("chat_update", chat=edit)
        assert stalled.read_until_the_end() < 80 * len(big)
    await writer.change("notification", message="nobody else noticed")


async def test_pln6_a_notification_is_stored_and_told_to_all_connections_of_the_sender(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    mine, plain, full = (
        await tabs.plain(ada),
        await tabs.plain(ada),
        await tabs.full(ada, ada.get("/api/notifications")),
    )
    foreign = await tabs.plain(ben)
    await mine.send("notification", message="Backup finished", level="success", link="/chats/1")
    told = await mine.wait_for("notification")
    (stored,) = ada.get("/api/notifications")["items"]
    assert told == {"type": "notification", "message": "Backup finished", "notification": stored}
    assert (stored["level"], stored["link"], stored["readAt"]) == ("success", "/chats/1", None)
    assert await plain.fence() == [told]
    assert (await full.wait_for("notification"))["notification"] == stored
    assert await foreign.fence() == []


async def test_pln6_level_and_link_are_optional(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    await tab.send("notification", message="Backup finished")
    told = (await tab.wait_for("notification"))["notification"]
    assert (told["level"], told["link"]) == ("info", None)


async def test_pln7_a_transcript_has_headings_and_marks_lines_that_look_like_one(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("Look:\n## User\n\\## Tool\nend", "Yes.")
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "Look:\n\\## User\n\\\\## Tool\nend\n\n## Assistant\n\nYes!")
    told = page.frames[-1]["chat"]
    assert told["content"] == "Look:\n\\## User\n\\\\## Tool\nend\n\n## Assistant\n\nYes!"
    assert [each["content"] for each in told["messages"]] == ["Look:\n## User\n\\## Tool\nend", "Yes!"]


async def test_pln7_a_text_without_heading_begins_an_empty_chat(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat()
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "Hello\r\nthere\n\n## System\n\nBe kind.\n\n## Tool\n\n42")
    messages = ada.chat(chat["id"])["messages"]
    assert [(message["role"], message["content"]) for message in messages] == [
        ("user", "Hello\nthere"),
        ("system", "Be kind."),
        ("tool", "42"),
    ]


async def test_pln7_what_a_transcript_no_longer_has_is_removed_and_can_be_restored(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two", "three")
    page = await tabs.plain(ada)
    await _save(page, chat["id"], "one\n\n## User\n\nthree")
    assert _texts(ada.chat(chat["id"])) == ["one", "three"]
    removed = ada.get(f"/api/chats/{chat['id']}/removed")["items"]
    assert [message["content"] for message in removed] == ["two"]
    ada.post(f"/api/chats/{chat['id']}/messages/{removed[0]['id']}/restore")
    assert _texts(ada.chat(chat["id"])) == ["one", "two", "three"]


async def test_pln7_content_may_be_a_list_of_messages(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one", "two")
    page = await tabs.plain(ada)
    first, second = (message["id"] for message in chat["messages"])
    listed = [{"role": "system", "content": "zero"}, {"id": second, "content": "two!"}, {"content": "three"}]
    await _save(page, chat["id"], listed)
    after = ada.chat(chat["id"])["messages"]
    assert [(each["role"], each["content"]) for each in after] == [
        ("system", "zero"),
        ("assistant", "two!"),
        ("user", "three"),
    ]
    assert after[1]["id"] == second
    assert first not in {each["id"] for each in after}


async def test_pln7_a_list_may_not_name_messages_of_other_chats(tabs: Tabs, new_person: NewPerson) -> None:
    ada, ben = new_person("Ada"), new_person("Ben")
    chat, foreign = ada.new_chat("mine"), ben.new_chat("his")
    tab = await tabs.plain(ada)
    listed = [{"id": foreign["messages"][0]["id"], "content": "taken over"}]
    assert await tab.refused("chat_update", chat={"id": chat["id"], "content": listed}) == "not_found"
    assert ben.chat(foreign["id"]) == foreign


@pytest.mark.parametrize(
    "content",
    ["## User\n\nx\n\n" * 1_001, "## User\n" * 20_002, [{"role": "user", "content": "x"}] * 1_001],
    ids=["messages", "headings", "list"],
)
async def test_pln7_a_save_that_changes_too_much_at_once_is_refused_whole(
    tabs: Tabs, ada: Person, content: object
) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.plain(ada)
    await tab.send("chat_update", chat={"id": chat["id"], "content": content})
    refused = await tab.wait_for("error")
    assert refused["code"] == "too_large"
    assert "at most" in refused["message"]
    assert ada.chat(chat["id"])["offset"] == chat["offset"]


async def test_pln7_a_list_with_thousands_of_unchanged_messages_is_saved(tabs: Tabs, ada: Person) -> None:
    chat = ada.post("/api/chats", {"title": "long", "messages": [{"role": "user", "content": "x"}] * 1_200})
    first = ada.chat(chat["id"])
    rest = ada.get(f"/api/chats/{chat['id']}?limit=1000&cursor={first['next']}")
    ids = [message["id"] for message in (*first["messages"], *rest["messages"])]
    assert len(ids) == 1_200
    tab = await tabs.plain(ada)
    whole = [{"id": each, "role": "user", "content": "x"} for each in ids]
    await _save(tab, chat["id"], [*whole, {"role": "assistant", "content": "one more"}])
    assert ada.chat(chat["id"])["messageCount"] == 1_201
