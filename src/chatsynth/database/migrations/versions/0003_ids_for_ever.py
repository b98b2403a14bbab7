"""No number of a chat, message, notification or import is given twice, and every person's log has its epoch.

A library that was put back to an earlier state could otherwise give numbers again that clients hold from the time that
was lost, and go on under them with a person's log that had no epoch to tell the two lives apart.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("chats", "messages", "notifications", "imports")


def upgrade() -> None:
    db = op.get_bind()
    op.execute("PRAGMA writable_schema = ON")
    for table in TABLES:
        _count_for_ever(db, table)
    version = db.exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute(f"PRAGMA schema_version = {version + 1}")  # all connections read the schema again
    op.execute("PRAGMA writable_schema = RESET")
    for table in TABLES:
        op.execute(f"INSERT INTO sqlite_sequence(name, seq) SELECT '{table}', coalesce(max(id), 0) FROM {table}")  # noqa: S608
    op.execute(
        "INSERT INTO channels(name, epoch, head) SELECT 'user:' || id, lower(hex(randomblob(12))), 0 FROM users"
        " WHERE 'user:' || id NOT IN (SELECT name FROM channels)"
    )


def _count_for_ever(db: sa.Connection, table: str) -> None:
    """AUTOINCREMENT changes how a number is chosen and nothing in how rows are stored, so the rows stay as they are:
    writing a large library anew would take minutes and as much room again."""
    found = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    before = str(db.exec_driver_sql(found, (table,)).scalar_one())
    without_key, keys = re.subn(rf",\s*CONSTRAINT pk_{table} PRIMARY KEY \(id\)", "", before)
    after, columns = re.subn(r"(?<!\w)id INTEGER NOT NULL", r"\g<0> PRIMARY KEY AUTOINCREMENT", without_key)
    assert (keys, columns) == (1, 1), before
    db.exec_driver_sql("UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (after, table))


def downgrade() -> None:
    raise NotImplementedError("A library is brought back to an earlier version from a backup.")
