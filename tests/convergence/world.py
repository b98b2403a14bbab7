"""Five tabs, one server and the cables between them, moved step by step; any step can be taken at any time.

A step that makes no sense at its moment does nothing, so that any part of a schedule is a schedule too.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pydantic import TypeAdapter
from sqlalchemy import Connection as Db

from chatsynth.features.chats.snapshot import read_chat
from chatsynth.log.prune import prune
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import ChannelClosed
from tests.convergence.cable import Cable
from tests.convergence.intent import Intents
from tests.convergence.marks import Marks
from tests.convergence.own_node import OwnNode
from tests.convergence.plain_tab import PlainTab
from tests.convergence.tab import Tab, What
from tests.harness.history import ConnectionRecord
from tests.harness.json_types import JsonDict
from tests.harness.own_library import command_of
from tests.harness.person_list import read_lists

IMPATIENT = "dan"
PLAIN = "ben"
_JSON: TypeAdapter[JsonDict] = TypeAdapter(dict)


@dataclass(frozen=True)
class Cast:
    """The people of the library that a world begins with, by name, and their chat."""

    database: Path
    people: dict[str, int]
    chat_id: int
    source: Path
    """A folder for exports that are imported on the way."""

    def email(self, name: str) -> str:
        return f"{name}@example.org"

    def name_of(self, user_id: int) -> str:
        return next(name for name, each in self.people.items() if each == user_id)


@dataclass
class _Asked:
    """A question over HTTP: read by the server at one moment, there at another."""

    tab: Tab
    what: What
    answer: JsonDict | None = None
    is_read: bool = False


class World:
    def __init__(self, cast: Cast, seats: Sequence[str]) -> None:
        self.cast = cast
        self.now_ms = 1_800_000_000_000
        self.node = OwnNode(cast.database, self.clock)
        self.tabs = [
            Tab(f"{name} {number}", cast.people[name], cast.chat_id, is_impatient=name == IMPATIENT)
            for number, name in enumerate(seats, start=1)
        ]
        self.plain_tabs: list[tuple[PlainTab, Cable]] = []
        """Of Ben, one after the other; only the last one is there."""
        self.marks = Marks()
        self.intents = Intents()
        self.cables: list[tuple[Tab, Cable]] = []
        """The newest cable of a tab is the one that it knows; older ones may still carry something."""
        self.asked: list[_Asked] = []
        self.restarts = 0

    def clock(self) -> int:
        self.now_ms += 1
        return self.now_ms

    # Cables

    def cable_of(self, tab: Tab) -> Cable | None:
        found = [cable for each, cable in self.cables if each is tab and not cable.tab_is_gone]
        return found[-1] if found else None

    def connect(self, tab: Tab, random: Random) -> None:
        if tab.line is not None:
            return
        cable = Cable(lambda: self.node.now_s)
        name = self.cast.name_of(tab.user_id)
        cable.connection = self.node.connect(cable, tab.user_id, name)
        self.cables.append((tab, cable))
        tab.connect(random)
        self.flush(tab)

    def flush(self, tab: Tab) -> None:
        """What the tab has said is on its way."""
        cable = self.cable_of(tab)
        if cable is not None:
            while tab.outgoing:
                cable.send_up(tab.outgoing.popleft())

    def leave_half_open(self, tab: Tab) -> None:
        """The tab gives its connection up; the server does not know, and what is under way may still arrive."""
        cable = self.cable_of(tab)
        if cable is not None:
            cable.tab_is_gone = True
            tab.disconnect()

    def hear(self, tab: Tab, most: int) -> None:
        cable = self.cable_of(tab)
        if cable is None:
            return
        for frame in cable.deliver_down(most):
            if frame["type"] == "closed":
                cable.tab_is_gone = True
                tab.disconnect()
                return
            tab.take(frame)
            self.flush(tab)

    # A plain client

    def connect_plain(self) -> None:
        """It loads the chat once it is there, so that it hears of all that comes after."""
        for _, old in self.plain_tabs[-1:]:
            old.tab_is_gone = True
            if not old.server_is_gone:
                old.server_notices()
        user_id = self.cast.people[PLAIN]
        cable = Cable(lambda: self.node.now_s)
        cable.connection = self.node.connect(cable, user_id, PLAIN)
        loaded = self.node.read(lambda db: _chat_of(db, user_id, self.cast.chat_id))
        assert loaded is not None
        record = ConnectionRecord(f"plain, connection {len(self.plain_tabs) + 1}", user_id)
        self.plain_tabs.append((PlainTab(user_id, loaded, record), cable))

    def plain_that_knows(self) -> tuple[PlainTab, Cable] | None:
        """A plain client that has read all that was sent to it: otherwise nobody could say what it meant (PLN4)."""
        self.hear_plain()
        if not self.plain_tabs:
            return None
        tab, cable = self.plain_tabs[-1]
        knows = cable.connection is not None and cable.connection.outbox.is_empty and cable.is_quiet
        return (tab, cable) if knows and not cable.server_is_gone and not tab.unanswered else None

    def hear_plain(self) -> None:
        for tab, cable in self.plain_tabs[-1:]:
            while heard := list(cable.deliver_down(1_000)):
                for frame in heard:
                    if frame["type"] == "closed":
                        cable.tab_is_gone = True
                        return
                    tab.take(frame)

    # The server

    async def restart(self) -> None:
        """Killed and started again: connections, lookups and whatever was not committed are gone."""
        for cable in self.all_cables:
            cable.abort()
        await self._start_again()

    async def drain(self) -> None:
        """Stopped and started again: everybody is told to come back (rule DRN1)."""
        self.node.hub.drain(1_000)
        self.node.hub.close_all()
        await self._start_again()

    async def _start_again(self) -> None:
        self.asked = [each for each in self.asked if each.is_read]
        await self.node.crash()
        self.node = OwnNode(self.cast.database, self.clock)
        self.restarts += 1
        await self.node.start()

    def tell(self) -> None:
        """Of the oldest commit that is not told yet. From here on nothing of a channel that it ended may be written."""
        ends = [event for event in self.node.writer.next_untold if isinstance(event, ChannelClosed)]
        theirs = [(cable, end.channel) for end in ends for cable in self._cables_of(end.user_id)]
        for cable, channel in theirs:
            cable.ended.add(channel)
        self.node.tell()
        for cable, _ in theirs:
            cable.note_what_still_goes_out()

    @property
    def all_cables(self) -> list[Cable]:
        return [cable for _, cable in (*self.cables, *self.plain_tabs)]

    def _cables_of(self, user_id: int) -> list[Cable]:
        return [cable for tab, cable in self.cables if tab.user_id == user_id and not cable.server_is_gone]

    def prune(self, random: Random) -> None:
        """Of a chat's log too, which this version keeps for ever: whoever was further behind loads the snapshot."""
        channels = [f"chat:{self.cast.chat_id}", *(f"user:{each}" for each in self.cast.people.values())]
        channel = random.choice(channels)
        _, head = self.node.read(lambda db: _channel(db, channel))
        if head > 1:
            self.prune_up_to(channel, random.randint(1, head))

    def prune_up_to(self, channel: str, offset: int) -> None:
        channel_id, _ = self.node.read(lambda db: _channel(db, channel))
        self.node.spawn_write(lambda unit: prune(unit, channel_id, offset))

    def command(self, user_id: int, frame: JsonDict) -> None:
        """As a program does it over HTTP; its answer is of no interest here."""
        self.node.spawn_command(user_id, command_of(frame))

    # HTTP

    def ask(self, tab: Tab) -> None:
        for what in sorted(tab.wants):
            if not any(each.tab is tab and each.what == what for each in self.asked):
                self.asked.append(_Asked(tab, what))

    def read_answers(self, tab: Tab) -> None:
        for each in self.asked:
            if each.tab is tab and not each.is_read:
                each.answer = self.snapshot(tab, each.what)
                each.is_read = True

    def bring_answers(self, tab: Tab) -> None:
        for each in [each for each in self.asked if each.tab is tab and each.is_read]:
            self.asked.remove(each)
            tab.loaded(each.what, each.answer)
            self.flush(tab)

    def snapshot(self, tab: Tab, what: What) -> JsonDict | None:
        if what == "lists":
            return self.node.read(lambda db: read_lists(db, tab.user_id))
        return self.node.read(lambda db: _chat_of(db, tab.user_id, tab.chat_id))

    # Rest

    def is_quiet(self, tabs: Sequence[Tab]) -> bool:
        cables_quiet = all(cable.is_quiet for cable in self.all_cables)
        return cables_quiet and self.node.is_idle and not self.asked and all(tab.is_settled for tab in tabs)


def _channel(db: Db, name: str) -> tuple[int, int]:
    row = db.exec_driver_sql("SELECT id, head FROM channels WHERE name = ?", (name,)).one_or_none()
    return (row.id, row.head) if row else (0, 0)


def _chat_of(db: Db, user_id: int, chat_id: int) -> JsonDict | None:
    """None as for somebody who gets 404."""
    try:
        return _JSON.validate_json(read_chat(db, user_id, chat_id, 1000, None).wire_json())
    except Refused as refused:
        if refused.code is not ErrorCode.NOT_FOUND:
            raise
        return None


def copied(cast: Cast, folder: Path) -> Cast:
    """A library of one's own, without making it anew."""
    database = folder / cast.database.name
    shutil.copy(cast.database, database)
    return Cast(database, cast.people, cast.chat_id, folder)
