"""PRE: who is here, and that nobody stays who has gone, however they went."""

import asyncio
import contextlib
import subprocess
import sys

import pytest

from tests.harness.json_types import JsonDict
from tests.harness.live_client import BEAT_EVERY_S, PATIENCE_S, LiveClient, Tabs, position_of
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server
from tests.harness.stalled_client import StalledClient

pytestmark = pytest.mark.anyio

MORE_THAN_IS_BUFFERED = 40
"""Times 200 kB: the buffers of both systems and of the server hold less."""
HERE = {"messageId": 5, "anchor": 1, "head": 2, "offset": 3}

A_PROGRAM = """
import asyncio, json, sys
from websockets.asyncio.client import connect

async def main(url, token, position):
    signed_in = {"Authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=signed_in, proxy=None, open_timeout=None) as socket:
        await socket.send(json.dumps({"type": "hello", "v": 1, "channels": [json.loads(position)]}))
        async for text in socket:
            if json.loads(text)["type"] == "subscribed":
                here = {"type": "presence", "channel": json.loads(position)["channel"], "state": {"from": "program"}}
                await socket.send(json.dumps(here))

asyncio.run(main(*sys.argv[1:]))
"""


async def _shared(ada: Person, ben: Person) -> JsonDict:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    return ada.chat(chat["id"])


async def _come(tab: LiveClient, watcher: LiveClient, channel: str) -> str:
    """Shows presence on `tab`; the session by which `watcher` knows it."""
    await tab.send("presence", channel=channel, state=HERE)
    seen = await watcher.wait_for("presence", full=False)
    assert (seen["channel"], seen["state"]) == (channel, HERE)
    return str(seen["session"])


async def _gone(watcher: LiveClient, session: str) -> None:
    left = await watcher.wait_for("presence", full=False)
    assert (left["session"], left["state"]) == (session, None)


