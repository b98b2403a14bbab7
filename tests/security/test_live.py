"""Every frame that a client can send, for everybody who can ask: what `access_table` says of commands and listening."""

from collections.abc import Mapping

import pytest

from chatsynth.node import COMMANDS
from chatsynth.realtime.parsing import FrameParser
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs, new_op
from tests.harness.people import Person
from tests.security.access_table import COMMANDS as COMMAND_TABLE
from tests.security.access_table import LISTENING, parse_table
from tests.security.cast import NOWHERE, SIGNED_IN, Cast, Scene, set_scene

pytestmark = pytest.mark.anyio
TABLE = parse_table(COMMAND_TABLE)
LISTEN = parse_table(LISTENING)
ADDRESSES = {"own address", "another's address"}
MEMBERS = ("owner", "editor", "viewer")


def _fields(type_: str, scene: Scene, guest: Person) -> JsonDict:
    chat: JsonDict = {"id": scene.chat_id}
    first = {**chat, "messageId": scene.message_id}
    fields: dict[str, JsonDict] = {
        "chat_update": {"chat": {**first, "content": "changed"}},
        "chat_create": {"chat": {"title": "New"}},
        "chat_retitle": {"chat": {**chat, "title": "Renamed"}},
        "chat_archive": {"chat": chat, "archived": True},
        "message_add": {"chat": chat, "message": {"content": "new"}},
        "message_restore": {"chat": {**chat, "messageId": scene.removed_id}},
        "message_move": {"chat": first, "after": None},
        "message_remove": {"chat": first},
        "branch_select": {"chat": first},
        "chat_share": {"chat": chat, "email": guest.email, "role": "editor"},
        "chat_unshare": {"chat": chat, "userId": guest.id},
        "notification": {"message": "Something happened."},
        "notifications_read": {"upTo": 1},
    }
    return fields.get(type_, {"chat": chat})


def test_the_tables_and_the_server_have_the_same_frames() -> None:
    """A new frame needs a line in `access_table`, and its fields in `_fields` if a chat's number is not enough."""
    assert set(TABLE) | set(LISTEN) - ADDRESSES == FrameParser(COMMANDS, 1).known_types


@pytest.mark.parametrize(
    ("command", "speaks"),
    [*((command, "full") for command in TABLE), ("chat_update", "plain"), ("notification", "plain")],
)
async def test_a_command_does_what_the_table_says(tabs: Tabs, cast: Cast, command: str, speaks: str) -> None:
    scene = set_scene(cast)
    fields, nowhere = (_fields(command, each, cast.guest) for each in (scene, NOWHERE))
    for name in SIGNED_IN:
        outcome = TABLE[command][name]
        tab = await (tabs.plain if speaks == "plain" else tabs.full)(cast.people[name])
        before = cast.rows.now()
        answer = await tab.ask(command, **fields)
        assert (name, answer.get("code", "ack")) == (name, outcome), answer
        if outcome != "ack":
            assert cast.rows.now() == before, f"{name} changed something"
        if outcome == "not_found":
            assert _said(answer) == _said(await tab.ask(command, **nowhere)), f"{name} learns something"
        if outcome == "ack":
            fields = _fields(command, set_scene(cast), cast.guest)
        await tab.close()


def _said(answer: JsonDict) -> JsonDict:
    return {key: value for key, value in answer.items() if key != "op"}


# Listening ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", SIGNED_IN)
async def test_who_may_listen_and_who_learns_nothing(tabs: Tabs, cast: Cast, who: str) -> None:
    """All frames of the live core about the chat's channel, then the same for a channel that does not exist."""
    scene, person = set_scene(cast), cast.people[who]
    watch = await tabs.full(cast.people["owner"], _position(scene))
    heard = await _listen(await tabs.open(person), scene)
    assert heard == {type_: LISTEN[type_][who] for type_ in heard}
    assert set(heard) == set(LISTEN) - ADDRESSES
    shown = [frame for frame in await watch.fence() if frame["type"] == "presence" and frame.get("state")]
    assert [frame["userId"] for frame in shown] == ([person.id] if LISTEN["presence"][who] == "shown" else [])
    if who not in MEMBERS:
        assert await _listen(await tabs.open(person), NOWHERE) == heard


async def _listen(tab: LiveClient, scene: Scene) -> dict[str, str]:
    """What came of each frame, in one word."""
    channel, position = scene.channel, _position(scene)
    welcome = await tab.hello(position)
    opened = await _opened(tab, channel)
    hello = "heads" if channel in welcome["heads"] and opened == "subscribed" else opened
    await tab.send("presence", channel=channel, state={"messageId": scene.message_id})
    refused = [frame["code"] for frame in await tab.fence() if frame["type"] == "error"]
    await tab.send("heartbeat")
    heads = (await tab.wait_for("heartbeat"))["heads"]
    await tab.send("unsubscribe", channel=channel)
    unsubscribed = await tab.wait_for("unsubscribed")
    await tab.send("subscribe", **position)
    return {
        "hello": hello,
        "subscribe": await _opened(tab, channel),
        "presence": refused[0] if refused else "shown",
        "heartbeat": "heads" if channel in heads else "nothing",
        "unsubscribe": "done" if unsubscribed["channel"] == channel else "refused",
    }


async def _opened(tab: LiveClient, channel: str) -> str:
    while True:
        frame = await tab.next()
        if frame["type"] in ("subscribed", "error") and frame["channel"] == channel:
            return str(frame.get("code", "subscribed"))


def _position(scene: Scene) -> Mapping[str, object]:
    return {"channel": scene.channel, "epoch": "", "offset": 0}


@pytest.mark.parametrize("who", SIGNED_IN)
async def test_a_person_has_one_address(tabs: Tabs, cast: Cast, who: str) -> None:
    person = cast.people[who]
    assert LISTEN["own address"][who] == (await (await tabs.open(person)).hello())["type"]
    for other in (cast.guest.id, 9_000_000_001):
        assert LISTEN["another's address"][who] == str(await (await tabs.open(person, user_id=other)).end())


async def test_whose_sign_in_has_ended_is_never_listened_to(tabs: Tabs, cast: Cast) -> None:
    """No frame is taken, on anybody's address: a command that was sent with the handshake changes nothing."""
    assert {row["ended"] for row in LISTEN.values()} == {"4504"}
    scene, owner = set_scene(cast), cast.people["owner"]
    for headers in cast.ended.values():
        for user_id in (owner.id, cast.disabled.id, cast.guest.id):
            tab = await tabs.open(owner, user_id=user_id, headers=headers)
            before = cast.rows.now()
            await tab.send_after_the_end("chat_retitle", op=new_op(), chat={"id": scene.chat_id, "title": "Taken"})
            assert await tab.end() == 4504
            assert tab.frames == []
            assert cast.rows.now() == before
