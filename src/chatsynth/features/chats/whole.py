"""Saving a whole chat at once: the difference to what the client had is carried out, message by message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from sqlalchemy import Connection

from chatsynth.changes import normalize_text
from chatsynth.database.unit import Unit
from chatsynth.features.chats import repository, structure
from chatsynth.features.chats.access import Access, chat_channel
from chatsynth.features.chats.branch_history import STRUCTURAL_KINDS, Branch
from chatsynth.features.chats.branch_history import before as branch_before
from chatsynth.features.chats.editing import edit_with_content, read_text, refuse_longer
from chatsynth.features.chats.plain import visible_messages, whole_chat
from chatsynth.features.chats.transcript import Addition, Edit, Removal, Section, Step, parse, steps_between
from chatsynth.features.chats.tree import path_to
from chatsynth.features.chats.wire import NewMessage, WholeMessage
from chatsynth.log.append import Authorship, channel_position
from chatsynth.log.recover import entries_since
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import AfterCommit, Publication

OTHER_MESSAGES = "Since this version of the chat other messages are shown. Load it again and make the change there."
MOST_STEPS = 1_000
MOST_SECTIONS = 20_000
"""Both bound how long one save keeps everyone else's changes waiting (promise P7)."""


@dataclass(frozen=True, slots=True)
class _Had:
    """A message that the client had, as it was then."""

    id: int
    section: Section


def save_transcript(
    unit: Unit[AfterCommit],
    access: Access,
    base: int | None,
    transcript: str,
    by: Authorship,
    max_text_units: int,
) -> int:
    """Returns the offset of the last entry that was written, or the head if nothing changed."""
    if transcript.count("\n## ") > MOST_SECTIONS:
        raise Refused(ErrorCode.TOO_LARGE, f"A transcript may have at most {MOST_SECTIONS:,} headings.")
    had = _what_client_had(unit.db, access.chat_id, base)
    was = [each.section for each in had]
    steps = steps_between(was, parse(normalize_text(transcript), was[0].role if was else "user"))
    return _carry_out(unit, access, base, had, steps, by, max_text_units)


def save_messages(
    unit: Unit[AfterCommit],
    access: Access,
    base: int | None,
    whole: Sequence[WholeMessage],
    by: Authorship,
    max_text_units: int,
) -> int:
    """As `save_transcript`, for a list of messages that say which they are."""
    had = _what_client_had(unit.db, access.chat_id, base)
    steps = _steps_by_id(had, whole)
    return _carry_out(unit, access, base, had, steps, by, max_text_units)


def _steps_by_id(had: Sequence[_Had], whole: Sequence[WholeMessage]) -> list[Step]:
    index_of = {each.id: index for index, each in enumerate(had)}
    named = {message.id for message in whole if message.id is not None}
    if named - index_of.keys():
        raise Refused(ErrorCode.NOT_FOUND, "One of these messages does not exist in this chat.")
    steps: list[Step] = [Removal(index) for index, each in enumerate(had) if each.id not in named]
    before = 0
    for message in whole:
        if message.id is None:
            steps.append(Addition(before, Section(message.role, message.content)))
        else:
            index, content = index_of[message.id], normalize_text(message.content)
            before = index + 1
            if content != had[index].section.content:
                steps.append(Edit(index, content))
    return steps


def _what_client_had(db: Connection, chat_id: int, base: int | None) -> list[_Had]:
    """What the chat showed at `base`, with the texts that it had then."""
    if base is None:
        return [_Had(each.id, Section(each.role, each.content)) for each in visible_messages(db, chat_id)]
    had: list[_Had] = []
    for message in repository.load_messages(db, chat_id, _shown_at(db, chat_id, base)):
        if not message.hidden:
            text = str(read_text(db, chat_id, message.id, base).at_base())
            had.append(_Had(message.id, Section(message.role, text)))
    return had


def _shown_at(db: Connection, chat_id: int, base: int) -> list[int]:
    leaf_id = repository.chat_row(db, chat_id)["active_leaf_id"]
    path = path_to(leaf_id, repository.nodes_of(db, chat_id))
    now = Branch([node.id for node in path], {node.id for node in path if not node.is_removed})
    was = branch_before(now, entries_since(db, chat_channel(chat_id), base, STRUCTURAL_KINDS))
    if was is None:  # compared with what the client never had, its texts would take the place of other messages'
        raise Refused(ErrorCode.TOO_OLD, OTHER_MESSAGES)
    return was.shown_in_order()


def _carry_out(
    unit: Unit[AfterCommit],
    access: Access,
    base: int | None,
    had: Sequence[_Had],
    steps: Sequence[Step],
    by: Authorship,
    max_text_units: int,
) -> int:
    if len(steps) > MOST_STEPS:
        raise Refused(ErrorCode.TOO_LARGE, f"A save may change at most {MOST_STEPS:,} messages of a chat at once.")
    published = len(unit.after_commit)
    shown = structure.shown_ids(unit.db, access.chat_id)
    anchors = {index: each.id for index, each in enumerate(had)}
    for step in steps:
        match step:
            case Edit(index, content):
                edit_with_content(unit, access, had[index].id, base, content, by, max_text_units)
            case Removal(index):
                structure.remove(unit, access, had[index].id, by)
            case Addition(before, section):
                refuse_longer(section.content, max_text_units)
                new = NewMessage(role=section.role, content=section.content)
                after = anchors.get(before - 1)
                added, _ = structure.add_after(unit, access, after, new, by, shown)
                anchors[before - 1] = added
                if after is None or after in shown:
                    shown.add(added)
            case _:
                assert_never(step)
    if len(unit.after_commit) == published and had:  # PLN2: a save that changes nothing is answered all the same
        edit_with_content(unit, access, had[0].id, base, had[0].section.content, by)
    _say_it_once_to_plain(unit, access, published)
    return channel_position(unit.db, chat_channel(access.chat_id))[1]


def _say_it_once_to_plain(unit: Unit[AfterCommit], access: Access, start: int) -> None:
    """Plain connections get one `chat_updated` with the whole content instead of one for each step (rule PLN3)."""
    at = [i for i in range(start, len(unit.after_commit)) if isinstance(unit.after_commit[i], Publication)]
    for i in at:
        entry = unit.after_commit[i]
        assert isinstance(entry, Publication)
        plain = whole_chat(unit.db, access) if i == at[-1] else None
        unit.after_commit[i] = Publication(entry.channel, entry.epoch, entry.offset, entry.payload, plain)