async def test_pre1_the_others_are_told_where_somebody_is_and_when_they_left(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = await _shared(ada, ben)
    mine, theirs = await tabs.full(ada, chat), await tabs.full(ben, chat)
    session = await _come(mine, theirs, chat["channel"])
    await mine.send("presence", channel=chat["channel"], state=None)
    await _gone(theirs, session)
    assert await mine.fence() == []


async def test_pre1_presence_needs_a_subscription(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab = await tabs.full(ada)
    await tab.send("presence", channel=chat["channel"], state={})
    error = await tab.wait_for("error")
    assert (error["code"], error["channel"]) == ("not_subscribed", chat["channel"])


@pytest.mark.parametrize("letter", ["x", "漢", "😀"])
async def test_pre1_a_state_is_at_most_as_large_as_welcome_says(tabs: Tabs, ada: Person, letter: str) -> None:
    chat = ada.new_chat("one")
    tab, other = await tabs.full(ada, chat), await tabs.full(ada, chat)
    frame = len(b'{"x":""}')
    fits = letter * ((1000 - frame) // len(letter.encode()))
    await tab.send("presence", channel=chat["channel"], state={"x": fits})
    assert (await other.wait_for("presence"))["state"] == {"x": fits}
    await tab.send("presence", channel=chat["channel"], state={"x": fits + letter})
    assert (await tab.wait_for("error"))["code"] == "too_large"


async def test_pre1_a_state_may_hold_any_json(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    tab, other = await tabs.full(ada, chat), await tabs.full(ada, chat)
    state = {"": [1, 2.5, None, True, {"a": []}], "big": 10**40, "text": "\u2028\x7f"}
    await tab.send("presence", channel=chat["channel"], state=state)
    assert (await other.wait_for("presence"))["state"] == state


async def test_pre2_after_subscribed_the_full_state_says_who_is_here(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = await _shared(ada, ben)
    mine, other, theirs = await tabs.full(ada, chat), await tabs.full(ada, chat), await tabs.open(ben)
    await _come(mine, other, chat["channel"])
    await _come(other, mine, chat["channel"])
    await theirs.hello(chat)
    await theirs.wait_for("subscribed")
    full = await theirs.wait_for("presence")
    assert (full["channel"], full["full"]) == (chat["channel"], True)
    assert [(each["userId"], each["name"], each["state"]) for each in full["present"]] == [(ada.id, ada.name, HERE)] * 2


async def test_pre2_nothing_is_said_when_nobody_is_here(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.full(ada, ada.new_chat("one"))
    assert await tab.fence() == []


async def test_pre3_only_differences_are_told_and_only_to_the_others(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = await _shared(ada, ben)
    mine, theirs = await tabs.full(ada, chat), await tabs.full(ben, chat)
    session = await _come(mine, theirs, chat["channel"])
    await mine.send("presence", channel=chat["channel"], state=HERE)
    await mine.send("presence", channel=chat["channel"], state={"messageId": 6})
    assert await mine.fence() == []
    (moved,) = await theirs.fence()
    assert moved == {
        "type": "presence",
        "channel": chat["channel"],
        "full": False,
        "session": session,
        "userId": ada.id,
        "name": ada.name,
        "state": {"messageId": 6},
    }


async def test_pre3_somebody_who_unsubscribes_is_gone(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = await _shared(ada, ben)
    mine, theirs = await tabs.full(ada, chat), await tabs.full(ben, chat)
    session = await _come(mine, theirs, chat["channel"])
    await mine.send("unsubscribe", channel=chat["channel"])
    await _gone(theirs, session)


async def test_pre3_somebody_whose_right_has_ended_is_gone(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = await _shared(ada, ben)
    mine, theirs = await tabs.full(ada, chat), await tabs.full(ben, chat)
    session = await _come(theirs, mine, chat["channel"])
    ada.unshare(chat["id"], ben)
    await _gone(mine, session)


def _run(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", A_PROGRAM, *arguments])


@pytest.mark.parametrize("way", ["close", "abort"])
async def test_pre3_a_connection_that_ends_takes_its_person_with_it(
    tabs: Tabs, ada: Person, ben: Person, way: str
) -> None:
    chat = await _shared(ada, ben)
    mine, theirs = await tabs.full(ada, chat), await tabs.full(ben, chat)
    session = await _come(mine, theirs, chat["channel"])
    if way == "close":
        await mine.close()
    else:
        mine.abort()
    await _gone(theirs, session)


async def test_pre3_a_program_that_crashes_takes_its_person_with_it(tabs: Tabs, ada: Person) -> None:
    chat = ada.new_chat("one")
    watcher = await tabs.full(ada, chat)
    position = f'{{"channel": "{chat["channel"]}", "epoch": "", "offset": {chat["offset"]}}}'
    url = f"{ada.server.live_url}/ws/{ada.id}"
    with _run(url, ada.token, position) as program:
        session = (await watcher.wait_for("presence", state={"from": "program"}))["session"]
        program.kill()
    await _gone(watcher, session)


async def test_pre3_somebody_whose_computer_stalls_is_gone(tabs: Tabs, impatient: RunningServer) -> None:
    """It goes on speaking, so that only what it does not read can give it away."""
    ada = sign_up(impatient, "Ada")
    chat = ada.new_chat("")
    watcher, writer = await tabs.awake(ada, chat), await tabs.awake(ada)
    with StalledClient(ada) as stalled:
        stalled.send("hello", v=1, channels=[position_of(chat)])
        stalled.read_until("subscribed")
        stalled.send("presence", channel=chat["channel"], state=HERE)
        session = str((await watcher.wait_for("presence", full=False))["session"])
        speaking = asyncio.create_task(_speak(stalled))
        for number in range(MORE_THAN_IS_BUFFERED):
            content = chr(ord("a") + number % 2) * 200_000
            edit = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "content": content}
            await writer.change("chat_update", chat=edit)
        await _gone_at_last(watcher, session)
        speaking.cancel()


async def _speak(stalled: StalledClient) -> None:
    with contextlib.suppress(OSError):  # until it is cut
        while True:
            stalled.send("heartbeat")
            await asyncio.sleep(BEAT_EVERY_S)


async def test_pre3_somebody_who_fell_silent_is_gone(tabs: Tabs, impatient: RunningServer) -> None:
    ada = sign_up(impatient, "Ada")
    chat = ada.new_chat("one")
    watcher, silent = await tabs.awake(ada, chat), await tabs.full(ada, chat)
    session = await _come(silent, watcher, chat["channel"])
    await _gone_at_last(watcher, session)


async def _gone_at_last(watcher: LiveClient, session: str) -> None:
    """The watcher gets heartbeats meanwhile, so that its patience with each frame would have no end."""
    async with asyncio.timeout(PATIENCE_S):
        await watcher.wait_for("presence", session=session, state=None)


async def test_pre3_a_crash_of_the_server_leaves_nobody_behind(
    tabs: Tabs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_server(tmp_path_factory.mktemp("crash") / "data") as server:
        ada = sign_up(server, "Ada")
        chat = ada.new_chat("one")
        mine, watcher = await tabs.full(ada, chat), await tabs.full(ada, chat)
        await _come(mine, watcher, chat["channel"])
        server.kill()
        assert [await mine.end(), await watcher.end()] == [1006, 1006]
        server.start()
        back = await tabs.full(ada, chat)
        assert await back.fence() == []
