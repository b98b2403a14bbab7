"""Writes pieces of conversations into somebody's library, with their log entries.

Everything here runs in the caller's transaction, which holds the write lock: what is looked up stays true.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import bindparam, select, update

from chatsynth.database.prepared import Prepared
from chatsynth.database.unit import Unit
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.accounts.tables import users
from chatsynth.features.chats.access import chat_channel
from chatsynth.features.chats.lifecycle import one_line
from chatsynth.features.chats.listing import list_for
from chatsynth.features.chats.tables import chats
from chatsynth.features.chats.wire import ChatCreated, ChatsListed, ChatSummary, MessagesImported
from chatsynth.features.imports.batches import Piece
from chatsynth.features.imports.canonical import Conversation
from chatsynth.features.imports.chat_sources import replace_sources
from chatsynth.features.imports.known import KnownChat, key_of, known_chats, known_messages
from chatsynth.features.imports.merge import merge
from chatsynth.features.imports.pieces import PreparedPiece, add_message, source_ids_of
from chatsynth.features.imports.report import Outcome, Verdict
from chatsynth.features.imports.rows import NewRows
from chatsynth.features.imports.unnamed import is_made_of_content
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.append import Authorship, append
from chatsynth.log.begin import begin_logs
from chatsynth.realtime.publication import AfterCommit

_OWNER_NAME = Prepared(select(users.c.name).where(users.c.id == bindparam("owner_id")))


class OpenChat(WireModel):
    """A conversation of which the first `messagesDone` messages are stored. `leafId` ends the branch shown so far."""

    chat_id: int
    source_id: str
    messages_done: int
    verdict: Verdict
    leaf_id: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of each piece; `open_chat` is the last one's conversation if that goes on."""

    outcomes: Sequence[Outcome]
    open_chat: OpenChat | None


def store(
    unit: Unit[AfterCommit], owner_id: int, pieces: Sequence[PreparedPiece], open_chat: OpenChat | None
) -> Stored:
    """`open_chat` is the conversation that the first piece goes on with, if it does."""
    known = known_chats(unit.db, owner_id, [key_of(each.piece.conversation) for each in pieces])
    writing = _Writing(unit, owner_id, NewRows.after(unit.db))
    outcomes: list[Outcome] = []
    for prepared in pieces:
        outcome, now = writing.store_piece(prepared, known.get(key_of(prepared.piece.conversation)), open_chat)
        open_chat = None if prepared.piece.is_last else now
        outcomes.append(outcome)
    writing.finish()
    return Stored(outcomes, open_chat)


