"""Golden histories: a snapshot, the entries after it, and the fresh snapshot, as the real server makes them.

They tell of every kind of entry. They are kept as JSON beside this file, where pytest reads them (it is still what the
server makes) and vitest (the page's reducers fold them to the same end). `python -m tests.wire.histories` writes them.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from chatsynth.features.chats.listing import View, list_chats
from chatsynth.features.notifications.service import count_unread, list_notifications
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.append import channel_position
from chatsynth.web.context import Context
from tests.features.imports.exports import JsonDict as ExportDict
from tests.features.imports.exports import chatgpt_chain, chatgpt_message
from tests.features.imports.importing import Library
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary, own_library

HERE = Path(__file__).parent
VIEWS: tuple[View, ...] = ("library", "archived", "trash")
FIRST_TIME_MS = 1_700_000_000_000
"""Every moment of a history is later; a number as large is nothing else."""
BEN_EMAIL = "ben@example.org"

Act = Callable[["Stage"], object]


class Stage:
    """Ada's and Ben's library, and the chat that a history is about."""

    def __init__(self, library: OwnLibrary, folder: Path) -> None:
        self.library = library
        self.folder = folder
        self.ada, self.ben = library.person("ada"), library.person("ben")
        self.chat_id = 0
        self.ids: list[int] = []
        self._ops = 0

    def new_chat(self, *texts: str) -> None:
        made = self.library.new_chat(self.ada, *texts)
        self.chat_id = made["id"]
        self.ids = [message["id"] for message in made["messages"]]
        if texts:
            self._give_parts(self.ids[0])

    def _give_parts(self, message_id: int) -> None:
        """As an import does."""
        parts = json.dumps([{"type": "badge", "at": at, "text": f"at {at}"} for at in (0, 2)])
        statement = "UPDATE messages SET parts = ? WHERE id = ?"
        self.library.writer.run(lambda unit: unit.db.exec_driver_sql(statement, (parts, message_id)))

    def do(self, type_: str, index: int | None = None, **fields: object) -> JsonDict:
        """What came of it. `chat` is filled in: the chat, and its message with this index."""
        self._ops += 1
        given = fields.pop("chat", {})
        assert isinstance(given, Mapping)
        chat = {"id": self.chat_id, **({} if index is None else {"messageId": self.ids[index]}), **given}
        everything = {**fields, "op": f"op-{self._ops}", "chat": chat}
        return dict(self.library.do(self.ada, type_, None, **everything).result)

    def add(self, text: str, after: int | str | None = "end") -> None:
        """`after`: the index of a message, None for the beginning."""
        place = self.ids[after] if isinstance(after, int) else after
        made = self.do("message_add", message={"role": "assistant", "content": text}, after=place)
        self.ids.append(made["messageId"])

    def edit(self, index: int, content: str) -> None:
        self.do("chat_update", index, chat={"content": content})

    def share(self, role: str = "editor") -> None:
        self.do("chat_share", email=BEN_EMAIL, role=role)

    def import_chat(self, *texts: str) -> None:
        messages = [chatgpt_message(f"m{n}", ("user", "assistant")[n % 2], text) for n, text in enumerate(texts)]
        self._import(chatgpt_chain("imported", messages))
        with self.library.reading() as db:
            self.chat_id = db.exec_driver_sql("SELECT id FROM chats WHERE source_id = 'imported'").scalar_one()

    def _import(self, conversation: ExportDict) -> None:
        path = self.folder / "export.json"
        path.write_text(json.dumps([conversation]))
        context = Context(self.library.clock, self.library.readers, self.library.writer)
        Library(context, self.library.path, self.ada).import_file(path)


# Chats ----------------------------------------------------------------------------------------------


def _edits(stage: Stage) -> None:
    for content in ("öne 🥊", "öne 🥊🥋\ntwo", "X 🥊🥋\ntwo", "", "again e\u0301 漢字", "again\r\nlines"):
        stage.edit(0, content)
    stage.edit(1, "the other")


def _additions(stage: Stage) -> None:
    stage.add("at the end")
    stage.add("at the beginning 🥊", None)
    stage.add("in the middle", 0)


def _removals(stage: Stage) -> None:
    stage.do("message_remove", 1)
    stage.edit(1, "edited out of sight")
    stage.add("after the removed one", 1)
    stage.do("message_remove", 1)
    stage.do("message_restore", 1)
    stage.do("message_restore", 1)
    for index in range(3):
        stage.do("message_remove", index)


def _moves(stage: Stage) -> None:
    stage.do("message_move", 2, after=None)
    stage.do("message_move", 0, after=stage.ids[1])
    stage.do("message_move", 1, after=stage.ids[0])


def _moves_around_removed(stage: Stage) -> None:
    stage.do("message_remove", 1)
    stage.do("message_move", 0, after=stage.ids[1])
    stage.do("message_move", 1, after=stage.ids[2])
    stage.do("message_move", 0, after=stage.ids[1])
    stage.do("message_restore", 1)


def _life(stage: Stage) -> None:
    stage.do("chat_archive", archived=True)
    stage.do("chat_delete")
    stage.do("chat_retitle", chat={"title": "In the trash"})
    stage.do("chat_restore")
    stage.do("chat_archive", archived=False)


def _members(stage: Stage) -> None:
    stage.share("viewer")
    stage.share("editor")
    stage.do("chat_unshare", userId=stage.ben)


def _whole_saves(stage: Stage) -> None:
    stage.do("chat_update", chat={"content": "one, edited\n\n## Assistant\n\nnew 🥊\n\n## User\n\nthree"})
    stage.do("chat_update", chat={"content": [{"role": "user", "content": "all anew"}]})


def _select_a_branch(stage: Stage) -> None:
    stage.do("message_remove", 2)
    stage.add("another answer", 0)
    stage.do("branch_select", 1)
    stage.edit(1, "edited on its branch")


def _import_again(stage: Stage) -> None:
    stage.import_chat("one", "two, changed", "three", "four")
    stage.do("chat_retitle", chat={"title": "After the import"})


THREE = ("one", "two", "three")
CHAT_HISTORIES: Mapping[str, Act] = {
    "texts are edited": _edits,
    "a chat gets another title": lambda stage: stage.do("chat_retitle", chat={"title": "Another  title\n🥊"}),
    "a chat is archived, thrown away and brought back": _life,
    "messages are added": _additions,
    "messages are removed and restored": _removals,
    "messages are moved": _moves,
    "messages are moved around a removed one": _moves_around_removed,
    "a chat is shared and no longer": _members,
    "a whole chat is saved": _whole_saves,
    "another branch is shown": _select_a_branch,
}


def _chat_history(stage: Stage, name: str, user_id: int, before: JsonDict, act: Act) -> JsonDict:
    act(stage)
    fresh = stage.library.chat(user_id, stage.chat_id)
    entries = stage.library.entries(fresh["channel"], before["offset"])
    return {"name": name, "userId": user_id, "before": before, "entries": entries, "fresh": fresh}


def _chat_histories(stage: Stage) -> Iterator[JsonDict]:
    for name, act in CHAT_HISTORIES.items():
        stage.new_chat(*THREE)
        yield _chat_history(stage, name, stage.ada, stage.library.chat(stage.ada, stage.chat_id), act)
    stage.new_chat(*THREE)
    stage.share("viewer")
    before = stage.library.chat(stage.ben, stage.chat_id)
    yield _chat_history(stage, "a viewer becomes an editor", stage.ben, before, lambda stage: stage.share("editor"))
    stage.new_chat()
    empty = {**stage.library.chat(stage.ada, stage.chat_id), "offset": 0, "title": ""}
    yield _chat_history(stage, "a chat is created", stage.ada, empty, lambda stage: stage.add("first"))
    stage.import_chat(*THREE)
    before = stage.library.chat(stage.ada, stage.chat_id)
    yield _chat_history(stage, "a chat is imported again", stage.ada, before, _import_again)


# People ---------------------------------------------------------------------------------------------


def _lists_live(stage: Stage) -> None:
    stage.new_chat("one")
    stage.do("chat_retitle", chat={"title": "Another title"})
    stage.add("two")
    stage.do("chat_archive", archived=True)
    stage.new_chat("thrown away")
    stage.do("chat_delete")
    stage.import_chat("one", "two", "three", "four", "five")


def _sharing(stage: Stage) -> None:
    stage.new_chat("kept")
    stage.share()
    stage.new_chat("taken back")
    stage.share()
    stage.do("chat_retitle", chat={"title": "Seen by both"})
    stage.do("chat_unshare", userId=stage.ben)


def _notifications(stage: Stage) -> None:
    made = [stage.library.do(stage.ada, "notification", message=f"told {n}", level="warning") for n in range(3)]
    stage.library.do(stage.ada, "notifications_read", upTo=made[1].result["notificationId"])
    stage.library.do(stage.ada, "notification", message="and later")


USER_HISTORIES: Mapping[str, tuple[str, Act]] = {
    "chats are made, changed and imported": ("ada", _lists_live),
    "chats are shared, seen by their owner": ("ada", _sharing),
    "chats are shared, seen by a member": ("ben", _sharing),
    "notifications come and are read": ("ada", _notifications),
}


def _user_histories(stage: Stage) -> Iterator[JsonDict]:
    for name, (person, act) in USER_HISTORIES.items():
        user_id = stage.ada if person == "ada" else stage.ben
        before = lists_of(stage.library, user_id)
        act(stage)
        fresh = lists_of(stage.library, user_id)
        entries = stage.library.entries(f"user:{user_id}", before["notifications"]["offset"])
        yield {"name": name, "userId": user_id, "before": before, "entries": entries, "fresh": fresh}


def lists_of(library: OwnLibrary, user_id: int) -> JsonDict:
    """What the page loads of one person: each view of the list, and the notifications."""
    channel = f"user:{user_id}"
    with library.reading() as db:
        epoch, offset = channel_position(db, channel)
        place = {"next": None, "channel": channel, "epoch": epoch, "offset": offset}
        pages = {view: list_chats(db, user_id, view, 200, None).items for view in VIEWS}
        told = list_notifications(db, user_id, 200, None).items
        unread = count_unread(db, user_id)
    views: JsonDict = {view: {"items": [_json(each) for each in page], **place} for view, page in pages.items()}
    return {**views, "notifications": {"items": [_json(each) for each in told], "unread": unread, **place}}


def _json(model: WireModel) -> JsonDict:
    found: JsonDict = json.loads(model.wire_json())
    return found


# Files ----------------------------------------------------------------------------------------------


def made() -> dict[str, str]:
    """The content of each file."""
    with tempfile.TemporaryDirectory() as folder, own_library(Path(folder)) as library:
        stage = Stage(library, Path(folder))
        of_chats, of_people = list(_chat_histories(stage)), list(_user_histories(stage))
    return {"chat_histories.json": _text(of_chats), "user_histories.json": _text(of_people)}


def _text(histories: list[JsonDict]) -> str:
    """Without what is another each time: epochs, and moments, of which only the order is kept."""
    text = json.dumps(histories, ensure_ascii=False, indent=1) + "\n"
    text = re.sub(r'"epoch": "[^"]+"', '"epoch": "e"', text)
    moments = {moment for moment in re.findall(r"\b\d{13}\b", text) if int(moment) >= FIRST_TIME_MS}
    numbers = {moment: str(FIRST_TIME_MS + rank) for rank, moment in enumerate(sorted(moments))}
    return re.sub(r"\b\d{13}\b", lambda found: numbers.get(found[0], found[0]), text)


if __name__ == "__main__":
    for name, content in made().items():
        (HERE / name).write_text(content)
