"""What a commit brought could not be told: the log says it later, because memory is only a hint (promises P4, P6)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chatsynth.config import Settings
from chatsynth.database.migrate import migrate
from chatsynth.database.unit import Unit
from chatsynth.features.accounts.repository import insert_login
from chatsynth.features.accounts.service import add_account
from chatsynth.features.notifications.service import notify
from chatsynth.log.rights import log_rights_change
from chatsynth.node import Node
from chatsynth.realtime.connection import Connection
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.publication import AfterCommit, CredentialEnded, PlainForm, Publication
from chatsynth.realtime.session import Session
from tests.realtime.fakes import FakeWire, position, say

pytestmark = pytest.mark.anyio


async def test_entries_and_ended_rights_that_could_not_be_told_are_found_in_the_log(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    migrate(settings.database)
    node = Node(settings)
    async with node.running():
        ada = await node.context.write(_new_account)
        _connect(node, ada, "login:1")  # plain: what cannot be told in its form fails
        full, wire = _connect(node, ada, "login:2")
        leaving, _ = _connect(node, ada, "login:3")
        say(full, "hello", v=1, channels=[position(f"user:{ada}")])
        await _until(lambda: "welcome" in wire.types())
        await node.context.write(lambda unit: _notify_unspeakably(unit, ada))
        await _until(lambda: wire.offsets(f"user:{ada}") == [1] and leaving.closed)
        assert not full.closed


def _new_account(unit: Unit[AfterCommit]) -> int:
    """Signed in three times."""
    user_id = add_account(unit, "ada@example.org", "Ada", "no hash", is_admin=True)
    for number in range(3):
        insert_login(unit.db, user_id, f"secret {number}", unit.now_ms, unit.now_ms + 10**9, "tests")
    return user_id


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - it reads the log on threads, and nothing tells when
            await asyncio.sleep(0.005)


def _connect(node: Node, user_id: int, credential: str) -> tuple[Connection, FakeWire]:
    wire = FakeWire()
    identity = Identity(user_id, "Ada", credential, None)
    connection = Connection(wire, Session(credential, identity, node.settings.live.limits()), node.surroundings, 0.0)
    connection.last_heard_s = float("inf")
    wire.connection = connection
    node.hub.add(connection)
    return connection, wire


def _notify_unspeakably(unit: Unit[AfterCommit], user_id: int) -> None:
    notify(unit, user_id, "info", "hello", None)
    told = unit.after_commit[-1]
    assert isinstance(told, Publication)
    unit.after_commit[-1] = replace(told, plain=PlainForm(frozenset({user_id}), _fails))
    log_rights_change(unit, CredentialEnded("login:3", 1, CloseCode.SIGNED_OUT))


def _fails() -> bytes:
    raise ValueError("no words for this")
