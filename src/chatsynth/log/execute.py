"""Carrying out commands: each in one transaction, each `op` once, every refusal as an error that a person can read."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar, assert_never

import structlog
from sqlalchemy import Connection

from chatsynth.database.unit import Unit, Work
from chatsynth.database.writer import WriteFailed, Writer
from chatsynth.kit.tracing import Tracer
from chatsynth.log.channels import IsSignedIn
from chatsynth.log.ops import Outcome, Refusal, named_change, remember
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.frames import Ack, Command, Error
from chatsynth.realtime.identity import Origin
from chatsynth.realtime.publication import AfterCommit

log = structlog.get_logger(__name__)
CommandT = TypeVar("CommandT", bound=Command)
T = TypeVar("T")
NAME_TAKEN = "This name was already given to another change; each change needs a name of its own."
SIGN_IN_ENDED = "Your sign-in has ended. Please sign in again; this change can then be sent again."
UNEXPECTED = "The server made a mistake with this change, and nothing of it was stored. Please tell whoever runs it"
NOT_FOR_GOOD = {ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.TOO_OLD}
"""Who was refused so sends the change again by its name, later or against another version (rules ERR2, TXT6)."""


class AnsweredBefore(Refused):
    """The name was used up before: by this change, which was refused, or by another one."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[CommandT]):
    """`run` checks, then writes. `channel` says which log the command is for, if the command says so, and `made_by`
    which change made that log, if it says that instead; `builds_on_delivered`, whether it uses
    `Origin.delivered_offset`."""

    run: Callable[[Unit[AfterCommit], Origin, CommandT], Outcome]
    channel: Callable[[CommandT], str | None] = lambda _: None
    made_by: Callable[[CommandT], str | None] = lambda _: None
    builds_on_delivered: Callable[[CommandT], bool] = lambda _: False


Handlers = Mapping[type[Command], Handler[Command]]


@dataclass(slots=True)
class ChangeCounts:
    """What became of the changes that were asked for since the start, over WebSockets and HTTP alike."""

    accepted: int = 0
    repeated: int = 0
    refused: Counter[ErrorCode] = field(default_factory=Counter)


class CommandExecutor:
    """Implements `realtime.ports.Commands` on the writer."""

    def __init__(
        self,
        writer: Writer[AfterCommit],
        handlers: Handlers,
        is_signed_in: IsSignedIn,
        tracer: Tracer | None = None,
    ) -> None:
        self.counts = ChangeCounts()
        self._tracer = tracer
        self._writer = writer
        self._handlers = handlers
        self._is_signed_in = is_signed_in

    def channel_of(self, command: Command) -> str | None:
        return self._handlers[type(command)].channel(command)

    def builds_on_delivered(self, command: Command) -> bool:
        return self._handlers[type(command)].builds_on_delivered(command)

    async def execute(self, origin: Origin, command: Command) -> Ack | Error:
        if self._tracer is None:
            return await self._execute(origin, command)
        with self._tracer.span(type(command).__name__, {"chatsynth.session": origin.session_id}):
            return await self._execute(origin, command)

    async def _execute(self, origin: Origin, command: Command) -> Ack | Error:
        try:
            outcome = await self.outcome(origin, command)
        except Refused as refused:
            return Error(op=command.op, code=refused.code, message=refused.sentence)
        except WriteFailed as failed:
            return Error(op=command.op, code=ErrorCode.UNAVAILABLE, message=str(failed))
        except Exception:
            whose = {"session": origin.session_id, "user": origin.identity.user_id, "op": command.op}
            log.exception("command failed", command=type(command).__name__, **whose)
            sentence = f"{UNEXPECTED} (connection {origin.session_id})."
            return Error(op=command.op, code=ErrorCode.INTERNAL, message=sentence)
        return Ack(op=command.op, channel=outcome.channel, offset=outcome.offset, result=outcome.result)

    async def outcome(self, origin: Origin, command: Command) -> Outcome:
        """After the commit. Raises Refused or WriteFailed."""
        try:
            outcome = await self._answer(origin, command)
        except Refused as refused:
            self.counts.refused[refused.code] += 1
            raise
        except Exception:
            self.counts.refused[ErrorCode.UNAVAILABLE] += 1
            raise
        if outcome.is_repeated:
            self.counts.repeated += 1
        else:
            self.counts.accepted += 1
        return outcome

    async def _answer(self, origin: Origin, command: Command) -> Outcome:
        """What is refused for good is remembered before anybody is told: a copy of it that comes when the reason is
        gone must not take effect (rule OP5)."""
        handler = self._handlers[type(command)]
        try:
            return await self._write(origin, lambda unit: self._once(unit, handler, origin, command))
        except AnsweredBefore:
            raise
        except Refused as refused:
            if command.op is None or refused.code in NOT_FOR_GOOD:
                raise
            refusal = Refusal(refused.code, refused.sentence)
            accepted = await self._write(origin, lambda unit: refuse_for_good(unit, handler, origin, command, refusal))
            if accepted is None:
                raise
            return accepted

    async def _write(self, origin: Origin, work: Work[AfterCommit, T]) -> T:
        lane = f"user:{origin.identity.user_id}"  # a person's many connections are no more turns (promise P7)
        return await self._writer.write(work, lane)

    def _once(self, unit: Unit[AfterCommit], handler: Handler[Command], origin: Origin, command: Command) -> Outcome:
        """Nothing is changed for a sign-in that ended before this transaction, told or not (promise P6).

        What it would have changed can be sent again after signing in, so the client must keep it: `unavailable`.
        """
        if not self._is_signed_in(unit.db, origin.identity):
            raise Refused(ErrorCode.UNAVAILABLE, SIGN_IN_ENDED)
        return once(unit, handler, origin, command)


