"""FRM and ERR: whatever a client sends, it gets an answer that says what was wrong, and the connection lives on."""

import json
from pathlib import Path

import pytest

from chatsynth.log.execute import UNEXPECTED
from tests.harness.live_client import Tabs, new_op
from tests.harness.people import Person, sign_up
from tests.harness.running_server import running_server

pytestmark = pytest.mark.anyio

NOT_A_FRAME = [
    "",
    " ",
    "nonsense",
    "[]",
    "42",
    "null",
    '"hello"',
    "{",
    '{"type": "heartbeat"',
    '{"type": "heartbeat"} {}',
    "{}",
    '{"type": null}',
    '{"type": 3}',
    '{"type": ["hello"]}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "channel": "chat:1", "epoch": "", "offset": -1}',
    '{"type": "subscribe", "channel": "chat:1", "epoch": "", "offset": 1e400}',
    '{"type": "subscribe", "channel": "CHAT:1", "epoch": "", "offset": 0}',
    '{"type": "subscribe", "channel": "chat:1\\n", "epoch": "", "offset": 0}',
    '{"type": "chat_update", "chat": []}',
    '{"type": "chat_update", "chat": {"id": 1, "messageId": 1, "content": "\\ud800"}}',
    '{"type": "chat_update", "op": "with spaces", "chat": {"id": 1, "content": ""}}',
    '{"type": "chat_update", "op": "", "chat": {"id": 1, "content": ""}}',
    '{"type": "notification", "message": "' + "x" * 2001 + '"}',
    '{"type": "notification", "message": "", "level": "info"}',
    '{"type": "notification", "message": "x", "level": "fatal"}',
    '{"type": "notification", "message": "x", "link": "https://evil.example.org"}',
    '{"type": "notification", "message": "x", "link": "//evil.example.org"}',
    '{"a":' * 5000 + "1" + "}" * 5000,
    "[" * 90_000,
    '{"type": "presence", "channel": "user:1", "state": ' + '{"a":' * 150 + "1" + "}" * 150 + "}",
    '{"type": "chat_archive", "chat": {"id": ' + "9" * 4000 + '}, "archived": true}',
    '{"type": "chat_archive", "chat": {"id": ' + "9" * 5000 + '}, "archived": true}',
]


