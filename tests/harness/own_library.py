"""The services on a real database file, in this process: what tests of rules need when no socket is in play."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine

from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.migrate import migrate
from chatsynth.database.writer import Writer
from chatsynth.features.accounts.service import add_account
from chatsynth.features.chats.snapshot import read_chat
from chatsynth.log.execute import once
from chatsynth.log.ops import Outcome
from chatsynth.log.recover import read_page
from chatsynth.node import COMMANDS, command_handlers
from chatsynth.realtime.frames import Command, Error
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.realtime.parsing import FrameParser
from chatsynth.realtime.publication import AfterCommit
from chatsynth.realtime.settings import LiveSettings
from tests.harness.json_types import JsonDict

HANDLERS = command_handlers(LiveSettings().max_text_units, 10**6)

PARSER = FrameParser(COMMANDS, LiveSettings().max_frame_values)
_JSON: TypeAdapter[JsonDict] = TypeAdapter(dict)


@dataclass
class OwnLibrary:
    """`published` is what the live core would be told, in order. The clock goes on by one with each look at it."""

    path: Path
    published: list[AfterCommit] = field(default_factory=list)
    now_ms: int = 1_800_000_000_000
    _writer: Writer[AfterCommit] | None = None
    _readers: Engine | None = None

    def clock(self) -> int:
        self.now_ms += 1
        return self.now_ms

    @property
    def writer(self) -> Writer[AfterCommit]:
        assert self._writer is not None
        return self._writer

    @property
    def readers(self) -> Engine:
        assert self._readers is not None
        return self._readers

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.readers.begin() as db:
            yield db

    def open(self) -> None:
        migrate(self.path)
        self._readers = open_readers(self.path)
        self._writer = Writer(open_writer(self.path), self.clock, self.published.extend)
        self._writer.start()

    def close(self) -> None:
        self.writer.stop()
        self.readers.dispose()

    # As a client would

    def person(self, name: str) -> int:
        return self.writer.run(lambda unit: add_account(unit, f"{name}@example.org", name, "no hash", is_admin=False))

    def do(self, user_id: int, type_: str, base: int | None = None, **fields: object) -> Outcome:
        """Carries out a frame as a connection does that was given the chat up to `base`. Raises Refused."""
        return execute_in(self.writer, user_id, {"type": type_, **fields}, base)

    def new_chat(self, user_id: int, *texts: str) -> JsonDict:
        messages = [{"content": text} for text in texts]
        made = self.do(user_id, "chat_create", chat={"title": "A chat", "messages": messages})
        chat_id = made.result["chatId"]
        assert isinstance(chat_id, int)
        return self.chat(user_id, chat_id)

    def chat(self, user_id: int, chat_id: int) -> JsonDict:
        with self.reading() as db:
            return seen_by(db, user_id, chat_id)

    def entries(self, channel: str, after: int = 0) -> list[JsonDict]:
        with self.reading() as db:
            return entries_of(db, channel, after)


def seen_by(db: Connection, user_id: int, chat_id: int) -> JsonDict:
    """The chat as this person loads it, up to 1,000 messages."""
    return _JSON.validate_json(read_chat(db, user_id, chat_id, 1000, None).wire_json())


def execute_in(writer: Writer[AfterCommit], user_id: int, frame: JsonDict, base: int | None = None) -> Outcome:
    """As a connection of this person does. Raises Refused."""
    command = command_of(frame)
    origin = Origin(Identity(user_id, "", "token:1", None), "tests", base)
    return writer.run(lambda unit: once(unit, HANDLERS[type(command)], origin, command))


def entries_of(db: Connection, channel: str, after: int = 0) -> list[JsonDict]:
    """All entries of a channel that follow an offset, as clients get them."""
    found: list[JsonDict] = []
    while page := read_page(db, channel, after).entries:
        found += [_JSON.validate_json(each.payload) for each in page]
        after = page[-1].offset
    return found


def command_of(frame: JsonDict) -> Command:
    parsed = PARSER.parse(TypeAdapter(dict).dump_json(frame))
    assert not isinstance(parsed, Error), parsed
    assert isinstance(parsed, Command)
    return parsed


@contextmanager
def own_library(folder: Path) -> Iterator[OwnLibrary]:
    library = OwnLibrary(folder / "chatsynth.sqlite3")
    library.open()
    try:
        yield library
    finally:
        library.close()
