"""A right that ends in the middle of a heavy stream (promise P6).

No clock of the test decides, but the order of commits: every entry of the log, and every end of a right, carries the
time at which it was written, and writers take turns. Nothing that was written after the end arrives, and nothing is
written for who lost the right.
"""

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conftest import NewPerson
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs
from tests.harness.people import page_headers
from tests.harness.running_server import RunningServer
from tests.security.ends import OF_THE_CHAT, OF_THE_LOGIN, OF_THE_TOKEN, Case, End
from tests.security.stream import Stream, streaming

pytestmark = pytest.mark.anyio
BEFORE = AFTERWARDS = 25
"""So many changes are committed before the end of the right, and after it."""
ONE_CLOSES = {**OF_THE_LOGIN, **OF_THE_TOKEN}


@pytest.fixture
def case(new_person: NewPerson) -> Case:
    owner, victim, admin = (new_person(name) for name in ("Owner", "Victim", "Admin"))
    chat_id = owner.new_chat("one")["id"]
    owner.share(chat_id, victim)
    return Case(owner, victim, admin, chat_id)


@pytest.mark.parametrize("way", ONE_CLOSES)
async def test_a_sign_in_that_ends_gets_and_changes_nothing_more(tabs: Tabs, case: Case, way: str) -> None:
    end, code = ONE_CLOSES[way]
    headers = case.victim.bearer if way in OF_THE_TOKEN else page_headers(case.victim.server, case.victim.cookie)
    full, plain, typing = [await tabs.open(case.victim, headers=headers) for _ in range(3)]
    await full.hello(case.owner.chat(case.chat_id), case.victim.get("/api/chats"))
    await plain.fence()
    ended_at = await _in_the_middle_of_a_stream(tabs, case, typing, end)
    assert [await full.end(), await plain.end(), await typing.end()] == [code] * 3
    _nothing_came_after(case, ended_at, (full, plain, typing))
    _nothing_was_changed_after(case, ended_at)


@pytest.mark.parametrize("way", OF_THE_CHAT)
async def test_a_chat_that_is_taken_away_tells_nothing_more(tabs: Tabs, case: Case, way: str) -> None:
    full, plain, typing = [await tabs.open(case.victim) for _ in range(3)]
    slow = await tabs.slow(case.victim)
    chat, own = case.owner.chat(case.chat_id), case.victim.get("/api/chats")
    await full.hello(chat, own)
    await slow.hello(chat)
    await plain.fence()
    ended_at = await _in_the_middle_of_a_stream(tabs, case, typing, OF_THE_CHAT[way])
    await full.wait_for("revoked", channel=case.channel)
    await full.fence()
    of_the_chat = [frame["type"] for frame in full.frames if frame.get("channel") == case.channel]
    assert of_the_chat[-1] == "revoked", "nothing of the channel follows it"
    await plain.fence()
    await _read_out(slow)
    _nothing_came_after(case, ended_at, (full, plain, typing, slow))
    _nothing_was_changed_after(case, ended_at)


async def test_an_editor_who_becomes_a_viewer_sees_on_and_changes_nothing_more(tabs: Tabs, case: Case) -> None:
    full, typing = [await tabs.open(case.victim) for _ in range(2)]
    await full.hello(case.owner.chat(case.chat_id))
    owner, victim = await _streams(tabs, case, typing)
    async with streaming([owner, victim]):
        await owner.until(BEFORE)
        await asyncio.to_thread(case.owner.share, case.chat_id, case.victim, "viewer")
        await owner.until(AFTERWARDS)
        await victim.until(2 * AFTERWARDS)
    assert victim.refusals, "everything was still allowed"
    assert {refused["code"] for refused in victim.refusals} == {"forbidden"}
    became = next(
        entry["offset"]
        for entry in _log(case.owner.server, case.channel)
        if any(each["role"] == "viewer" for each in entry.get("members", ()))
    )
    by_the_victim = [
        entry["offset"] for entry in _log(case.owner.server, case.channel) if entry["by"] == case.victim.id
    ]
    assert by_the_victim, "nothing was changed before"
    assert max(by_the_victim) < became
    head = case.owner.chat(case.chat_id)["offset"]
    while head not in full.offsets(case.channel):
        await full.next()