async def test_frm1_what_is_no_frame_gets_an_error_and_the_connection_lives_on(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    for text in NOT_A_FRAME:
        await tab.send_text(text)
        answers = [(frame["type"], frame["code"]) for frame in await tab.fence()]
        assert answers == [("error", "invalid_frame")], text[:100]
        assert 10 < len(tab.frames[-2]["message"]) <= 500
    await tab.change("notification", message="still here")


async def test_frm1_a_frame_that_names_itself_gets_its_name_back(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    assert await tab.refused("notification") == "invalid_frame"


@pytest.mark.parametrize("name", ["unheard", "", "Hello", "chat_updated", "\N{BELL}" * 3, "x" * 10_000])
async def test_frm2_an_unknown_type_gets_an_error_and_the_connection_lives_on(
    tabs: Tabs, ada: Person, name: str
) -> None:
    tab = await tabs.plain(ada)
    assert await tab.refused(name) == "unknown_type"
    await tab.change("notification", message="still here")


async def test_frm3_a_binary_frame_gets_an_error_and_the_connection_lives_on(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    await tab.send_bytes(b'{"type": "notification", "message": "in bytes"}')
    (error,) = await tab.fence()
    assert (error["type"], error["code"]) == ("error", "not_text")


async def test_frm4_unknown_fields_are_ignored(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    await tab.change("notification", message="hello", colour="red", chat={"id": "?"})
    assert [frame["message"] for frame in tab.frames if frame["type"] == "notification"] == ["hello"]


@pytest.mark.parametrize("wrong", ['"42"', "42.5", "true", "null", "[42]", '{"a": 1}'])
async def test_frm4_types_are_strict(tabs: Tabs, ada: Person, wrong: str) -> None:
    tab = await tabs.plain(ada)
    await tab.send_text('{"type": "notifications_read", "op": "strict", "upTo": ' + wrong + "}")
    (error,) = await tab.fence()
    assert (error["op"], error["code"]) == ("strict", "invalid_frame")
    assert "upTo" in error["message"]


async def test_err1_an_error_has_a_code_and_a_sentence_and_names_the_change(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ben.new_chat("not for Ada")
    tab = await tabs.full(ada)
    answer = await tab.ask("chat_retitle", "my-op", chat={"id": chat["id"], "title": "mine now"})
    assert answer["op"] == "my-op"
    assert answer["code"] == "not_found"
    assert answer["message"] == "This chat does not exist, or it is not shared with you."
    assert set(answer) == {"type", "op", "channel", "code", "message"}
    assert ben.chat(chat["id"]) == chat


async def test_err1_a_refused_change_changed_nothing(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    message_id = chat["messages"][0]["id"]
    tab = await tabs.full(ada, chat)
    edit = {"id": chat["id"], "messageId": message_id, "base": chat["offset"], "changes": [99, [0, "x"]]}
    assert await tab.refused("chat_update", chat=edit) == "invalid"
    assert await tab.refused("message_move", chat={"id": chat["id"], "messageId": message_id}, after=10**9) in (
        "conflict",
        "not_found",
    )
    await tab.fence()
    assert tab.entries(chat["channel"]) == []
    assert ada.chat(chat["id"]) == chat


@pytest.mark.parametrize("number", [2**31, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, -1, 0])
async def test_err2_a_number_that_names_nothing_is_no_reason_to_try_again(tabs: Tabs, ada: Person, number: int) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada)
    commands = [
        tab.refused("chat_archive", chat={"id": number}, archived=True),
        tab.refused("chat_update", chat={"id": number, "messageId": 1, "content": "x"}),
        tab.refused("chat_update", chat={"id": chat["id"], "messageId": number, "content": "x"}),
        tab.refused("message_add", chat={"id": chat["id"]}, message={"content": "x"}, after=number),
        tab.refused("message_move", chat={"id": chat["id"], "messageId": 1}, after=number),
        tab.refused("chat_unshare", chat={"id": chat["id"]}, userId=number),
    ]
    codes = {await command for command in commands}
    assert codes <= {"not_found", "invalid_frame", "invalid", "conflict"}
    read = await tab.ask("notifications_read", upTo=abs(number))
    assert read["type"] == "ack" or read["code"] == "invalid_frame"
    for path in (f"/api/chats/{number}", f"/api/chats/{number}/members", f"/api/chats/{number}/removed"):
        assert ada.request("GET", path).status_code in (404, 422)
    assert ada.request("PATCH", f"/api/chats/{chat['id']}/messages/{number}", {"content": "x"}).status_code in (
        404,
        422,
    )


async def test_err3_a_mistake_of_the_server_costs_only_its_own_change(tabs: Tabs, tmp_path: Path) -> None:
    with running_server(tmp_path / "data", mistakes_expected=True) as server:
        ada = sign_up(server, "Ada")
        chat = ada.new_chat("one")
        tab = await tabs.full(ada, chat)
        server.library().writer.run(lambda unit: unit.db.exec_driver_sql("ALTER TABLE notifications RENAME TO gone"))
        named = {"id": chat["id"], "title": "renamed"}
        await tab.send("chat_retitle", op="before", chat=named)
        await tab.send("notification", op="wrong", message="hello")
        await tab.send("chat_retitle", op="after", chat=named)
        answers = [await tab.answer_to(op) for op in ("before", "wrong", "after")]
        assert [answer["type"] for answer in answers] == ["ack", "error", "ack"]
        assert answers[1]["code"] == "internal"
        assert answers[1]["message"].startswith(UNEXPECTED)
        over_http = ada.request("POST", "/api/notifications/read", {"upTo": 1})
        assert (over_http.status_code, over_http.json()["code"]) == (500, "internal")
        server.library().writer.run(lambda unit: unit.db.exec_driver_sql("ALTER TABLE gone RENAME TO notifications"))
        assert (await tab.ask("notification", "wrong", message="hello"))["type"] == "ack"
        told, *_ = [line for line in server.mistakes() if "command failed" in line]
        assert "no such table: notifications" in told
        assert "Traceback" in told or "frames" in told


async def test_frm5_a_frame_of_too_many_values_is_refused_unread_and_texts_may_hold_anything(
    tabs: Tabs, ada: Person
) -> None:
    tab = await tabs.full(ada)
    chat = ada.new_chat("one")
    target = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": chat["offset"]}
    too_many = (await _limits(tabs, ada))["maxFrameValues"] + 1
    op = new_op()
    await tab.send_text(f'{{"type": "chat_update", "op": "{op}", "chat": [' + "1," * too_many)
    refused = await tab.answer_to(op)
    assert (refused["type"], refused["code"], f"{too_many - 1:,}" in refused["message"]) == ("error", "too_large", True)
    pasted = '",[{:}]' * 25_000
    await tab.change("chat_update", op, chat={**target, "changes": [3, [0, pasted]]})
    assert ada.chat(chat["id"])["messages"][0]["content"] == "one" + pasted


async def test_a_frame_that_is_too_large_costs_only_its_connection(tabs: Tabs, ada: Person) -> None:
    other = await tabs.plain(ada)
    tab = await tabs.open(ada)
    welcome = await tab.hello()
    await tab.send("notification", message="x" * welcome["limits"]["maxFrameBytes"])
    assert await tab.end() == 1009
    await other.change("notification", message="still here")


async def test_the_longest_frame_that_is_allowed_is_taken(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada)
    frame = {"type": "notification", "op": new_op(), "message": "hello", "padding": ""}
    limit = (await _limits(tabs, ada))["maxFrameBytes"]
    frame["padding"] = "x" * (limit - len(json.dumps(frame)))
    await tab.send_text(json.dumps(frame))
    assert (await tab.wait_for("ack"))["op"] == frame["op"]


async def test_a_text_becomes_no_longer_than_the_limit_on_whatever_way(tabs: Tabs, ada: Person) -> None:
    limit = (await _limits(tabs, ada))["maxTextUnits"]
    longest, too_long = "\N{GRINNING FACE}" + "x" * (limit - 2), "x" * (limit + 1)
    tab = await tabs.full(ada)
    chat = ada.new_chat(longest)
    target = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    insertion = [limit, [0, "y"]]
    for command, fields in (
        ("chat_create", {"chat": {"messages": [{"content": too_long}]}}),
        ("message_add", {"chat": {"id": chat["id"]}, "message": {"content": too_long}}),
        ("chat_update", {"chat": {**target, "content": too_long}}),
        ("chat_update", {"chat": {**target, "base": chat["offset"], "changes": insertion}}),
        ("chat_update", {"chat": {"id": chat["id"], "content": [{"content": too_long}]}}),
        ("chat_update", {"chat": {"id": chat["id"], "content": too_long}}),
    ):
        assert await tab.refused(command, **fields) == "too_large"
    assert (
        ada.request(
            "PATCH", f"/api/chats/{chat['id']}/messages/{target['messageId']}", {"content": too_long}
        ).status_code
        == 413
    )
    assert ada.chat(chat["id"]) == chat


async def _limits(tabs: Tabs, ada: Person) -> dict[str, int]:
    tab = await tabs.open(ada)
    limits = (await tab.hello())["limits"]
    await tab.close()
    assert isinstance(limits, dict)
    return limits
