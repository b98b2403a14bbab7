"""Channels, their entries, and the names of the changes that were made."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from chatsynth.database.metadata import metadata

channels = Table(
    "channels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("epoch", Text, nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("pruned_to", BigInteger, nullable=False, server_default="0"),
)

entries = Table(
    "entries",
    metadata,
    Column("channel_id", ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", BigInteger),
    Column("op", Text),
    Column("by_user_id", BigInteger),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("inverse", Text),
    sqlite_with_rowid=False,
)

ops = Table(
    "ops",
    metadata,
    Column("user_id", BigInteger, primary_key=True),
    Column("op", Text, primary_key=True),
    Column("command", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
