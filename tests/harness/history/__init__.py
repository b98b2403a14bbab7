"""An independent judge of what happened: recorded frames and the database at the end, against the promises.

It is written from docs/reference/protocol.md and shares no code with the server. Record each connection as a
`ConnectionRecord`, read the database with `read_database`, and `check` says what was broken (promises P3 to P6).
"""

from tests.harness.history.checking import check, report
from tests.harness.history.database import read_database
from tests.harness.history.findings import Finding, Rule
from tests.harness.history.folding import fold
from tests.harness.history.record import ConnectionRecord, Database, History, Log, StoredOp

__all__ = [
    "ConnectionRecord",
    "Database",
    "Finding",
    "History",
    "Log",
    "Rule",
    "StoredOp",
    "check",
    "fold",
    "read_database",
    "report",
]
