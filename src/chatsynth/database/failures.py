"""What a failed transaction means: the storage is at fault, which passes, or one command was wrong, which does not."""

import sqlite3
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

PRIMARY_CODE = 0xFF


class StorageFault(StrEnum):
    """Why the database file cannot be used just now."""

    FULL = "disk_full"
    READ_ONLY = "read_only"
    BUSY = "locked"
    FAILING = "failing"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"


SENTENCES: Mapping[StorageFault, str] = {
    StorageFault.FULL: "The disk of the server is full.",
    StorageFault.READ_ONLY: "The database of the server is read-only.",
    StorageFault.BUSY: "The database is busy with another program.",
    StorageFault.FAILING: "The server could not read from or write to its disk.",
    StorageFault.DAMAGED: "The database of the server is damaged; whoever runs this server has to look after it.",
    StorageFault.UNREACHABLE: "The server cannot open its database.",
}
_FAULT_OF_CODE: Mapping[int, StorageFault] = {
    sqlite3.SQLITE_FULL: StorageFault.FULL,
    sqlite3.SQLITE_READONLY: StorageFault.READ_ONLY,
    sqlite3.SQLITE_PERM: StorageFault.READ_ONLY,
    sqlite3.SQLITE_BUSY: StorageFault.BUSY,
    sqlite3.SQLITE_LOCKED: StorageFault.BUSY,
    sqlite3.SQLITE_PROTOCOL: StorageFault.BUSY,
    sqlite3.SQLITE_IOERR: StorageFault.FAILING,
    sqlite3.SQLITE_NOLFS: StorageFault.FAILING,
    sqlite3.SQLITE_NOMEM: StorageFault.FAILING,
    sqlite3.SQLITE_CORRUPT: StorageFault.DAMAGED,
    sqlite3.SQLITE_NOTADB: StorageFault.DAMAGED,
    sqlite3.SQLITE_CANTOPEN: StorageFault.UNREACHABLE,
}
"""Any other code tells of a mistake in a statement or in what it was given."""


def storage_fault(failed: BaseException) -> StorageFault | None:
    """None for a mistake, which would be made again."""
    raised = failed.orig if isinstance(failed, DBAPIError) else failed
    code = getattr(raised, "sqlite_errorcode", None)  # only errors of SQLite itself have one
    return _FAULT_OF_CODE.get(code & PRIMARY_CODE) if isinstance(code, int) else None


def why_not_stored(fault: StorageFault | None) -> str:
    """A sentence for the person whose change it was; None when the transaction broke off for no reason of the disk."""
    reason = SENTENCES[fault] if fault is not None else "The server could not finish storing this."
    return f"{reason} Your change was not stored; it can be sent again."
