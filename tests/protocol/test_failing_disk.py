"""What the protocol says of a server whose disk cannot be read: sentences meanwhile, and everything by itself after."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from websockets.exceptions import InvalidStatus

from tests.faults.control import Control, Fault
from tests.faults.faulty import control_of, faulty_server
from tests.faults.vfs import why_not_possible
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs, new_op, position_of
from tests.harness.own_library import execute_in
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(why_not_possible() is not None, reason=str(why_not_possible())),
]

WAYS = {
    Fault.READING: "The server could not read from or write to its disk.",
    Fault.CUT_SHORT: "The ",
}
Disk = tuple[RunningServer, Control]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    folder = tmp_path_factory.mktemp("reads")
    with control_of(folder) as control:
        server = faulty_server(folder, {"LIVE_READ_RETRY_S": "0.05"})
        server.start()
        yield server, control
        server.close()
        server.stop()


@contextmanager
def _unreadable(disk: Disk, fault: Fault) -> Iterator[None]:
    server, control = disk
    server.library()  # opened while it can be
    control.fault = fault
    try:
        yield
    finally:
        control.fault = Fault.NONE


def _beside(server: RunningServer, person: Person, type_: str, **fields: object) -> int:
    """Another process changes something: what the server has of the database in memory is of no use any more."""
    return execute_in(server.library().writer, person.id, {"type": type_, **fields}).offset


@pytest.mark.parametrize("fault", WAYS, ids=str)
async def test_aut6_a_handshake_while_the_disk_cannot_be_read_is_answered_with_503(
    tabs: Tabs, disk: Disk, fault: Fault
) -> None:
    server, _ = disk
    ada = sign_up(server, "Ada")
    chat = ada.new_chat("one")
    with _unreadable(disk, fault):
        _beside(server, ada, "chat_retitle", chat={"id": chat["id"], "title": "Beside"})
        with pytest.raises(InvalidStatus) as refused:
            await tabs.open(ada)
        answer = refused.value.response
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        problem = json.loads(answer.body or b"")
        assert (problem["code"], problem["detail"].startswith(WAYS[fault])) == ("unavailable", True)
        assert "retry-after" in answer.headers
    await tabs.full(ada, chat)


@pytest.mark.parametrize("fault", WAYS, ids=str)
async def test_sub10_what_cannot_be_read_is_told_and_comes_when_it_can_be(tabs: Tabs, disk: Disk, fault: Fault) -> None:
    server, _ = disk
    ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    start = ada.chat(chat["id"])
    follower, late, newcomer = await tabs.full(ada, start), await tabs.full(ben), await tabs.open(ben)
    target = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": start["offset"]}
    named = {new_op(): f" {number}" for number in range(3)}
    with _unreadable(disk, fault):
        written = _beside(server, ada, "chat_retitle", chat={"id": chat["id"], "title": "Beside"})
        await late.send("subscribe", **position_of(start))
        await _told_to_wait(late, chat)
        assert (await newcomer.hello(start))["heads"] == {}
        await _told_to_wait(newcomer, chat)
        for op, text in named.items():
            answer = await follower.ask("chat_update", op, chat={**target, "changes": [3, [0, text]]})
            assert (answer["code"], "was not stored" in answer["message"]) == ("unavailable", True)
        _is_unavailable_over_http(ada, chat, WAYS[fault])
        assert server.http.get(f"{server.base_url}/healthz").status_code == 200
        assert server.http.get(f"{server.base_url}/readyz").status_code == 503
    await follower.wait_for("chat_retitled", offset=written)
    for tab in (late, newcomer):
        await tab.subscribe(start)
    for op, text in named.items():
        await follower.change("chat_update", op, chat={**target, "changes": [3, [0, text]]})
    for tab in (follower, late, newcomer):
        await tab.wait_for("chat_updated", op=list(named)[-1])
        assert [entry["op"] for entry in tab.entries(chat["channel"])] == [None, *named]
        assert tab.offsets(chat["channel"]) == list(range(written, written + 4))
    assert ada.chat(chat["id"])["messages"][0]["content"] == "one 0 1 2"


async def test_nothing_that_was_read_wrongly_is_used_again(disk: Disk) -> None:
    """Nobody writes meanwhile, which would make every connection read anew."""
    server, _ = disk
    ada = sign_up(server, "Ada")
    chat = ada.new_chat("one")
    with closing(sqlite3.connect(server.database)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with _unreadable(disk, Fault.CUT_SHORT):
        for _ in range(3):
            assert ada.request("GET", "/api/chats").status_code == 503
    assert ada.chat(chat["id"])["id"] == chat["id"]
    assert ada.get("/api/chats")["items"]


async def _told_to_wait(tab: LiveClient, chat: JsonDict) -> None:
    error = await tab.wait_for("error", channel=chat["channel"])
    assert (error["code"], len(error["message"]) > 20) == ("unavailable", True)


def _is_unavailable_over_http(ada: Person, chat: JsonDict, sentence: str) -> None:
    padding = {"padding": "x" * 100_000}  # who sends so much is asked who they are before it is read
    for method, path, body in (
        ("GET", f"/api/chats/{chat['id']}", None),
        ("GET", "/api/chats", None),
        ("GET", "/api/search?q=one", None),
        ("GET", "/api/notifications", None),
        ("PATCH", f"/api/chats/{chat['id']}", {"title": "Over HTTP"}),
        ("POST", "/api/chats", padding),
        ("GET", "/metrics", None),
    ):
        answer = ada.request(method, path, body)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (503, "unavailable"), path
        assert problem["detail"].startswith(sentence)
        assert "retry-after" in answer.headers


async def test_a_right_that_another_process_ends_while_the_disk_cannot_be_read_is_told_before_what_follows(
    tabs: Tabs, disk: Disk
) -> None:
    server, _ = disk
    ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    start = ada.chat(chat["id"])
    hers, his = await tabs.full(ada, start), await tabs.full(ben, start)
    with _unreadable(disk, Fault.READING):
        ended = _beside(server, ada, "chat_unshare", chat={"id": chat["id"]}, userId=ben.id)
        assert (await hers.ask("chat_retitle", chat={"id": chat["id"], "title": "x"}))["code"] == "unavailable"
    await hers.change("chat_retitle", chat={"id": chat["id"], "title": "For those who stayed"})
    await his.wait_for("revoked", channel=chat["channel"])
    await his.fence()
    assert all(offset < ended for offset in his.offsets(chat["channel"]))
