"""How long after a right has ended its holder still gets anything, while the chat is changed without a pause."""

import asyncio
import contextlib
import itertools
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import Connection, update
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.bench import Bench
from benchmarks.library import NO_PASSWORD, Person, SeededChat, add_chat, library_at
from benchmarks.processes import Server, product
from benchmarks.report import Figure, Report, Target
from chatsynth.database.unit import Unit
from chatsynth.features.accounts import service
from chatsynth.features.accounts.tables import api_tokens
from chatsynth.features.chats.access import require
from chatsynth.features.sharing.service import unshare
from chatsynth.log.append import Authorship, channel_position
from chatsynth.log.rights import RIGHTS_CHANNEL, logged_rights_changes_after
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context

TRIES = 300
AT_ONCE = 10
UNANSWERED = 8
EXPIRES_IN_MS = 2000
EXPIRES_EVERY_MS = 150
HOW = """Ten people are connected and listen to one chat, which its owner changes without a pause (eight changes under
way at any time); one after the other loses their right. Measured is the time from the moment at which the end of the
right was written (which its log tells; the commit comes after it) until the client has read the close frame or
`revoked`, behind everything else that it was sent. "Beside" is by another process on the same data, as the command line
does it. A token that expires is measured from its time. Client and server share the machine. What arrived although it
was written later is counted."""

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Victim(Person):
    token_id: int


