"""The JSON of a chat that is imported again."""

from sqlalchemy import Connection, delete, insert, select

from chatsynth.features.chats.tables import chat_sources, messages
from chatsynth.features.imports.pieces import PreparedPiece


def replace_sources(db: Connection, chat_id: int, prepared: PreparedPiece) -> None:
    """Keeps the JSON that changed the chat, and what was kept before only if it has messages that are not in this."""
    if prepared.piece.occurrence != "older" and _holds_all(db, chat_id, prepared):
        db.execute(delete(chat_sources).where(chat_sources.c.chat_id == chat_id))
    db.execute(insert(chat_sources).values(chat_id=chat_id, raw=prepared.compressed_source()))


def _holds_all(db: Connection, chat_id: int, prepared: PreparedPiece) -> bool:
    known = select(messages.c.source_id).where(messages.c.chat_id == chat_id, messages.c.source_id.is_not(None))
    brought = {message.source_id for message in prepared.piece.conversation.messages}
    return brought.issuperset(db.execute(known).scalars())
