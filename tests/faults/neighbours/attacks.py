"""What somebody does who wants to harm the others: each attack goes on until it is stopped, and counts its rounds."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.harness.json_types import JsonDict
from tests.harness.people import Person
from tests.harness.raw_socket import BINARY, CONTINUATION, ENDS, PING, PONG, RawSocket, frame, handshake

FRAMES_OF_A_ROUND = 200
NO_FIN = 0


@dataclass
class Scene:
    """`eve` attacks; `chat` is one that she may read and write, `long` one of hers with a long log."""

    eve: Person
    chat: JsonDict
    long: JsonDict
    people: tuple[Person, Person]
    """Who go on meanwhile."""
    rounds: int = 0
    is_held_up: bool = False
    """Eve has something to say that the server does not take yet."""
    _open: set[RawSocket] = field(default_factory=set)

    async def connect(self, *, upgraded: bool = True) -> RawSocket:
        """Eve's next connection; with `upgraded` False no word was said on it yet."""
        socket = await RawSocket.tcp(self.eve)
        self._open.add(socket)
        if upgraded:
            await socket.upgrade(self.eve)
        return socket

    def disconnect(self, socket: RawSocket) -> None:
        self._open.discard(socket)
        socket.close()

    def disconnect_all(self) -> None:
        self.is_held_up = False
        for socket in list(self._open):
            self.disconnect(socket)


Attack = Callable[[Scene], Awaitable[None]]


def text(type_: str, **fields: object) -> bytes:
    return frame(json.dumps({"type": type_, **fields}).encode())


def hello(*channels: JsonDict) -> bytes:
    return text("hello", v=1, channels=list(channels))


def at_the_beginning(chat: JsonDict) -> JsonDict:
    return {"channel": chat["channel"], "epoch": chat["epoch"], "offset": 0}


# On one connection, as fast as the server reads -----------------------------------------------------


def flood(
    *words: Callable[[Scene], bytes],
    begins: Callable[[Scene], bytes] = lambda _: b"",
    at_once: int = FRAMES_OF_A_ROUND,
) -> Attack:
    """The same frames again and again; whatever comes back is thrown away."""

    async def attack(scene: Scene) -> None:
        while True:
            socket = await scene.connect()
            socket.ignore()
            with suppress(*ENDS):
                await socket.say(begins(scene))
                while True:
                    scene.is_held_up = True
                    await socket.say(b"".join(word(scene) for word in words) * at_once)
                    scene.is_held_up = False
                    scene.rounds += 1
            scene.disconnect(socket)

    return attack


def _fixed(content: bytes) -> Callable[[Scene], bytes]:
    return lambda _: content


def _hello(scene: Scene) -> bytes:
    return hello(scene.chat)


def _subscribe(scene: Scene) -> bytes:
    return text("subscribe", **at_the_beginning(scene.long))


def _unsubscribe(scene: Scene) -> bytes:
    return text("unsubscribe", channel=scene.long["channel"])


def _presence(scene: Scene) -> bytes:
    return text("presence", channel=scene.chat["channel"], state={"anchor": 1, "padding": "x" * 500})


def _edit(scene: Scene) -> bytes:
    message_id = scene.chat["messages"][1]["id"]
    return text("chat_update", chat={"id": scene.chat["id"], "messageId": message_id, "content": "Eve was here."})


def _retitle(scene: Scene) -> bytes:
    return text("chat_retitle", chat={"id": scene.long["id"], "title": "again"})


MISTAKES = text("chat_update", chat={"id": 1, "changes": [""] * 50_000})
DEEP = frame(b'{"a":' * 50_000)
NUMBER = frame(b'{"type":"hello","v":' + b"9" * 100_000 + b"}")