@dataclass(slots=True)
class Listening:
    """`ended_at_ms` is when the close frame or `revoked` was read; `entries_at_ms` when entries were written."""

    victim: Victim
    ended: asyncio.Event
    ended_at_ms: float = 0.0
    entries_at_ms: int = 0

    async def read(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in socket:
                if '"type":"revoked"' in str(frame)[:200]:
                    break
                self.entries_at_ms = max(self.entries_at_ms, _written_at_ms(str(frame)))
        self.ended_at_ms = time.time_ns() / 1e6
        self.ended.set()


@dataclass(frozen=True, slots=True)
class Stage:
    server: Server
    library: Context
    http: httpx.AsyncClient
    owner: Victim
    chat: SeededChat


End = Callable[[Stage, Victim], Awaitable[None]]


def revocation(bench: Bench) -> Report:
    """A full run takes about five minutes."""
    tries = bench.scaled(TRIES, 2 * AT_ONCE)
    data = bench.data()
    found: dict[str, tuple[Values, int]] = {}
    with product(data) as server, library_at(data) as library:
        for name, end in ENDS.items():
            found[name] = asyncio.run(_try_all(server, library, end, tries))
        found["token expired"] = asyncio.run(_try_all(server, library, None, tries))
    return Report("revocation", "Losing a right in mid-stream", HOW, tuple(_figures(found)))


def _figures(found: Mapping[str, tuple[Values, int]]) -> Iterator[Figure]:
    for name, (values, _) in found.items():
        yield Figure(f"{name}: median of {len(values)}", "ms", (_quantile(values, 0.5),))
        yield Figure(f"{name}: p99", "ms", (_quantile(values, 0.99),), Target(250, 100, "lower"))
        yield Figure(f"{name}: longest", "ms", (max(values),))
    late = sum(count for _, count in found.values())
    yield Figure("arrived although written after the end", "entries", (float(late),), Target(0, 0, "lower"))


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


# Ends of rights -----------------------------------------------------------------------------------


async def _revoke(stage: Stage, victim: Victim) -> None:
    path = f"/api/tokens/{victim.token_id}"
    (await stage.http.delete(path, headers={"Authorization": f"Bearer {victim.token}"})).raise_for_status()


async def _revoke_beside(stage: Stage, victim: Victim) -> None:
    await stage.library.write(lambda unit: service.revoke_token(unit, victim.id, victim.token_id))


async def _unshare(stage: Stage, victim: Victim) -> None:
    path = f"/api/chats/{stage.chat.id}/members/{victim.id}"
    (await stage.http.delete(path, headers={"Authorization": f"Bearer {stage.owner.token}"})).raise_for_status()


async def _unshare_beside(stage: Stage, victim: Victim) -> None:
    def work(unit: Unit[AfterCommit]) -> None:
        access = require(unit.db, stage.owner.id, stage.chat.id, "own")
        unshare(unit, access, stage.owner.id, victim.id, Authorship(stage.owner.id))

    await stage.library.write(work)


async def _disable_beside(stage: Stage, victim: Victim) -> None:
    await stage.library.write(lambda unit: service.disable(unit, service.account_numbered(unit.db, victim.id)))


ENDS: Mapping[str, End] = {
    "token revoked": _revoke,
    "token revoked, beside": _revoke_beside,
    "chat unshared": _unshare,
    "chat unshared, beside": _unshare_beside,
    "account disabled, beside": _disable_beside,
}


# Tries --------------------------------------------------------------------------------------------


async def _try_all(server: Server, library: Context, end: End | None, tries: int) -> tuple[Values, int]:
    """The latencies in milliseconds, and how many connections got what was written later."""
    latencies: list[float] = []
    late = 0
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as http:
        for _ in range(tries // AT_ONCE):
            people = await library.write(_add_people)
            chat = await asyncio.to_thread(add_chat, library, people, ["A text."])
            stage = Stage(server, library, http, people[0], chat)
            for took_ms, is_late in await _try_some(stage, people[1:], end):
                latencies.append(took_ms)
                late += is_late
    return tuple(latencies), late


def _add_people(unit: Unit[AfterCommit]) -> list[Victim]:
    return [_add_person(unit) for _ in range(AT_ONCE + 1)]


_numbers = itertools.count()


def _add_person(unit: Unit[AfterCommit]) -> Victim:
    email = f"person{next(_numbers)}@example.org"
    user_id = service.add_account(unit, email, "Somebody", NO_PASSWORD, is_admin=False)
    token_id, token, _ = service.create_token(unit, user_id, "benchmark", None)
    return Victim(user_id, token, token_id)


async def _try_some(stage: Stage, victims: Sequence[Victim], end: End | None) -> list[tuple[float, bool]]:
    expiries = await _let_expire(stage, victims) if end is None else {}
    async with _listening(stage, victims) as listeners, _changing(stage):
        if end is None:
            await asyncio.gather(*(each.ended.wait() for each in listeners))
        else:
            return [await _try_one(stage, each, end) for each in listeners]
    return [(each.ended_at_ms - expiries[each.victim.id], False) for each in listeners]


async def _try_one(stage: Stage, listener: Listening, end: End) -> tuple[float, bool]:
    await end(stage, listener.victim)
    await listener.ended.wait()
    ended_at_ms = await stage.library.read(_last_end_ms)
    return listener.ended_at_ms - ended_at_ms, listener.entries_at_ms > ended_at_ms


def _last_end_ms(db: Connection) -> int:
    _, head = channel_position(db, RIGHTS_CHANNEL)
    return logged_rights_changes_after(db, head - 1)[-1].at_ms


async def _let_expire(stage: Stage, victims: Sequence[Victim]) -> dict[int, int]:
    """One after the other, soon."""
    first_ms = time.time_ns() // 1_000_000 + EXPIRES_IN_MS
    expiries = {victim.id: first_ms + number * EXPIRES_EVERY_MS for number, victim in enumerate(victims)}

    def work(unit: Unit[AfterCommit]) -> None:
        for victim in victims:
            mine = update(api_tokens).where(api_tokens.c.id == victim.token_id)
            unit.db.execute(mine.values(expires_at=expiries[victim.id]))

    await stage.library.write(work)
    return expiries


@asynccontextmanager
async def _listening(stage: Stage, victims: Sequence[Victim]) -> AsyncIterator[list[Listening]]:
    listeners = [Listening(victim, asyncio.Event()) for victim in victims]
    sockets = [await _open(stage, victim) for victim in victims]
    tasks = [asyncio.create_task(each.read(socket)) for each, socket in zip(listeners, sockets, strict=True)]
    yield listeners
    await asyncio.gather(*tasks)
    for socket in sockets:
        await socket.close()


async def _open(stage: Stage, person: Victim) -> ClientConnection:
    socket = await connect(
        f"ws://127.0.0.1:{stage.server.port}/ws/{person.id}",
        additional_headers={"Authorization": f"Bearer {person.token}"},
        compression=None,
        proxy=None,
        ping_interval=None,
    )
    position = {"channel": stage.chat.channel, "epoch": "", "offset": 0}
    await socket.send(json.dumps({"type": "hello", "v": 1, "client": "benchmark", "channels": [position]}))
    while '"subscribed"' not in str(await socket.recv()):
        pass
    return socket


@asynccontextmanager
async def _changing(stage: Stage) -> AsyncIterator[None]:
    socket = await _open(stage, stage.owner)
    task = asyncio.create_task(_change(stage, socket))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await socket.close()


async def _change(stage: Stage, socket: ClientConnection) -> None:
    for number in itertools.count():
        title = {"id": stage.chat.id, "title": f"Title {number}"}
        change = {"type": "chat_retitle", "op": f"{stage.chat.id}-{number}", "chat": title}
        await socket.send(json.dumps(change))
        while number >= UNANSWERED and '"ack"' not in str(await socket.recv())[:20]:
            pass


def _written_at_ms(frame: str) -> int:
    """0 for what is no entry."""
    found = json.loads(frame)
    return int(found["at"]) if str(found.get("channel", "")).startswith("chat:") and "at" in found else 0