def once(unit: Unit[AfterCommit], handler: Handler[Command], origin: Origin, command: Command) -> Outcome:
    """A change that is sent again gives its first answer again and takes no effect (promise P3, rules OP1, OP5)."""
    if command.op is None:
        return handler.run(unit, origin, command)
    first = _first_answer(unit, handler, origin, command)
    if first is None:
        first = handler.run(unit, origin, command)
        remember(unit, origin.identity.user_id, command.op, type(command).__name__, first)
    return first


def _first_answer(
    unit: Unit[AfterCommit], handler: Handler[Command], origin: Origin, command: Command
) -> Outcome | None:
    """None if nothing was answered by this name. Raises AnsweredBefore."""
    known = None if command.op is None else named_change(unit.db, origin.identity.user_id, command.op)
    if known is None:
        return None
    if known.command != type(command).__name__:
        raise AnsweredBefore(ErrorCode.CONFLICT, NAME_TAKEN)
    match known.outcome:
        case Refusal(code, sentence):
            raise AnsweredBefore(code, sentence)
        case Outcome() as outcome:
            if _channel(unit.db, handler, origin, command) not in (None, outcome.channel):
                raise AnsweredBefore(ErrorCode.CONFLICT, NAME_TAKEN)
            return outcome
        case _:
            assert_never(known.outcome)


def _channel(db: Connection, handler: Handler[Command], origin: Origin, command: Command) -> str | None:
    """None if it does not say which one it is for."""
    named, made_by = handler.channel(command), handler.made_by(command)
    if named is not None or made_by is None:
        return named
    made = named_change(db, origin.identity.user_id, made_by)
    return made.outcome.channel if made is not None and isinstance(made.outcome, Outcome) else None


def refuse_for_good(
    unit: Unit[AfterCommit], handler: Handler[Command], origin: Origin, command: Command, refusal: Refusal
) -> Outcome | None:
    """Uses the name up, unless a copy of the change was answered meanwhile. Raises AnsweredBefore."""
    first = _first_answer(unit, handler, origin, command)
    if first is None and command.op is not None:
        remember(unit, origin.identity.user_id, command.op, type(command).__name__, refusal)
    return first
