"""Commands over HTTP: the same handlers, transactions and `op`s as over the WebSocket."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from chatsynth.kit.ids import fingerprint
from chatsynth.log.execute import CommandExecutor
from chatsynth.log.ops import Outcome
from chatsynth.realtime.frames import Command
from chatsynth.realtime.identity import Identity, Origin

HTTP_SESSION = "http"
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=64,
        pattern=r"^[A-Za-z0-9_.:-]+$",
        description="A name of your own for this change, so that sending it again takes effect once.",
    ),
]


def second_op(op: str | None) -> str | None:
    """For the second change of one request: an `op` names one change."""
    return None if op is None else fingerprint(f"second of {op}")


@dataclass(frozen=True, slots=True)
class HttpCommands:
    executor: CommandExecutor

    async def run(self, identity: Identity, command: Command) -> Outcome:
        """Returns after the commit. Raises Refused or WriteFailed, which become problem answers."""
        return await self.executor.outcome(Origin(identity, HTTP_SESSION, None), command)


def commands_of(connection: HTTPConnection) -> HttpCommands:
    executor = connection.app.state.executor
    assert isinstance(executor, CommandExecutor)
    return HttpCommands(executor)


CommandsDep = Annotated[HttpCommands, Depends(commands_of)]
