"""Importing a conversation that is in the library already: what is new is added, what a person did here stays."""

import json
from enum import Enum, auto

from sqlalchemy import Connection, select, update

from chatsynth.database.unit import Unit
from chatsynth.features.chats import repository
from chatsynth.features.chats.access import Access, chat_channel, roles_in
from chatsynth.features.chats.editing import MAX_TEXT_UNITS, edit_with_content
from chatsynth.features.chats.lifecycle import one_line, retitle
from chatsynth.features.chats.tables import chats, messages
from chatsynth.features.chats.tree import path_to
from chatsynth.features.chats.wire import MessagesImported
from chatsynth.features.imports.canonical import Conversation, Message
from chatsynth.features.imports.known import KnownChat, KnownMessage, known_messages
from chatsynth.features.imports.pieces import PreparedPiece, add_message, source_ids_of
from chatsynth.features.imports.report import Outcome
from chatsynth.features.imports.rows import NewRows
from chatsynth.features.imports.text_cleaning import utf16_length
from chatsynth.log.append import NOBODY, Authorship, append
from chatsynth.log.tables import channels, entries
from chatsynth.realtime.publication import AfterCommit

TITLE_ENTRIES = ("chat_created", "chat_retitled")


class _Standing(Enum):
    """A known message beside the same message of the file."""

    UNCHANGED = auto()
    CHANGED = auto()
    EDITED_HERE = auto()
    REMOVED_HERE = auto()
    TOO_LONG = auto()


def merge(
    unit: Unit[AfterCommit], owner_id: int, rows: NewRows, chat: KnownChat, prepared: PreparedPiece
) -> tuple[Outcome, Access | None]:
    """Who sees the chat is returned if something has changed in it."""
    piece = prepared.piece
    if chat.deleted_at is not None:
        return Outcome(unchanged=len(piece.messages), kept_in_trash=piece.is_last), None
    access = Access(chat.id, "owner", roles_in(unit.db, chat.id))
    outcome = _merge_messages(unit, owner_id, rows, access, prepared)
    if outcome.imported:
        rows.insert(unit.db)
        _count_more(unit.db, chat.id, outcome.imported)
    retitled = piece.is_last and piece.occurrence != "older" and _retitle(unit, access, chat, piece.conversation)
    if outcome.imported or outcome.updated:
        if piece.is_last:
            _extend_branch(unit.db, chat, piece.conversation)
        entry = MessagesImported(added=outcome.imported, updated=outcome.updated)
        append(unit, chat_channel(chat.id), entry, Authorship(owner_id))
    elif not retitled:
        return outcome, None
    updated_at = max(chat.updated_at, piece.conversation.updated_at or 0)
    unit.db.execute(update(chats).where(chats.c.id == chat.id).values(updated_at=updated_at))
    return outcome, access


# Messages ---------------------------------------------------------------------------------------


def _merge_messages(
    unit: Unit[AfterCommit], owner_id: int, rows: NewRows, access: Access, prepared: PreparedPiece
) -> Outcome:
    piece, outcome = prepared.piece, Outcome()
    found = known_messages(unit.db, access.chat_id, source_ids_of(piece))
    ids = {source_id: known.id for source_id, known in found.items()}
    for index, message in enumerate(piece.messages):
        known = found.get(message.source_id)
        if known is None:
            ids[message.source_id] = add_message(rows, prepared, index, access.chat_id, ids)
            outcome.imported += 1
            continue
        standing = _standing(known, message)
        if standing is _Standing.CHANGED and piece.occurrence != "older":
            _update(unit, access, known.id, message, prepared.parts_of(index), Authorship(owner_id))
            outcome.updated += 1
        elif standing is _Standing.TOO_LONG:
            outcome.too_long += 1
        else:
            outcome.unchanged += 1
            outcome.kept_edits += standing is _Standing.EDITED_HERE
            outcome.kept_removals += standing is _Standing.REMOVED_HERE
    return outcome


def _standing(known: KnownMessage, message: Message) -> _Standing:
    if known.removed_at is not None:
        return _Standing.REMOVED_HERE
    is_hidden_the_same = bool(known.hidden) == message.hidden or known.edited_at is not None
    if known.source_hash == message.content_hash and is_hidden_the_same:
        return _Standing.UNCHANGED
    if known.edited_at is not None:
        return _Standing.EDITED_HERE
    return _Standing.TOO_LONG if utf16_length(message.text) > MAX_TEXT_UNITS else _Standing.CHANGED


def _update(
    unit: Unit[AfterCommit], access: Access, message_id: int, message: Message, parts: str | None, by: Authorship
) -> None:
    """The text changes by a logged change, which edits that are on their way are rebased over."""
    if repository.text_row(unit.db, access.chat_id, message_id).text != message.text:
        edit_with_content(unit, access, message_id, None, message.text, by)
    values = {
        "role": message.role,
        "author": message.author,
        "model": message.model,
        "parts": parts,
        "hidden": message.hidden,
        "source_hash": message.content_hash,
        "edited_at": None,  # no person has edited it
    }
    unit.db.execute(update(messages).where(messages.c.id == message_id).values(values))


def _count_more(db: Connection, chat_id: int, added: int) -> None:
    db.execute(update(chats).where(chats.c.id == chat_id).values(message_count=chats.c.message_count + added))


def _extend_branch(db: Connection, chat: KnownChat, conversation: Conversation) -> None:
    """Goes on to the end of the source's branch if that leads through the end of the branch that is shown here."""
    leaf = conversation.active_leaf
    known = known_messages(db, chat.id, [leaf]) if leaf is not None else {}
    for message in known.values():
        path = {node.id for node in path_to(message.id, repository.nodes_of(db, chat.id))}
        if chat.active_leaf_id is None or chat.active_leaf_id in path:
            repository.set_leaf(db, chat.id, message.id)


# The title --------------------------------------------------------------------------------------


def _retitle(unit: Unit[AfterCommit], access: Access, chat: KnownChat, conversation: Conversation) -> bool:
    """Takes over a new title of the source, unless a person has given one here."""
    title = one_line(conversation.title)
    if title == chat.title or _imported_title(unit.db, chat.id) != chat.title:
        return False
    retitle(unit, access, title, NOBODY)
    return True


def _imported_title(db: Connection, chat_id: int) -> str | None:
    """The title that the last import gave, from the chat's log: an import creates a chat, and retitles it as nobody."""
    created, retitled = TITLE_ENTRIES
    by_import = (entries.c.kind == created) | ((entries.c.kind == retitled) & entries.c.by_user_id.is_(None))
    body = db.execute(
        select(entries.c.body)
        .join(channels, channels.c.id == entries.c.channel_id)
        .where(channels.c.name == chat_channel(chat_id), by_import)
        .order_by(entries.c.offset.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if body is None else json.loads(body)["title"]
