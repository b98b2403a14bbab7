"""A backup is made while people type, and put back while their clients hold what came after it: the backup is exactly
one moment of the library, and everybody goes on from there."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from chatsynth.config import Settings
from chatsynth.library import open_library
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs
from tests.harness.own_library import entries_of, seen_by
from tests.harness.people import Person, sign_up
from tests.harness.replica import Replica, apply_all, comparable
from tests.harness.running_server import RunningServer, running_server
from tests.harness.typist import Typist

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

BACKUPS = int(os.environ.get("CHATSYNTH_TEST_BACKUPS", "1"))
TYPISTS = 3
LOG_ROWS = "SELECT name, entries.* FROM entries JOIN channels ON channels.id = channel_id ORDER BY name, offset"


def _command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "chatsynth", *(str(each) for each in arguments)]


async def _run(*arguments: object) -> None:
    process = await asyncio.create_subprocess_exec(
        *_command(*arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, sentence = await process.communicate()
    assert process.returncode == 0, sentence.decode()


def _restore(server: RunningServer, backup: Path, *more: str) -> None:
    subprocess.run(_command("restore", backup, "--data", server.data, *more), check=True, capture_output=True)


# The backup is one moment of the library ---------------------------------------------------------------


@pytest.mark.timeout(60 + 60 * BACKUPS)
async def test_a_backup_made_while_people_type_is_the_library_of_one_moment(
    tabs: Tabs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("backup")
    with running_server(folder / "data") as server:
        ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
        chat = ada.new_chat("one", "two", "three")
        ada.share(chat["id"], ben)
        first = ada.chat(chat["id"])
        typists = [Typist(tabs, (ada, ben)[n % 2], chat["id"], Random(n)) for n in range(TYPISTS)]
        typing = [asyncio.create_task(_type(typist)) for typist in typists]
        for number in range(BACKUPS):
            await _more_acks(typists, typing, 20)
            before = _head(server.data, chat["channel"])
            await _run("backup", folder / f"{number}.sqlite3", "--data", server.data)
            await _more_acks(typists, typing, 20)
            after = _head(server.data, chat["channel"])
            restored = folder / f"restored {number}"
            await _run("restore", folder / f"{number}.sqlite3", "--data", restored)
            assert before <= _head(restored, chat["channel"]) <= after
            _is_one_moment(server.data, restored, ada, first)
        for task in typing:
            task.cancel()


async def _type(typist: Typist) -> None:
    while True:
        typist.type()
        if typist.random.random() < 0.2:
            await typist.restructure()
        await typist.send_what_waits()
        await typist.take_in()


async def _more_acks(typists: Iterable[Typist], typing: Iterable["asyncio.Task[None]"], more: int) -> None:
    """A typist that ended has failed."""

    def acks() -> int:
        return sum(len(typist.acks) for typist in typists)

    enough = acks() + more
    while acks() < enough:
        for task in typing:
            if task.done():
                task.result()
        await asyncio.sleep(0.01)


def _head(data: Path, channel: str) -> int:
    with closing(sqlite3.connect(data / "chatsynth.sqlite3", timeout=30)) as db:
        return int(db.execute("SELECT head FROM channels WHERE name = ?", (channel,)).fetchone()[0])


def _is_one_moment(source: Path, restored: Path, person: Person, first: JsonDict) -> None:
    """Every entry byte for byte as the source has it up to the heads of the backup, and every row what they make."""
    copied, original = _log(restored), _log(source)
    heads = {row["name"]: row["offset"] for row in copied}
    assert copied == [row for row in original if row["offset"] <= heads.get(row["name"], 0)]
    kept, all_ops = _rows(restored, "SELECT * FROM ops"), _rows(source, "SELECT * FROM ops")
    assert [row for row in kept if row not in all_ops] == []
    named = {row["op"] for row in copied if row["op"] is not None and row["name"] == first["channel"]}
    assert named <= {row["op"] for row in kept}
    with open_library(Settings(data_dir=restored)) as library, library.reading() as db:
        replica = Replica(first, person.id)
        apply_all(replica, entries_of(db, first["channel"], first["offset"]))
        assert comparable(replica.chat) == comparable(seen_by(db, person.id, first["id"]))
        for message_id, removed in replica.removed.items():
            text = db.exec_driver_sql("SELECT text FROM messages WHERE id = ?", (message_id,)).scalar_one()
            assert text == removed["content"]


def _log(data: Path) -> list[JsonDict]:
    return _rows(data, LOG_ROWS)


def _rows(data: Path, statement: str) -> list[JsonDict]:
    with closing(sqlite3.connect(data / "chatsynth.sqlite3", timeout=30)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(statement)]


# Clients that are ahead of what was put back -----------------------------------------------------------


async def test_clients_that_were_ahead_go_on_from_what_was_put_back(
    tabs: Tabs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ahead")
    backup = folder / "backup.sqlite3"
    with running_server(folder / "data") as server:
        ada, ben = sign_up(server, "Ada"), sign_up(server, "Ben")
        chat = ada.new_chat("one", "two")
        ada.share(chat["id"], ben)
        chat = ada.chat(chat["id"])
        text = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
        tab = await tabs.full(ada, chat, ada.get("/api/chats"))
        before = {**text, "base": chat["offset"], "changes": [3, [0, " kept"]]}
        kept = await tab.change("chat_update", "before-the-backup", chat=before)
        await _run("backup", backup, "--data", server.data)
        lost = {**text, "base": kept["offset"], "changes": [8, [0, " lost"]]}
        await tab.change("chat_update", "after-the-backup", chat=lost)
        added = await tab.change("message_add", chat={"id": chat["id"]}, message={"content": "lost"})
        ahead, my_list = ada.chat(chat["id"]), ada.get("/api/chats")
        server.leave_library()
        with pytest.raises(subprocess.CalledProcessError) as refused:
            _restore(server, backup, "--replace")
        assert b"Stop it first" in refused.value.stderr
        server.stop()
        _restore(server, backup, "--replace")
        server.start()

        tab = await tabs.open(ada)
        await tab.hello(ahead, my_list)
        await _is_told_to_load(tab, ahead["channel"])
        await _is_told_to_load(tab, my_list["channel"])
        now = ada.chat(chat["id"])
        assert [message["content"] for message in now["messages"]] == ["one kept", "two"]
        await tab.subscribe(now)

        # What had no answer is sent again: what the backup has takes no effect, what it has not takes one.
        assert await tab.change("chat_update", "before-the-backup", chat=before) == kept
        stale = {**lost, "base": ahead["offset"], "epoch": ahead["epoch"], "changes": [13, [0, "!"]]}
        assert await tab.refused("chat_update", "after-the-backup", chat=stale) == "too_old"
        again = {**lost, "base": now["offset"], "epoch": now["epoch"]}
        answer = await tab.change("chat_update", "after-the-backup", chat=again)
        assert await tab.change("chat_update", "after-the-backup", chat=again) == answer

        # A number of the time that is lost never means something else.
        new = ben.post(f"/api/chats/{chat['id']}/messages", {"role": "user", "content": "new"})
        assert new["messageId"] != added["result"]["messageId"]
        removal = {"id": chat["id"], "messageId": added["result"]["messageId"]}
        assert await tab.refused("message_remove", chat=removal) == "not_found"

        replica = Replica(now, ada.id)
        head = ada.chat(chat["id"])["offset"]
        while replica.offset < head:
            frame = await tab.next()
            if frame.get("channel") == chat["channel"] and "at" in frame:
                replica.apply(frame)
        assert comparable(replica.chat) == comparable(ada.chat(chat["id"]))
        assert [message["content"] for message in replica.messages] == ["one kept lost", "two", "new"]


async def _is_told_to_load(tab: LiveClient, channel: str) -> None:
    assert (await tab.wait_for("snapshot_needed", channel=channel))["reason"] == "epoch"