TINY = 99_000
TINY_VALUES = [
    frame(b'{"type":"presence","channel":"chat:1","state":{"a":[' + b"0," * TINY + b"0]}}"),
    frame(b'{"type":"heartbeat","a":[' + b"[]," * (TINY // 2) + b"[]]}"),
    text("chat_update", chat={"id": 1, "changes": [[0, *[""] * TINY]]}),
]
TOO_MANY_VALUES = frame(b"[" + b"1," * 2_000_000)

# By connections that lead nowhere -------------------------------------------------------------------


def comes_and_goes(most_open: int, *words: Callable[[Scene], bytes], upgraded: bool = True) -> Attack:
    """Connection after connection, so many open at a time; each says its words and nothing more."""

    async def attack(scene: Scene) -> None:
        open_: list[RawSocket] = []
        while True:
            with suppress(*ENDS):
                open_.append(await scene.connect(upgraded=upgraded))
                await open_[-1].say(b"".join(word(scene) for word in words))
            scene.rounds += 1
            if len(open_) >= most_open:
                scene.disconnect(open_.pop(0))

    return attack


# By readers that do not read ------------------------------------------------------------------------


async def stalled_reader(scene: Scene) -> None:
    """Asks for everything there is and takes nothing of it; comes back when it is cut off."""
    while True:
        socket = await scene.connect()
        with suppress(*ENDS):
            await socket.say(hello(scene.chat, at_the_beginning(scene.long)))
            for number in itertools.count():
                scene.is_held_up = True
                await socket.say(frame(b"x" * 125, PING) + (text("heartbeat") if number % 10 else b""))
                scene.is_held_up = False
                scene.rounds += 1
                await asyncio.sleep(0)
        scene.disconnect(socket)


async def slow_reader(scene: Scene) -> None:
    """Takes one byte at a time."""
    socket = await scene.connect()
    await socket.say(hello(scene.chat, at_the_beginning(scene.long)))
    while await socket.reader.read(1):
        scene.rounds += 1
        await asyncio.sleep(0.001)


def _half_a_handshake(scene: Scene) -> bytes:
    return handshake(scene.eve)[:60]


def _upgrade_to_nonsense(scene: Scene) -> bytes:
    return handshake(scene.eve).replace(b"websocket", b"nonsense").replace(b"13", b"99") + b"\0" * 1000


ATTACKS: dict[str, Attack] = {
    "commands": flood(_retitle),
    "notifications": flood(_fixed(text("notification", message="again"))),
    "edits": flood(_edit, begins=_hello),
    "invalid frames": flood(_fixed(frame(b"nonsense"))),
    "unknown types": flood(_fixed(text("unheard"))),
    "binary frames": flood(_fixed(frame(b"\0\1\2", BINARY))),
    "pings": flood(_fixed(frame(b"x" * 125, PING))),
    "pongs": flood(_fixed(frame(b"", PONG))),
    "a message without end": flood(
        _fixed(frame(b"", CONTINUATION, first=NO_FIN)), begins=_fixed(frame(b'{"', first=NO_FIN))
    ),
    "hellos": flood(_hello),
    "subscriptions": flood(_subscribe, _unsubscribe, begins=_hello),
    "presence": flood(_presence, begins=_hello),
    "many mistakes": flood(_fixed(MISTAKES)),
    "deep JSON": flood(_fixed(DEEP)),
    "tiny values": flood(*(_fixed(each) for each in TINY_VALUES), at_once=5),
    "too many values": flood(_fixed(TOO_MANY_VALUES), at_once=1),
    "tiny values on many connections": comes_and_goes(40, _fixed(TINY_VALUES[0]), _fixed(TINY_VALUES[0])),
    "huge numbers": flood(_fixed(NUMBER)),
    "connections": comes_and_goes(50, _hello),
    "frames too large": comes_and_goes(5, _fixed(frame(b"x", length=2**40))),
    "silent connections": comes_and_goes(100, upgraded=False),
    "half handshakes": comes_and_goes(100, _half_a_handshake, upgraded=False),
    "upgrades to nonsense": comes_and_goes(10, _upgrade_to_nonsense, upgraded=False),
    "a reader that stalls": stalled_reader,
    "a reader that dawdles": slow_reader,
}
