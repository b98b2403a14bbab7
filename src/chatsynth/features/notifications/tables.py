from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from chatsynth.database.metadata import metadata

notifications = Table(
    "notifications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False),  # info, success, warning, error
    Column("message", Text, nullable=False),
    Column("link", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("read_at", BigInteger),
    Index("ix_notifications_user", "user_id", "id"),
    sqlite_autoincrement=True,
)
