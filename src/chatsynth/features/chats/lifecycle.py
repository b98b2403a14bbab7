"""Creating, naming, archiving, deleting and restoring whole chats."""

from sqlalchemy import insert, update

from chatsynth.changes import normalize_text
from chatsynth.database.unit import Unit
from chatsynth.features.chats import repository
from chatsynth.features.chats.access import Access, chat_channel
from chatsynth.features.chats.listing import list_for, tell_lists
from chatsynth.features.chats.plain import chat_updated
from chatsynth.features.chats.tables import chats, members
from chatsynth.features.chats.wire import ChatArchived, ChatCreated, ChatDeleted, ChatRestored, ChatRetitled, NewChat
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.append import Authorship, append
from chatsynth.realtime.publication import AfterCommit

UNTITLED = "Untitled chat"


def one_line(title: str) -> str:
    """A title has no line breaks and no control characters, and is never empty."""
    printable = "".join(each if each.isprintable() else " " for each in normalize_text(title))
    return " ".join(printable.split())[:500] or UNTITLED


def create(unit: Unit[AfterCommit], owner_id: int, new: NewChat, by: Authorship) -> tuple[int, int]:
    """The new chat's number and the offset of its first entry."""
    title = one_line(new.title)
    row = {"owner_id": owner_id, "title": title, "created_at": unit.now_ms, "updated_at": unit.now_ms}
    chat_id = unit.db.execute(insert(chats).values(row).returning(chats.c.id)).scalar_one()
    owner = {"chat_id": chat_id, "user_id": owner_id, "role": "owner", "created_at": unit.now_ms}
    unit.db.execute(insert(members).values(owner))
    _insert_messages(unit, chat_id, new)
    audience = frozenset({owner_id})
    plain = chat_updated(audience, chat_id, title=title)
    offset = append(unit, chat_channel(chat_id), ChatCreated(title=title), by, plain=plain)
    list_for(unit, owner_id, [chat_id], by)
    return chat_id, offset


def _insert_messages(unit: Unit[AfterCommit], chat_id: int, new: NewChat) -> None:
    leaf_id: int | None = None
    for message in new.messages:
        text = normalize_text(message.content)
        leaf_id = repository.insert_message(unit.db, chat_id, leaf_id, message, text, unit.now_ms)
    repository.set_leaf(unit.db, chat_id, leaf_id)
    repository.add_to_count(unit.db, chat_id, len(new.messages))


def retitle(unit: Unit[AfterCommit], access: Access, title: str, by: Authorship) -> int:
    return _change(unit, access, {"title": one_line(title)}, ChatRetitled(title=one_line(title)), by)


def archive(unit: Unit[AfterCommit], access: Access, archived: bool, by: Authorship) -> int:
    at_ms = unit.now_ms if archived else None
    return _change(unit, access, {"archived_at": at_ms}, ChatArchived(archived_at=at_ms), by)


def delete(unit: Unit[AfterCommit], access: Access, by: Authorship) -> int:
    """Into the trash; everyone who could see the chat sees it there."""
    return _change(unit, access, {"deleted_at": unit.now_ms}, ChatDeleted(deleted_at=unit.now_ms), by)


def restore(unit: Unit[AfterCommit], access: Access, by: Authorship) -> int:
    return _change(unit, access, {"deleted_at": None}, ChatRestored(), by)


def _change(
    unit: Unit[AfterCommit], access: Access, columns: dict[str, object], entry: WireModel, by: Authorship
) -> int:
    changed = {**columns, "updated_at": unit.now_ms}
    unit.db.execute(update(chats).where(chats.c.id == access.chat_id).values(changed))
    fields = entry.model_dump(by_alias=True, exclude={"type"}) or {"deletedAt": None}
    plain = chat_updated(access.audience, access.chat_id, **fields)
    offset = append(unit, chat_channel(access.chat_id), entry, by, plain=plain)
    tell_lists(unit, access, by)
    return offset
