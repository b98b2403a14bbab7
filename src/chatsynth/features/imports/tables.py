from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from chatsynth.database.metadata import metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("keeps_file", Boolean, nullable=False, server_default="0"),  # the person's own file, not an upload of ours
    Column("state", Text, nullable=False),  # queued, checking, importing, done, failed, cancelled
    Column("progress", Text, nullable=False),  # JSON
    Column("report", Text),  # JSON, once it has ended
    Column("cancel_asked", Boolean, nullable=False, server_default="0"),
    Column("leased_by", Text),  # the process that works on it, until leased_until
    Column("leased_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index("ix_imports_user", "user_id", "id"),
    Index("ix_imports_state", "state"),
    sqlite_autoincrement=True,
)
