"""Any bytes over a real socket: the server closes with a code of RFC 6455 or goes on, and never makes a mistake."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest

from tests.harness.damage import damaged, spiced
from tests.harness.json_types import JsonDict
from tests.harness.live_client import PATIENCE_S, Tabs
from tests.harness.people import Person, sign_up
from tests.harness.raw_socket import CLOSE, TEXT, RawSocket, frame, handshake
from tests.harness.running_server import RunningServer, running_server

pytestmark = pytest.mark.anyio

ROUNDS = int(os.environ.get("CHATSYNTH_TEST_FUZZ", "25"))
SEED = int(os.environ.get("CHATSYNTH_TEST_FUZZ_SEED", "1"))
FRAMES_OF_A_ROUND = 30
FRAME_WITHOUT_END_S = 3.0
GOOD_CODES = {1000, 1001, 1002, 1003, 1005, 1007, 1009, *range(3000, 5000)}
FENCE = b'{"type":"fence","op":"fence-at-the-end"}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Fails in the end if any bytes made the server log a mistake."""
    with running_server(tmp_path_factory.mktemp("fuzz") / "data", {"HTTP_HEAD_TIMEOUT_S": "1"}) as server:
        yield server


@pytest.fixture(scope="module")
def eve(server: RunningServer) -> Person:
    return sign_up(server, "Eve")


@pytest.fixture(scope="module")
def golden(eve: Person) -> list[JsonDict]:
    """A good frame of every type that clients send."""
    chat = eve.new_chat("one", "two", "three")
    first, second, _ = (message["id"] for message in chat["messages"])
    of_chat, of_message = {"id": chat["id"]}, {"id": chat["id"], "messageId": first}
    position = {key: chat[key] for key in ("channel", "epoch", "offset")}
    return [
        {"type": "hello", "v": 1, "client": "fuzz", "channels": [position]},
        {"type": "subscribe", **position},
        {"type": "unsubscribe", "channel": chat["channel"]},
        {"type": "heartbeat"},
        {"type": "presence", "channel": chat["channel"], "state": {"messageId": first, "anchor": 1, "head": 2}},
        {"type": "chat_update", "op": "u1", "chat": {**of_message, "base": chat["offset"], "changes": [3, [0, "x"]]}},
        {"type": "chat_update", "op": "u2", "chat": {**of_message, "content": "new"}},
        {"type": "chat_update", "op": "u3", "chat": {**of_chat, "content": "## User\n\nx\n\n## Assistant\n\ny"}},
        {"type": "chat_update", "op": "u4", "chat": {**of_chat, "content": [{"id": first, "content": "x"}]}},
        {"type": "chat_create", "op": "c1", "chat": {"title": "t", "messages": [{"role": "user", "content": "x"}]}},
        {"type": "chat_retitle", "op": "r1", "chat": {**of_chat, "title": "t"}},
        {"type": "chat_archive", "op": "a1", "chat": of_chat, "archived": True},
        {"type": "chat_delete", "op": "d1", "chat": of_chat},
        {"type": "chat_restore", "op": "d2", "chat": of_chat},
        {
            "type": "message_add",
            "op": "m1",
            "chat": of_chat,
            "message": {"role": "user", "content": "x"},
            "after": "end",
        },
        {"type": "message_remove", "op": "m2", "chat": of_message},
        {"type": "message_restore", "op": "m3", "chat": of_message},
        {"type": "message_move", "op": "m4", "chat": of_message, "after": second},
        {"type": "branch_select", "op": "b1", "chat": of_message},
        {"type": "chat_share", "op": "s1", "chat": of_chat, "email": "nobody@example.org", "role": "editor"},
        {"type": "chat_unshare", "op": "s2", "chat": of_chat, "userId": 1},
        {"type": "notification", "op": "n1", "message": "x", "level": "info", "link": "/chats/1"},
        {"type": "notifications_read", "op": "n2", "upTo": 1},
    ]


async def test_any_json_is_answered_and_the_connection_lives_on(
    tabs: Tabs, eve: Person, golden: list[JsonDict]
) -> None:
    for number in range(ROUNDS):
        random = Random(f"{SEED}/json/{number}")
        tab = await tabs.open(eve)
        if random.random() < 0.7:
            await tab.hello()
        for _ in range(FRAMES_OF_A_ROUND):
            await tab.send_text(json.dumps(spiced(random, random.choice(golden), random.choice([0.0, 0.05, 0.2]))))
        await tab.fence()
        assert not tab.has_ended
        await tab.close()


async def test_any_bytes_in_text_frames_are_answered_or_close_with_1007(eve: Person, golden: list[JsonDict]) -> None:
    for number in range(ROUNDS):
        random = Random(f"{SEED}/bytes/{number}")
        texts = [damaged(random, json.dumps(random.choice(golden)).encode()) for _ in range(FRAMES_OF_A_ROUND)]
        code = await _end_after(eve, b"".join(frame(each) for each in [*texts, FENCE]), says_goodbye=False)
        assert code == (1000 if all(_is_utf8(each) for each in texts) else 1007), number


async def test_any_damage_to_the_frames_closes_with_a_code_of_the_standard(eve: Person, golden: list[JsonDict]) -> None:
    for number in range(ROUNDS):
        random = Random(f"{SEED}/frames/{number}")
        good = b"".join(
            frame(json.dumps(random.choice(golden)).encode(), random.choice([TEXT, TEXT, TEXT, 0, 2, 9, 10]))
            for _ in range(FRAMES_OF_A_ROUND)
        )
        stream = damaged(random, good) if random.random() < 0.8 else random.randbytes(2000)
        code = await _end_after(eve, stream, says_goodbye=True)
        assert code in GOOD_CODES, (number, code)


async def test_any_damage_to_the_handshake_is_refused_or_harmless(eve: Person) -> None:
    for number in range(ROUNDS):
        random = Random(f"{SEED}/handshake/{number}")
        socket = await RawSocket.tcp(eve)
        await socket.say(damaged(random, handshake(eve)))
        answer = await socket.reader.read(2**16)
        assert answer[:9] == b"HTTP/1.1 ", (number, answer)
        assert 100 <= int(answer[9:12]) < 500, (number, answer)
        socket.close()


async def _end_after(eve: Person, stream: bytes, *, says_goodbye: bool) -> int:
    """The code with which the connection ends after these bytes; 1000 when the server goes on."""
    socket = await RawSocket.open(eve)
    try:
        with suppress(ConnectionError):
            await socket.say(stream + (frame(b"", CLOSE) if says_goodbye else b""))
        return await _code_or_fence(socket, FRAME_WITHOUT_END_S if says_goodbye else PATIENCE_S)
    finally:
        socket.close()


async def _code_or_fence(socket: RawSocket, patience_s: float) -> int:
    while True:
        try:
            async with asyncio.timeout(patience_s):
                opcode, payload = await socket.frame()
        except TimeoutError:  # the damage made a frame that is longer than all that followed: it is waited for
            return 1000
        except (ConnectionError, asyncio.IncompleteReadError):
            return 1005
        if b"fence-at-the-end" in payload:
            return 1000
        if opcode == CLOSE:
            return int.from_bytes(payload[:2], "big") if payload else 1005


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
