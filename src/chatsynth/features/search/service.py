"""Finding messages and titles, newest first, among the chats that a person may see."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, TextClause, text

from chatsynth.features.search.query import (
    MARK_END,
    MARK_START,
    like_patterns,
    mark_substring,
    match_expression,
    needs_substring_search,
)
from chatsynth.features.search.wire import Hit, Hits
from chatsynth.kit.pagination import decode_cursor, encode_cursor

MOST_TITLES = 20

_VISIBLE = """
    JOIN chats ON chats.id = {chat_id} AND chats.deleted_at IS NULL
    JOIN members ON members.chat_id = chats.id AND members.user_id = :user_id
"""


_EVERY_WORD = """
    NOT EXISTS (SELECT 1 FROM json_each(:match) AS word WHERE {searched} NOT LIKE word.value ESCAPE '\\')
"""


def _statement(template: str, chat_id: str, searched: str = "") -> TextClause:
    """Nothing but constants of this file goes into the text; what a person typed is always a parameter."""
    visible, every_word = _VISIBLE.format(chat_id=chat_id), _EVERY_WORD.format(searched=searched)
    return text(template.format(visible=visible, every_word=every_word, start=MARK_START, end=MARK_END))


_MESSAGES = _statement(
    """
    SELECT messages.id, messages.chat_id, chats.title, chats.platform,
           snippet(messages_fts, 0, '{start}', '{end}', '…', 16) AS snippet
    FROM messages_fts JOIN messages ON messages.id = messages_fts.rowid {visible}
    WHERE messages_fts MATCH :match AND messages_fts.rowid < :before AND messages.removed_at IS NULL
    ORDER BY messages_fts.rowid DESC LIMIT :limit
    """,
    "messages.chat_id",
)
_MESSAGES_LIKE = _statement(
    """
    SELECT messages.id, messages.chat_id, chats.title, chats.platform, messages.text AS snippet
    FROM messages {visible}
    WHERE {every_word} AND messages.id < :before AND messages.removed_at IS NULL
    ORDER BY messages.id DESC LIMIT :limit
    """,
    "messages.chat_id",
    "messages.text",
)
_TITLES = _statement(
    """
    SELECT NULL AS id, chats.id AS chat_id, chats.title, chats.platform,
           highlight(chats_fts, 0, '{start}', '{end}') AS snippet
    FROM chats_fts {visible}
    WHERE chats_fts MATCH :match ORDER BY chats.updated_at DESC LIMIT :limit
    """,
    "chats_fts.rowid",
)
_TITLES_LIKE = _statement(
    """
    SELECT NULL AS id, found.id AS chat_id, chats.title, chats.platform, chats.title AS snippet
    FROM chats AS found {visible}
    WHERE {every_word} ORDER BY chats.updated_at DESC LIMIT :limit
    """,
    "found.id",
    "found.title",
)
NEWEST = 2**62


def search(db: Connection, user_id: int, typed: str, limit: int, cursor: str | None) -> Hits:
    """Titles come first, on the first page only. Raises InvalidCursor."""
    before = NEWEST if cursor is None else decode_cursor(cursor, count=1)[0]
    substring = needs_substring_search(typed)
    match = like_patterns(typed) if substring else match_expression(typed)
    if match is None:
        return Hits(items=(), next=None)
    parameters = {"user_id": user_id, "match": match, "before": before}
    rows = _rows(db, _MESSAGES_LIKE if substring else _MESSAGES, {**parameters, "limit": limit + 1})
    titles = _rows(db, _TITLES_LIKE if substring else _TITLES, {**parameters, "limit": MOST_TITLES})
    hits = [_to_hit(row, typed if substring else None) for row in [*(titles if cursor is None else ()), *rows[:limit]]]
    return Hits(items=tuple(hits), next=encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None)


def _rows(db: Connection, statement: TextClause, parameters: dict[str, object]) -> Sequence[RowMapping]:
    return db.execute(statement, parameters).mappings().all()


def _to_hit(found: RowMapping, substring: str | None) -> Hit:
    snippet = found["snippet"] if substring is None else mark_substring(found["snippet"], substring)
    return Hit(
        chat_id=found["chat_id"],
        message_id=found["id"],
        title=found["title"],
        snippet=snippet,
        platform=found["platform"],
    )
