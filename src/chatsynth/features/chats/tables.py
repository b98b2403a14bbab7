"""Chats, their messages and members. No number is given twice, also not after a backup was put back."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from chatsynth.database.metadata import metadata

chats = Table(
    "chats",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),
    Column("platform", Text),
    Column("source_id", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("archived_at", BigInteger),
    Column("deleted_at", BigInteger),
    Column("active_leaf_id", BigInteger),
    Column("message_count", Integer, nullable=False, server_default="0"),
    Index("ix_chats_source", "owner_id", "platform", "source_id", unique=True),
    sqlite_autoincrement=True,
)

chat_sources = Table(
    "chat_sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chat_id", ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("raw", LargeBinary, nullable=False),  # zlib-compressed JSON as it came; each message is in one
    Index("ix_chat_sources_chat", "chat_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("chat_id", ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", BigInteger),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("role", Text, nullable=False),
    Column("author", Text),
    Column("model", Text),
    Column("text", Text, nullable=False),
    Column("parts", Text),  # JSON array; null when there is only text
    Column("hidden", Boolean, nullable=False, server_default="0"),
    Column("created_at", BigInteger),
    Column("edited_at", BigInteger),
    Column("removed_at", BigInteger),
    Column("source_id", Text),
    Column("source_hash", Text),
    Index("ix_messages_tree", "chat_id", "parent_id", "position"),
    Index("ix_messages_source", "chat_id", "source_id", unique=True),
    sqlite_autoincrement=True,
)

members = Table(
    "members",
    metadata,
    Column("chat_id", ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),  # owner, editor, viewer
    Column("created_at", BigInteger, nullable=False),
    Index("ix_members_user", "user_id"),
    sqlite_with_rowid=False,
)
