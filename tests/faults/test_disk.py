"""The disk is full, failing, read-only, damaged or locked: errors and no acknowledgements, reading goes on, and when
it is over everything goes on without a restart (promise P1, rules ERR1 and ERR2)."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.faults.control import Control, Fault
from tests.faults.crowd import gather_crowd
from tests.faults.faulty import control_of, faulty_server
from tests.faults.vfs import why_not_possible
from tests.harness.history import report
from tests.harness.live_client import Tabs, new_op
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(why_not_possible() is not None, reason=str(why_not_possible())),
]

FOREVER = resource.RLIM_INFINITY
SENTENCES = {
    "full": "The disk of the server is full.",
    "writing": "The server could not read from or write to its disk.",
    "syncing": "The server could not read from or write to its disk.",
    "read_only": "The database of the server is read-only.",
    "damaged": "The database of the server is damaged;",
    "locked": "The database is busy with another program.",
    "file_limit": "The server could not read from or write to its disk.",
}


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, Control]]:
    folder = tmp_path_factory.mktemp("disk")
    with control_of(folder) as control:
        server = faulty_server(folder, {"LOCK_TIMEOUT_S": "0.2"})
        server.start()
        yield server, control
        server.close()
        server.stop()
        assert [line for line in server.mistakes() if "commit failed" not in line and "WriteFailed" not in line] == []


@contextmanager
def _broken(server: RunningServer, control: Control, how: str) -> Iterator[None]:
    ways: dict[str, Callable[[], AbstractContextManager[None]]] = {
        "locked": lambda: _locked(server.database),
        "file_limit": lambda: _file_limit(server),
    }
    with ways.get(how, lambda: _fault(control, Fault[how.upper()]))():
        yield


@contextmanager
def _fault(control: Control, fault: Fault) -> Iterator[None]:
    control.fault = fault
    try:
        yield
    finally:
        control.fault = Fault.NONE


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Another program holds the database."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def _file_limit(server: RunningServer) -> Iterator[None]:
    """The kernel itself lets no file of the server grow."""
    pid = server.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, FOREVER))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (FOREVER, FOREVER))


@pytest.mark.parametrize("how", SENTENCES)
async def test_a_disk_that_cannot_be_written_to_is_told_and_everything_goes_on_when_it_is_over(
    tabs: Tabs, disk: tuple[RunningServer, Control], how: str
) -> None:
    server, control = disk
    pid = server.process.pid
    ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    tab, other = await tabs.full(ada, ada.chat(chat["id"])), await tabs.full(ben, ben.chat(chat["id"]))
    before = ada.chat(chat["id"])
    target = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": before["offset"]}
    commands = {
        new_op(): {"type": "chat_update", "chat": {**target, "changes": [3, [0, " more"]]}},
        new_op(): {"type": "message_add", "chat": {"id": chat["id"]}, "message": {"content": "x" * 50_000}},
        new_op(): {"type": "chat_retitle", "chat": {"id": chat["id"], "title": "Renamed"}},
    }
    with _broken(server, control, how):
        for op, command in commands.items():
            answer = await tab.ask(str(command["type"]), op, **{k: v for k, v in command.items() if k != "type"})
            assert (answer["type"], answer["code"]) == ("error", "unavailable")
            assert answer["message"].startswith(SENTENCES[how])
            assert "was not stored" in answer["message"]
        over_http = ada.request("PATCH", f"/api/chats/{chat['id']}", {"title": "Over HTTP"})
        assert (over_http.status_code, over_http.json()["code"]) == (503, "unavailable")
        assert over_http.json()["detail"].startswith(SENTENCES[how])
        assert "retry-after" in over_http.headers
        ready = server.http.get(f"{server.base_url}/readyz")
        assert (ready.status_code, ready.json()["detail"].startswith(SENTENCES[how])) == (503, True)
        assert server.http.get(f"{server.base_url}/healthz").status_code == 200
        assert ada.chat(chat["id"]) == before
        assert ben.get("/api/chats?limit=5")["items"][0]["id"] == chat["id"]
        late = await tabs.full(ben, before)
        assert late.entries(chat["channel"]) == []
    assert server.http.get(f"{server.base_url}/readyz").status_code == 200
    acks = [
        await tab.change(str(command["type"]), op, **{k: v for k, v in command.items() if k != "type"})
        for op, command in commands.items()
    ]
    assert [ack["offset"] for ack in acks] == [before["offset"] + n for n in (1, 2, 3)]
    for each in (tab, other, late):
        await each.fence()
        assert [entry["op"] for entry in each.entries(chat["channel"])] == list(commands)
    assert ada.chat(chat["id"])["title"] == "Renamed"
    assert server.process.pid == pid


async def test_faults_come_and_go_while_people_type_and_nothing_is_lost_or_doubled(
    tabs: Tabs, disk: tuple[RunningServer, Control]
) -> None:
    server, control = disk
    random = Random(5)
    crowd = gather_crowd(server, tabs, [sign_up(server, "Ada"), sign_up(server, "Ben")], 3, random)
    for how in [*SENTENCES, *SENTENCES]:
        goal = crowd.acked + random.randint(1, 20)
        await crowd.type_until(lambda goal=goal: crowd.acked >= goal)  # type: ignore[misc]
        refused = crowd.unavailable + random.randint(1, 4)
        with _broken(server, control, how):
            await crowd.type_until(lambda refused=refused: crowd.unavailable >= refused)  # type: ignore[misc]
    await crowd.come_to_rest()
    findings = crowd.findings()
    assert findings == [], report(findings)
    server.kill()
    server.start()
    findings = crowd.findings()
    assert findings == [], report(findings)