@dataclass(slots=True)
class _Writing:
    unit: Unit[AfterCommit]
    owner_id: int
    rows: NewRows
    new_logs: list[tuple[str, WireModel]] = field(default_factory=list)
    new_chats: list[ChatSummary] = field(default_factory=list)
    listed: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def store_piece(
        self, prepared: PreparedPiece, known: KnownChat | None, before: OpenChat | None
    ) -> tuple[Outcome, OpenChat]:
        piece = prepared.piece
        if known is None:
            outcome, now = self._create(prepared)
        elif before is not None and before.verdict == "imported" and self._may_append(piece, known):
            outcome, now = self._append(prepared, before)
        else:
            outcome, now = self._merge(prepared, known, before)
        if piece.is_last:
            outcome.verdict = now.verdict
            outcome.unknown = piece.conversation.unknown
            outcome.platform = piece.conversation.platform
            outcome.without_id = now.verdict == "imported" and is_made_of_content(piece.conversation.source_id)
        return outcome, now

    def finish(self) -> None:
        self.rows.insert(self.unit.db)
        begin_logs(self.unit.db, self.new_logs, Authorship(self.owner_id), self.unit.now_ms)
        if self.new_chats:
            listed = ChatsListed(chats=tuple(self.new_chats))
            append(self.unit, user_channel(self.owner_id), listed, Authorship(self.owner_id))
        for user_id, chat_ids in sorted(self.listed.items()):
            list_for(self.unit, user_id, sorted(chat_ids), Authorship(self.owner_id))

    def _create(self, prepared: PreparedPiece) -> tuple[Outcome, OpenChat]:
        piece, chat_id = prepared.piece, self.rows.next_chat_id()
        ids = self._add_messages(prepared, chat_id, {})
        leaf_id = _leaf_of(piece, ids, None)
        self._add_chat(piece.conversation, chat_id, leaf_id, len(ids))
        self.rows.chat_sources.append((chat_id, prepared.compressed_source()))
        return Outcome(imported=len(ids)), OpenChat(
            chat_id=chat_id,
            source_id=piece.conversation.source_id,
            messages_done=piece.stop,
            verdict="imported",
            leaf_id=leaf_id,
        )

    def _add_chat(self, conversation: Conversation, chat_id: int, leaf_id: int | None, count: int) -> None:
        title, now_ms = one_line(conversation.title), self.unit.now_ms
        created_at, updated_at = _times(conversation, now_ms)
        archived_at = updated_at if conversation.archived else None
        source = key_of(conversation)
        self.rows.chats.append(
            (chat_id, self.owner_id, title, *source, created_at, updated_at, archived_at, leaf_id, count)
        )
        self.rows.members.append((chat_id, self.owner_id, "owner", now_ms))
        self.new_logs.append((chat_channel(chat_id), ChatCreated(title=title)))
        self.new_chats.append(
            ChatSummary(
                id=chat_id,
                title=title,
                platform=conversation.platform,
                role="owner",
                owner_name=self._owner_name(),
                is_shared=False,
                created_at=created_at,
                updated_at=updated_at,
                archived_at=archived_at,
                deleted_at=None,
                message_count=count,
            )
        )

    def _owner_name(self) -> str:
        if self.new_chats:
            return self.new_chats[0].owner_name
        return cast("tuple[str]", _OWNER_NAME.one(self.unit.db, owner_id=self.owner_id))[0]

    def _add_messages(self, prepared: PreparedPiece, chat_id: int, known_ids: Mapping[str, int]) -> dict[str, int]:
        """The numbers of the added messages."""
        ids, added = dict(known_ids), dict[str, int]()
        for index, message in enumerate(prepared.piece.messages):
            ids[message.source_id] = added[message.source_id] = add_message(self.rows, prepared, index, chat_id, ids)
        return added

    def _may_append(self, piece: Piece, chat: KnownChat) -> bool:
        """Whether nobody else was here since the piece before: no trash, and no other import of the same file."""
        mine = {message.source_id for message in piece.messages}
        return chat.deleted_at is None and not known_messages(self.unit.db, chat.id, mine)

    def _append(self, prepared: PreparedPiece, before: OpenChat) -> tuple[Outcome, OpenChat]:
        """The next messages of a chat that this import has created."""
        db, piece, chat_id = self.unit.db, prepared.piece, before.chat_id
        known = known_messages(db, chat_id, source_ids_of(piece))
        added = self._add_messages(prepared, chat_id, {source_id: each.id for source_id, each in known.items()})
        leaf_id = _leaf_of(piece, added, before.leaf_id)
        this_chat = chats.c.id == chat_id
        db.execute(update(chats).where(this_chat).values(message_count=chats.c.message_count + len(added)))
        nobody_chose = chats.c.active_leaf_id.is_not_distinct_from(before.leaf_id)
        db.execute(update(chats).where(this_chat, nobody_chose).values(active_leaf_id=leaf_id))
        entry = MessagesImported(added=len(added), updated=0)
        append(self.unit, chat_channel(chat_id), entry, Authorship(self.owner_id))
        self.listed[self.owner_id].add(chat_id)
        now = {"messages_done": piece.stop, "leaf_id": leaf_id}
        return Outcome(imported=len(added)), before.model_copy(update=now)

    def _merge(self, prepared: PreparedPiece, chat: KnownChat, before: OpenChat | None) -> tuple[Outcome, OpenChat]:
        outcome, changed_for = merge(self.unit, self.owner_id, self.rows, chat, prepared)
        for user_id in changed_for.roles if changed_for else ():
            self.listed[user_id].add(chat.id)
        verdict: Verdict = "unchanged" if before is None else before.verdict
        if verdict == "unchanged" and changed_for:
            verdict = "updated"
        if prepared.piece.is_last and verdict == "updated":
            replace_sources(self.unit.db, chat.id, prepared)
        return outcome, OpenChat(
            chat_id=chat.id,
            source_id=prepared.piece.conversation.source_id,
            messages_done=prepared.piece.stop,
            verdict=verdict,
            leaf_id=chat.active_leaf_id,
        )


def _times(conversation: Conversation, now_ms: int) -> tuple[int, int]:
    """When the chat was created and last changed, as well as the export tells."""
    sent = [message.created_at for message in conversation.messages if message.created_at is not None]
    created_at = conversation.created_at or min(sent, default=conversation.updated_at or now_ms)
    return created_at, conversation.updated_at or max(sent, default=created_at)


def _leaf_of(piece: Piece, ids: Mapping[str, int], before: int | None) -> int | None:
    """The end of the branch to show, as far as it is stored."""
    leaf = piece.conversation.active_leaf
    if leaf is not None and leaf in ids:
        return ids[leaf]
    return next((ids[each] for each in reversed(list(ids)) if each in piece.shown), before)
