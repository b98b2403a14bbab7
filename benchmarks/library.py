"""Libraries to measure on, filled through the product's own code."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import insert

from benchmarks.load import Client, Slot
from chatsynth.config import read_settings
from chatsynth.database.unit import Unit
from chatsynth.features.accounts import service
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.chats import lifecycle
from chatsynth.features.chats.access import chat_channel, require
from chatsynth.features.chats.editing import edit_with_changes
from chatsynth.features.chats.tables import members, messages
from chatsynth.features.chats.wire import NewChat, NewMessage
from chatsynth.library import open_library
from chatsynth.log.append import Authorship, channel_position
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context

NO_PASSWORD = "!"
SOME_TEXT = "the quick brown fox jumps over a lazy dog while seven clever wizards mix bright potions in quiet gardens"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    token: str


@dataclass(frozen=True, slots=True)
class SeededChat:
    """`head` is where its log stands after seeding."""

    id: int
    message_ids: tuple[int, ...]
    head: int

    @property
    def channel(self) -> str:
        return chat_channel(self.id)


@contextmanager
def library_at(data: Path) -> Iterator[Context]:
    with open_library(read_settings({}, {"data_dir": str(data)}), may_create=True) as library:
        yield library


def add_people(library: Context, count: int) -> list[Person]:
    return library.writer.run(lambda unit: [_add_person(unit, number) for number in range(count)])


def _add_person(unit: Unit[AfterCommit], number: int) -> Person:
    """Nobody signs in with a password here, so none is hashed."""
    email = f"person{number}@example.org"
    user_id = service.add_account(unit, email, f"Person {number}", NO_PASSWORD, is_admin=number == 0)
    return Person(user_id, service.create_token(unit, user_id, "benchmark", None)[1])


def add_chat(library: Context, people: Sequence[Person], texts: Sequence[str], edits: int = 0) -> SeededChat:
    """A chat of the first of these people, shared with the others, with `edits` further entries in its log."""
    return library.writer.run(lambda unit: _add_chat(unit, people, texts, edits))


def _add_chat(unit: Unit[AfterCommit], people: Sequence[Person], texts: Sequence[str], edits: int) -> SeededChat:
    owner = people[0]
    new = NewChat(title="A chat", messages=tuple(NewMessage(content=text) for text in texts))
    chat_id, _ = lifecycle.create(unit, owner.id, new, Authorship(owner.id))
    if others := people[1:]:
        row = {"chat_id": chat_id, "role": "editor", "created_at": unit.now_ms}
        unit.db.execute(insert(members), [{**row, "user_id": other.id} for other in others])
    found = unit.db.execute(messages.select().where(messages.c.chat_id == chat_id).order_by(messages.c.id))
    ids = tuple(row.id for row in found)
    access = require(unit.db, owner.id, chat_id, "write")
    for number in range(edits):
        change = overwrite(texts[0], 0, f"{number:010}")
        edit_with_changes(unit, access, ids[0], None, change, Authorship(owner.id, f"seed-{chat_id}-{number}"))
    return SeededChat(chat_id, ids, channel_position(unit.db, chat_channel(chat_id))[1])


def sentence(characters: int) -> str:
    """Words, exactly as long as asked."""
    words = SOME_TEXT.split()
    text = " ".join(words[number * 7 % len(words)] for number in range(characters // 3 + 1))
    return text[:characters]


def overwrite(text: str, at: int, word: str) -> list[int | list[int | str]]:
    """A change set that puts `word` over as many characters, so that the text stays as long as it was."""
    parts: list[int | list[int | str]] = [at, [len(word), word], len(text) - at - len(word)]
    return [part for part in parts if part != 0]


def at_its_head(data: Path, chats: Sequence[SeededChat]) -> list[SeededChat]:
    """The same chats, where their logs stand now."""
    with library_at(data) as library, library.reading() as db:
        return [replace(chat, head=channel_position(db, chat.channel)[1]) for chat in chats]


def heads_of_lists(library: Context, people: Sequence[Person]) -> dict[int, int]:
    """Where each person's own channel stands."""
    with library.reading() as db:
        return {person.id: channel_position(db, user_channel(person.id))[1] for person in people}


def client_of(person: Person, chats: Sequence[SeededChat], behind: int = 0, list_head: int | None = None) -> Client:
    """Says hello for these chats, so many entries behind their heads, and for the person's own channel if its head
    is given."""
    positions = [{"channel": chat.channel, "epoch": "", "offset": chat.head - behind} for chat in chats]
    if list_head is not None:
        positions.append({"channel": user_channel(person.id), "epoch": "", "offset": list_head})
    hello = {"type": "hello", "v": 1, "client": "load", "channels": positions}
    frames = 1 + len(positions) + behind * len(chats)
    return Client(f"/ws/{person.id}", person.token, frames, json.dumps(hello))


def edit_slot(client: int, chat: SeededChat, message_id: int, text: str, at: int, word: str = "@N@") -> Slot:
    """Edits one message again and again: ten digits (and what follows them in `word`) over what stood there."""
    length = len(word.replace("@N@", "0" * 10))
    change = json.dumps(overwrite(text, at, "x" * length)).replace("x" * length, word)
    update = f'{{"id":{chat.id},"messageId":{message_id},"base":@B@,"changes":{change}}}'
    return Slot(client, chat.head, f'{{"type":"chat_update","op":"@R@-{client}-{message_id}-@N@","chat":{update}}}')
