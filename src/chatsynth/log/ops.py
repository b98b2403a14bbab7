"""The names of changes and their answers: each takes effect once (P3), and never if it was refused (rule OP5)."""

import json
from dataclasses import dataclass, field
from typing import assert_never, cast

from pydantic_core import to_json
from sqlalchemy import Connection, bindparam, insert, select

from chatsynth.database.prepared import Prepared
from chatsynth.database.unit import Unit
from chatsynth.kit.json_types import JsonObject
from chatsynth.log.tables import ops
from chatsynth.realtime.errors import ErrorCode
from chatsynth.realtime.publication import AfterCommit

_FIND = Prepared(
    select(ops.c.command, ops.c.channel, ops.c.offset, ops.c.result).where(
        ops.c.user_id == bindparam("user_id"), ops.c.op == bindparam("op")
    )
)
_REMEMBER = Prepared(insert(ops))
NOWHERE = ""
"""The channel of a change that was refused: it stands in no log."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a change stands in the log, and what it made (`{"chatId": 42}`)."""

    channel: str
    offset: int
    result: JsonObject
    is_repeated: bool = field(default=False, compare=False)
    """The change took effect earlier, and this is its first answer again."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change was refused for good."""

    code: ErrorCode
    sentence: str


@dataclass(frozen=True, slots=True)
class Named:
    """A change that was answered: which command it was, and what came of it."""

    command: str
    outcome: Outcome | Refusal


def named_change(db: Connection, user_id: int, op: str) -> Named | None:
    """What this person first sent by this name."""
    row = _FIND.one(db, user_id=user_id, op=op)
    if row is None:
        return None
    command, channel, offset, stored = cast("tuple[str, str, int, str]", row)
    result = json.loads(stored)
    if channel == NOWHERE:
        return Named(command, Refusal(ErrorCode(result["code"]), result["message"]))
    return Named(command, Outcome(channel, offset, result, is_repeated=True))


def remember(unit: Unit[AfterCommit], user_id: int, op: str, command: str, answer: Outcome | Refusal) -> None:
    match answer:
        case Outcome(channel, offset, result):
            pass
        case Refusal(code, sentence):
            channel, offset, result = NOWHERE, 0, {"code": code, "message": sentence}
        case _:
            assert_never(answer)
    _REMEMBER.run(
        unit.db,
        user_id=user_id,
        op=op,
        command=command,
        channel=channel,
        offset=offset,
        result=to_json(result).decode(),
        at=unit.now_ms,
    )
