"""The names of changes that took effect, remembered in the same transaction, so that each takes effect once (P3)."""

import json
from dataclasses import dataclass, field
from typing import cast

from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, insert, select

from chatsynth.database.prepared import Prepared
from chatsynth.database.unit import Unit
from chatsynth.kit.json_types import JsonObject
from chatsynth.log.tables import ops
from chatsynth.realtime.publication import AfterCommit

_FIND = Prepared(
    select(ops.c.command, ops.c.channel, ops.c.offset, ops.c.result).where(
        ops.c.user_id == bindparam("user_id"), ops.c.op == bindparam("op")
    )
)
_REMEMBER = Prepared(insert(ops))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a change stands in the log, and what it made (`{"chatId": 42}`)."""

    channel: str
    offset: int
    result: JsonObject
    is_repeated: bool = field(default=False, compare=False)
    """The change took effect earlier, and this is its first answer again."""


@dataclass(frozen=True, slots=True)
class Named:
    """A change that took effect: which command it was, and what came of it."""

    command: str
    outcome: Outcome


def named_change(db: Connection, user_id: int, op: str) -> Named | None:
    """What this person first sent by this name."""
    row = _FIND.one(db, user_id=user_id, op=op)
    if row is None:
        return None
    command, channel, offset, result = cast("tuple[str, str, int, str]", row)
    return Named(command, Outcome(channel, offset, json.loads(result), is_repeated=True))


def remember(unit: Unit[AfterCommit], user_id: int, op: str, command: str, outcome: Outcome) -> None:
    _REMEMBER.run(
        unit.db,
        user_id=user_id,
        op=op,
        command=command,
        channel=outcome.channel,
        offset=outcome.offset,
        result=to_json(outcome.result).decode(),
        at=unit.now_ms,
    )
