"""Adding, removing, moving messages and choosing branches: each a named change in the chat's log."""

import json
from collections.abc import Container

from sqlalchemy import Connection, update

from chatsynth.changes import normalize_text
from chatsynth.database.unit import Unit
from chatsynth.features.chats import repository
from chatsynth.features.chats.access import Access, chat_channel
from chatsynth.features.chats.plain import chat_updated, whole_chat
from chatsynth.features.chats.tables import messages
from chatsynth.features.chats.tree import Node, leaf_below, path_to, plan_move, visible_before
from chatsynth.features.chats.wire import (
    BranchSelected,
    Message,
    MessageAdded,
    MessageMoved,
    MessageRemoved,
    MessageRestored,
    NewMessage,
)
from chatsynth.log.append import Authorship, append
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import AfterCommit, PlainForm

REMOVES, RESTORES = json.dumps("remove"), json.dumps("restore")
"""How a change of what is shown is undone; null where nothing changed."""
ELSEWHERE = "The message that this should follow is not on the branch that is shown."


def add_at_end(unit: Unit[AfterCommit], access: Access, new: NewMessage, by: Authorship) -> tuple[int, int]:
    """The new message's number and the offset of its entry."""
    leaf_id = repository.chat_row(unit.db, access.chat_id)["active_leaf_id"]
    message_id = _insert(unit, access.chat_id, leaf_id, new)
    repository.set_leaf(unit.db, access.chat_id, message_id)
    return message_id, _log_added(unit, access, message_id, _visible_from(unit.db, access.chat_id, leaf_id), by)


def add_after(
    unit: Unit[AfterCommit],
    access: Access,
    after: int | None,
    new: NewMessage,
    by: Authorship,
    shown: Container[int] | None = None,
) -> tuple[int, int]:
    """Puts a message between `after` (None: the beginning) and all that follows it.

    Who adds many says which messages are `shown`: finding out costs as much as the chat is long.
    """
    chat = repository.chat_row(unit.db, access.chat_id)
    if after is not None:
        repository.message_row(unit.db, access.chat_id, after)
    is_leaf = after == chat["active_leaf_id"]
    if shown is None and not is_leaf and after is not None:
        shown = shown_ids(unit.db, access.chat_id)
    is_shown = is_leaf or after is None or (shown is not None and after in shown)
    message_id = _insert(unit, access.chat_id, after, new)
    repository.adopt_children(unit.db, access.chat_id, after, message_id)
    if is_leaf:
        repository.set_leaf(unit.db, access.chat_id, message_id)
    if not is_shown:
        return message_id, _log_reload(unit, access, message_id, by)
    return message_id, _log_added(unit, access, message_id, _visible_from(unit.db, access.chat_id, after), by)


def _insert(unit: Unit[AfterCommit], chat_id: int, parent_id: int | None, new: NewMessage) -> int:
    text = normalize_text(new.content)
    message_id = repository.insert_message(unit.db, chat_id, parent_id, new, text, unit.now_ms)
    repository.add_to_count(unit.db, chat_id, 1)
    repository.touch(unit.db, chat_id, unit.now_ms)
    return message_id


def _visible_from(db: Connection, chat_id: int, message_id: int | None) -> int | None:
    """This message, or the nearest before it that is not removed."""
    while message_id is not None:
        row = repository.message_row(db, chat_id, message_id)
        if row["removed_at"] is None:
            return message_id
        message_id = row["parent_id"]
    return None


def shown_ids(db: Connection, chat_id: int) -> set[int]:
    """The messages on the branch that is shown, removed ones included."""
    return {node.id for node in _active_path(db, chat_id)}


def _log_added(unit: Unit[AfterCommit], access: Access, message_id: int, after: int | None, by: Authorship) -> int:
    message = repository.load_message(unit.db, access.chat_id, message_id)
    added = MessageAdded(message=message, after=after)
    plain = _plain_message(access, message, after)
    return append(unit, chat_channel(access.chat_id), added, by, subject_id=message_id, plain=plain)


def _plain_message(access: Access, message: Message, after: int | None) -> PlainForm:
    return chat_updated(
        access.audience,
        access.chat_id,
        messageId=message.id,
        role=message.role,
        content=message.content,
        after=after,
    )


