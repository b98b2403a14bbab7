"""Editing the text of one message: late changes are rebased over what was committed since, never refused for it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from chatsynth.changes import ChangeJson, ChangeSet, InvalidChange, Text, apply, diff, invert, map_pos, normalize_text
from chatsynth.changes import rebase as rebase_change
from chatsynth.database.unit import Unit
from chatsynth.features.chats.access import Access, chat_channel
from chatsynth.features.chats.changes_json import changes_json
from chatsynth.features.chats.listing import tell_lists
from chatsynth.features.chats.plain import chat_updated
from chatsynth.features.chats.repository import set_text, text_row, touch
from chatsynth.features.chats.wire import ChatUpdated, TextChange
from chatsynth.log.append import Authorship, append
from chatsynth.log.recover import StoredChange, changes_since
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import AfterCommit

TEXT_ENTRY = "chat_updated"
MAX_TEXT_UNITS = 4_000_000
"""Of a text that an import brings; how long one may become that a person writes is a setting (`max_text_units`)."""
LISTED_AGAIN_MS = 60_000

TOO_OLD = "This change was made against a version that is no longer kept. Load the chat again and apply it there."
FROM_THE_FUTURE = "This change says it was made against a version that does not exist yet."


@dataclass(frozen=True, slots=True)
class MessageText:
    """A message's text as it is now, and the changes that were committed after `base`."""

    message_id: int
    text: Text
    parts: str | None
    chat_updated_at: int
    since: Sequence[StoredChange]

    def at_base(self) -> Text:
        text = self.text
        for change in reversed(self.since):
            assert change.inverse is not None
            text = apply(_stored(json.loads(change.inverse)), text)
        return text

    def committed(self) -> list[ChangeSet]:
        return [_stored(json.loads(change.body)["chat"]["changes"]) for change in self.since]


def _stored(changes: object) -> ChangeSet:
    """From the log: rebasing may have given it more parts than a client may send."""
    return ChangeSet.from_json(changes, max_parts=None, max_inserted=None)


def read_text(db: Connection, chat_id: int, message_id: int, base: int | None) -> MessageText:
    """`base` None means the text as it is now. Raises Refused when the log does not reach back to `base`."""
    row = text_row(db, chat_id, message_id)
    since: Sequence[StoredChange] = ()
    if base is not None and base != row.head:
        if base > row.head:
            raise Refused(ErrorCode.INVALID, FROM_THE_FUTURE)
        if base < row.pruned_to:
            raise Refused(ErrorCode.TOO_OLD, TOO_OLD)
        since = changes_since(db, chat_channel(chat_id), base, TEXT_ENTRY, message_id)
    return MessageText(message_id, Text.of(row.text), row.parts, row.chat_updated_at, since)


def refuse_longer(content: str, max_text_units: int) -> None:
    if len(content.encode("utf-16-le", "surrogatepass")) > 2 * max_text_units:
        raise _too_long(max_text_units)


def _too_long(max_text_units: int) -> Refused:
    return Refused(ErrorCode.TOO_LARGE, f"A message holds at most {max_text_units:,} characters.")


def edit_with_changes(
    unit: Unit[AfterCommit],
    access: Access,
    message_id: int,
    base: int | None,
    changes: ChangeJson,
    by: Authorship,
    max_text_units: int = MAX_TEXT_UNITS,
) -> int:
    """Rebases, applies and logs a change set; returns the offset of its entry."""
    found = read_text(unit.db, access.chat_id, message_id, base)
    try:
        change = ChangeSet.from_json(changes, max_inserted=None)
        return _commit(unit, access, found, rebase_change(change, found.committed()), by, max_text_units)
    except InvalidChange as invalid:
        raise Refused(ErrorCode.INVALID, f"This change does not fit the text: {invalid}") from invalid


def edit_with_content(
    unit: Unit[AfterCommit],
    access: Access,
    message_id: int,
    base: int | None,
    content: str,
    by: Authorship,
    max_text_units: int = MAX_TEXT_UNITS,
) -> int:
    """Stores a whole new text as its difference to the text at `base`, so that it wipes out nobody's edit since."""
    found = read_text(unit.db, access.chat_id, message_id, base)
    change = diff(found.at_base(), normalize_text(content))
    return _commit(unit, access, found, rebase_change(change, found.committed()), by, max_text_units)


def _commit(
    unit: Unit[AfterCommit],
    access: Access,
    found: MessageText,
    change: ChangeSet,
    by: Authorship,
    max_text_units: int,
) -> int:
    if change.length_after > max(max_text_units, change.length_before):  # what is too long may become shorter
        raise _too_long(max_text_units)
    text = str(apply(change, found.text))
    message_id = found.message_id
    # It is ours, and looking at each line of a paste again takes long.
    logged = TextChange.model_construct(id=access.chat_id, message_id=message_id, changes=change.to_json())
    set_text(unit.db, message_id, text, moved_parts(found.parts, change), unit.now_ms)
    _move_up(unit, access, found, by)
    return append(
        unit,
        chat_channel(access.chat_id),
        ChatUpdated(chat=logged),
        by,
        subject_id=message_id,
        inverse=changes_json(invert(change, found.text).to_json()).decode(),
        plain=chat_updated(access.audience, access.chat_id, messageId=message_id, content=text),
    )


def _move_up(unit: Unit[AfterCommit], access: Access, found: MessageText, by: Authorship) -> None:
    """An edited chat moves up in the lists of all who see it; who types on does not tell them again with each key."""
    if not 0 <= unit.now_ms - found.chat_updated_at < LISTED_AGAIN_MS:
        touch(unit.db, access.chat_id, unit.now_ms)
        tell_lists(unit, access, by)


def moved_parts(parts: str | None, change: ChangeSet) -> str | None:
    """The parts of a message stay where they stood in the text; they follow through each change."""
    if parts is None:
        return None
    placed = json.loads(parts)
    for part in placed:
        part["at"] = map_pos(change, min(part["at"], change.length_before), 1)
    return json.dumps(placed)