async def test_a_token_that_expires_closes_its_connections_and_changes_nothing_more(tabs: Tabs, case: Case) -> None:
    expires_at = time.time_ns() // 1_000_000 + 2000
    with closing(sqlite3.connect(case.owner.server.database, timeout=30)) as db, db:
        db.execute("UPDATE api_tokens SET expires_at = ? WHERE id = ?", (expires_at, case.victim.token_id))
    full, typing = [await tabs.open(case.victim) for _ in range(2)]
    await full.hello(case.owner.chat(case.chat_id))
    owner, victim = await _streams(tabs, case, typing)
    async with streaming([owner, victim]):
        assert await full.end() == 4501
    assert await typing.end() == 4501
    assert max(_by_the_victim(case, "at")) < expires_at


# The stream ---------------------------------------------------------------------------------------


async def _in_the_middle_of_a_stream(tabs: Tabs, case: Case, typing: LiveClient, end: End) -> int:
    """When the right ended. The owner and the victim both change the chat all the while, and the owner goes on."""
    owner, victim = await _streams(tabs, case, typing)
    async with streaming([owner, victim]):
        await owner.until(BEFORE)
        await victim.until(BEFORE)
        await asyncio.to_thread(end, case)
        await owner.until(AFTERWARDS)
    ended_at = _ends_of_rights(case.owner.server)[-1]["at"]
    after = [entry for entry in _log(case.owner.server, case.channel) if entry["at"] > ended_at]
    assert len(after) >= AFTERWARDS // 2, "hardly anything was committed after the end: this shows nothing"
    return int(ended_at)


async def _streams(tabs: Tabs, case: Case, typing: LiveClient) -> tuple[Stream, Stream]:
    return Stream(await tabs.full(case.owner), case.chat_id, "owner"), Stream(typing, case.chat_id, "victim")


async def _read_out(tab: LiveClient) -> None:
    """Everything that is still on its way to a reader that was slow: its connection may have been cut."""
    await tab.send_after_the_end("heartbeat")
    with contextlib.suppress(ConnectionClosed):
        await tab.wait_for("heartbeat")


# What the database says ---------------------------------------------------------------------------


def _nothing_came_after(case: Case, ended_at: int, tabs: Iterable[LiveClient]) -> None:
    """Entries say when they were committed; plain frames and lists carry titles, each of which was given once."""
    titles = {entry["title"]: entry["at"] for entry in _log(case.owner.server, case.channel) if "title" in entry}
    for number, tab in enumerate(tabs):
        committed = [at for frame in tab.frames for at in _times(frame, case, titles)]
        assert max(committed, default=0) <= ended_at, f"connection {number} got what was committed later"


def _times(frame: JsonDict, case: Case, titles: Mapping[str, int]) -> Iterable[int]:
    if frame.get("channel") == case.channel and "at" in frame:
        yield frame["at"]
    shown = [*frame.get("chats", ()), *([frame["chat"]] if "chat" in frame else ())]
    yield from (titles[chat["title"]] for chat in shown if chat["id"] == case.chat_id and "title" in chat)


def _nothing_was_changed_after(case: Case, ended_at: int) -> None:
    assert max(_by_the_victim(case, "at")) <= ended_at


def _by_the_victim(case: Case, field: str) -> list[int]:
    found = [entry[field] for entry in _log(case.owner.server, case.channel) if entry["by"] == case.victim.id]
    assert found, "nothing was changed before"
    return found


def _ends_of_rights(server: RunningServer) -> list[JsonDict]:
    return _log(server, "rights:0")


def _log(server: RunningServer, channel: str) -> list[JsonDict]:
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT offset, by_user_id, at, body FROM entries JOIN channels ON channels.id = channel_id "
            "WHERE name = ? ORDER BY offset",
            (channel,),
        )
        return [{**json.loads(body), "offset": offset, "by": by, "at": at} for offset, by, at, body in rows]
