"""The database as it is on disk, read with nothing but SQL."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.harness.history.record import Database, Log, StoredOp
from tests.harness.json_types import JsonDict

_OPS = "SELECT user_id, op, channel, offset FROM ops WHERE channel != ''"
"""Those without a channel were refused."""


def read_database(path: Path) -> Database:
    """The server may be running."""
    with closing(sqlite3.connect(path, timeout=30.0, isolation_level=None)) as db:
        db.execute("BEGIN")
        logs = _logs(db)
        ops = [StoredOp(*row) for row in db.execute(_OPS)]
        texts = dict(db.execute("SELECT id, text FROM messages"))
        owners = dict(db.execute("SELECT id, owner_id FROM chats"))
        db.execute("COMMIT")
        return Database(logs, ops, texts, owners, _broken_index(db))


def _logs(db: sqlite3.Connection) -> dict[str, Log]:
    found: dict[str, Log] = {}
    for channel_id, name, epoch, head, pruned_to in db.execute("SELECT id, name, epoch, head, pruned_to FROM channels"):
        rows = db.execute(
            "SELECT offset, op, by_user_id, at, body FROM entries WHERE channel_id = ? ORDER BY offset", (channel_id,)
        )
        found[name] = Log(name, epoch, head, pruned_to, [_entry(name, *row) for row in rows])
    return found


def _entry(channel: str, offset: int, op: str | None, by: int | None, at: int, body: str) -> JsonDict:
    return {"channel": channel, "offset": offset, "op": op, "by": by, "at": at, **json.loads(body)}


def _broken_index(db: sqlite3.Connection) -> str | None:
    """SQLite compares its full-text index with the rows."""
    try:
        db.execute("INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as broken:
        return str(broken)
    return None
