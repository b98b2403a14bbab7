"""Somebody who types into a chat over a connection that drops, and always comes back (rules TXT3 to TXT5, SUB2)."""

from random import Random

from websockets.exceptions import WebSocketException

from chatsynth.changes import Text
from tests.changes.samples import random_text
from tests.harness.editor import Editor
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs, new_op, position_of
from tests.harness.people import Person

LOST = (WebSocketException, ConnectionError)


class Typist:
    """`entries` are those that came, each once and in order over all connections; a mistake fails at once."""

    def __init__(self, tabs: Tabs, person: Person, chat_id: int, random: Random) -> None:
        self.person = person
        self.random = random
        self.acks: dict[str, JsonDict] = {}
        self.commands: dict[str, JsonDict] = {}
        """Changes of the structure that are not acknowledged yet, by their ops, in the order of sending."""
        self._tabs = tabs
        self._tab: LiveClient | None = None
        self._is_welcome = False
        self._chat_id = chat_id
        self.begin_with(person.chat(chat_id))

    def begin_with(self, snapshot: JsonDict) -> None:
        """What was on its way before is given up."""
        self.loaded = snapshot
        self.editor = Editor(self.loaded, self.person.id)
        self.commands.clear()
        self.first_offset = self.editor.offset + 1
        self.entries: list[JsonDict] = []

    @property
    def is_settled(self) -> bool:
        return self._tab is not None and self.editor.is_settled and not self.commands

    # The connection

    async def come_back(self) -> None:
        """Resumes from the last entry, and sends again what is not acknowledged, by the same names."""
        tab = await self._tabs.open(self.person)
        self._tab, self._is_welcome = tab, False
        await tab.send("hello", v=1, client="typist", channels=[position_of(self.editor.position)])
        for command in list(self.commands.values()):
            await tab.send_frame(command)
        for message_id in list(self.editor.edits):
            again = self.editor.sent_again(message_id, as_it_was=self.random.random() < 0.5)
            if again is not None:
                await tab.send_frame(again)

    async def be_there(self) -> LiveClient:
        if self._tab is None:
            await self.come_back()
        assert self._tab is not None
        return self._tab

    def drop(self) -> None:
        """The cable is cut, in the middle of whatever is on its way."""
        if self._tab is not None:
            self._tab.abort()
        self._tab = None

    # What the person does

    def type(self) -> None:
        """Into any message that is known, also one that somebody has removed."""
        known = [*(message["id"] for message in self.editor.messages), *self.editor.removed]
        message_id = self.random.choice(known)
        start, end = _range(self.random, self.editor.shown(message_id))
        self.editor.type(message_id, start, end, random_text(self.random, 4))

    async def send_what_waits(self) -> None:
        tab = await self.be_there()
        for message_id in list(self.editor.edits):
            command = self.editor.take_off(message_id)
            if command is not None:
                await tab.send_frame(command)

    async def restructure(self) -> None:
        known = [message["id"] for message in self.editor.messages]
        chat = {"id": self._chat_id}
        new = {"content": random_text(self.random, 6).replace("\n", "\r\n")}
        frames: list[JsonDict] = [{"type": "message_add", "chat": chat, "message": new, "after": "end"}]
        if known:
            message = {**chat, "messageId": self.random.choice(known)}
            frames += [
                {"type": "message_add", "chat": chat, "message": new, "after": self.random.choice([None, *known])},
                {"type": "message_move", "chat": message, "after": self.random.choice([None, *known])},
                {"type": "message_remove", "chat": message},
                {"type": "chat_retitle", "chat": {**chat, "title": random_text(self.random, 6)}},
            ]
        if self.editor.removed:
            message = {**chat, "messageId": self.random.choice(sorted(self.editor.removed))}
            frames.append({"type": "message_restore", "chat": message})
        command = {**self.random.choice(frames), "op": new_op()}
        tab = await self.be_there()
        self.commands[command["op"]] = command
        await tab.send_frame(command)

    # What comes

    async def take_in(self) -> JsonDict:
        """The next frame, taken to heart."""
        frame = await (await self.be_there()).next()
        if frame["type"] == "ack":
            assert self.acks.setdefault(frame["op"], frame) == frame, "an op has one answer"
            self.commands.pop(frame["op"], None)
        elif frame["type"] == "error":
            self.refused(frame)
        elif frame.get("channel") == self.editor.chat["channel"] and "at" in frame:
            self.entries.append(frame)
            self.editor.apply(frame)
        elif frame["type"] in ("chat_updated", "notification"):
            assert "channel" not in frame
            assert not self._is_welcome, "plain words come before `welcome` only"
        else:
            self.hear(frame)
        return frame

    def hear(self, frame: JsonDict) -> None:
        """What is neither an answer nor an entry."""
        assert frame["type"] in ("welcome", "subscribed", "heartbeat", "draining"), frame
        self._is_welcome |= frame["type"] == "welcome"

    def refused(self, frame: JsonDict) -> None:
        """Nothing that this person does is refused, but for moving a message behind one that has just gone."""
        assert frame["code"] in ("conflict", "invalid"), frame
        assert self.commands.pop(frame["op"])["type"] == "message_move", frame

    async def catch_up(self) -> None:
        """Everything that was there when this was called."""
        await (await self.be_there()).send("heartbeat")
        while (await self.take_in())["type"] != "heartbeat":
            pass

    def has_heard_everything(self) -> None:
        """For a judge of histories: from here on nothing may be missing."""
        if self._tab is not None:
            self._tab.record.settled = True

    def check_entries(self) -> None:
        """Each once, in order, without gaps, over all connections."""
        offsets = [entry["offset"] for entry in self.entries]
        assert offsets == list(range(self.first_offset, self.first_offset + len(offsets)))


def _range(random: Random, text: str) -> tuple[int, int]:
    """Any range of whole characters, in UTF-16 code units."""
    start = random.randint(0, len(text))
    end = min(len(text), start + random.choice([0, 0, 1, 3]))
    return len(Text.of(text[:start])), len(Text.of(text[:end]))