def remove(unit: Unit[AfterCommit], access: Access, message_id: int, by: Authorship) -> int:
    """Takes a message out of sight; it stays in the tree and can be restored. Twice is the same as once."""
    row = repository.message_row(unit.db, access.chat_id, message_id)
    was_there = row["removed_at"] is None
    if was_there:
        _set_removed(unit, access.chat_id, message_id, unit.now_ms)
        repository.add_to_count(unit.db, access.chat_id, -1)
    inverse = RESTORES if was_there else None
    removed = MessageRemoved(message_id=message_id)
    plain = chat_updated(access.audience, access.chat_id, messageId=message_id, removed=True)
    channel = chat_channel(access.chat_id)
    return append(unit, channel, removed, by, subject_id=message_id, inverse=inverse, plain=plain)


def restore(unit: Unit[AfterCommit], access: Access, message_id: int, by: Authorship) -> int:
    row = repository.message_row(unit.db, access.chat_id, message_id)
    was_removed = row["removed_at"] is not None
    if was_removed:
        _set_removed(unit, access.chat_id, message_id, None)
        repository.add_to_count(unit.db, access.chat_id, 1)
    path = _active_path(unit.db, access.chat_id)
    if all(node.id != message_id for node in path):
        return _log_reload(unit, access, message_id, by)
    message = repository.load_message(unit.db, access.chat_id, message_id)
    after = visible_before(path, message_id)
    restored = MessageRestored(message=message, after=after)
    plain = _plain_message(access, message, after)
    inverse = REMOVES if was_removed else None
    channel = chat_channel(access.chat_id)
    return append(unit, channel, restored, by, subject_id=message_id, inverse=inverse, plain=plain)


def _set_removed(unit: Unit[AfterCommit], chat_id: int, message_id: int, at_ms: int | None) -> None:
    unit.db.execute(update(messages).where(messages.c.id == message_id).values(removed_at=at_ms))
    repository.touch(unit.db, chat_id, unit.now_ms)


def _active_path(db: Connection, chat_id: int) -> list[Node]:
    leaf_id = repository.chat_row(db, chat_id)["active_leaf_id"]
    return path_to(leaf_id, repository.nodes_of(db, chat_id))


def move(unit: Unit[AfterCommit], access: Access, message_id: int, after: int | None, by: Authorship) -> int:
    """Both must be on the branch that is shown; a message cannot follow itself."""
    nodes = repository.nodes_of(unit.db, access.chat_id)
    leaf_id = repository.chat_row(unit.db, access.chat_id)["active_leaf_id"]
    path = [node.id for node in path_to(leaf_id, nodes)]
    shown = set(path)
    if message_id not in nodes:
        repository.message_row(unit.db, access.chat_id, message_id)
    if message_id not in shown or (after is not None and after not in shown):
        raise Refused(ErrorCode.CONFLICT, ELSEWHERE)
    if after == message_id:
        raise Refused(ErrorCode.INVALID, "A message cannot follow itself.")
    plan = plan_move(message_id, after, leaf_id, nodes)
    repository.place(unit.db, plan.placements)
    repository.set_leaf(unit.db, access.chat_id, plan.leaf_id)
    repository.touch(unit.db, access.chat_id, unit.now_ms)
    if not plan.is_linear:
        return _log_reload(unit, access, message_id, by)
    visible = visible_before(_active_path(unit.db, access.chat_id), message_id)
    moved = MessageMoved(message_id=message_id, after=visible)
    plain = chat_updated(access.audience, access.chat_id, messageId=message_id, after=visible)
    at = path.index(message_id)
    inverse = json.dumps({"after": path[at - 1] if at else None})
    channel = chat_channel(access.chat_id)
    return append(unit, channel, moved, by, subject_id=message_id, inverse=inverse, plain=plain)


def select_branch(unit: Unit[AfterCommit], access: Access, message_id: int, by: Authorship) -> int:
    nodes = repository.nodes_of(unit.db, access.chat_id)
    if message_id not in nodes:
        repository.message_row(unit.db, access.chat_id, message_id)
    repository.set_leaf(unit.db, access.chat_id, leaf_below(message_id, nodes.values()))
    return _log_reload(unit, access, message_id, by)


def _log_reload(unit: Unit[AfterCommit], access: Access, message_id: int, by: Authorship) -> int:
    """For changes of the tree that are more than one line can say: everyone loads the snapshot again."""
    selected = BranchSelected(message_id=message_id)
    plain = whole_chat(unit.db, access)
    return append(unit, chat_channel(access.chat_id), selected, by, subject_id=message_id, plain=plain)
