"""The names of changes that took effect, remembered in the same transaction, so that each takes effect once (P3)."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from chatsynth.database.unit import Unit
from chatsynth.kit.json_types import JsonObject
from chatsynth.log.tables import ops
from chatsynth.realtime.publication import AfterCommit

_FIND = select(ops.c.channel, ops.c.offset, ops.c.result).where(
    ops.c.user_id == bindparam("user_id"), ops.c.op == bindparam("op")
)
_REMEMBER = insert(ops)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a change stands in the log, and what it made (`{"chatId": 42}`)."""

    channel: str
    offset: int
    result: JsonObject


def first_outcome(db: Connection, user_id: int, op: str) -> Outcome | None:
    """What happened when this person first sent a change by this name."""
    row = db.execute(_FIND, {"user_id": user_id, "op": op}).one_or_none()
    return None if row is None else Outcome(row.channel, row.offset, json.loads(row.result))


def remember(unit: Unit[AfterCommit], user_id: int, op: str, outcome: Outcome) -> None:
    unit.db.execute(
        _REMEMBER,
        {
            "user_id": user_id,
            "op": op,
            "channel": outcome.channel,
            "offset": outcome.offset,
            "result": json.dumps(outcome.result),
            "at": unit.now_ms,
        },
    )
