"""The end of a right is committed before it is told: what happens in between (promise P6)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from chatsynth.config import Settings
from chatsynth.database.unit import Unit
from chatsynth.features.accounts import repository, service
from chatsynth.features.notifications.service import notify
from chatsynth.library import open_library
from chatsynth.log.channels import LoggedChannels
from chatsynth.node import WHO_MAY_LISTEN, Node
from chatsynth.realtime.connection import Connection as LiveConnection
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.identity import Identity
from chatsynth.realtime.ports import ChannelHead, LogPage, NoSuchChannel
from chatsynth.realtime.publication import AfterCommit
from chatsynth.realtime.session import Session
from tests.harness.own_library import OwnLibrary, own_library
from tests.realtime.fakes import FakeWire, position, say

pytestmark = pytest.mark.anyio


async def test_an_end_by_another_process_is_told_before_what_is_committed_here_after_it(tmp_path: Path) -> None:
    """Also when nothing has been read of what the other process wrote."""
    settings = Settings(data_dir=tmp_path / "data")
    with open_library(settings, may_create=True) as beside:
        ada, login_id = beside.writer.run(_signed_in)
        node = Node(settings)
        async with node.running():
            node.tail._look = _never_comes_back
            wire = FakeWire()
            identity = Identity(ada, "Ada", f"login:{login_id}", None)
            session = Session("s", identity, node.settings.live.limits())
            connection = LiveConnection(wire, session, node.surroundings, 0.0)
            connection.last_heard_s = float("inf")
            wire.connection = connection
            node.hub.add(connection)
            say(connection, "hello", v=1, channels=[position(f"user:{ada}")])
            await node.context.write(lambda unit: notify(unit, ada, "info", "before", None))
            await _until(lambda: wire.offsets(f"user:{ada}") == [1])
            await asyncio.to_thread(beside.writer.run, lambda unit: service.log_out_everywhere(unit, ada))
            await node.context.write(lambda unit: notify(unit, ada, "info", "after", None))
            await _until(lambda: connection.closed)
            assert wire.close_code == CloseCode.SIGNED_OUT
            assert wire.offsets(f"user:{ada}") == [1]


async def _never_comes_back(_: Callable[[Connection], object]) -> object:
    return await asyncio.Event().wait()


def _signed_in(unit: Unit[AfterCommit]) -> tuple[int, int]:
    ada = service.add_account(unit, "ada@example.org", "Ada", "no hash", is_admin=True)
    return ada, repository.insert_login(unit.db, ada, "secret", unit.now_ms, unit.now_ms + 10**9, "tests")


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - the writer's thread tells nobody but the hub
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("is_signed_in", [True, False])
@pytest.mark.parametrize("is_shared", [True, False])
async def test_neither_heads_nor_pages_are_given_after_the_end(
    tmp_path: Path, is_signed_in: bool, is_shared: bool
) -> None:
    with own_library(tmp_path) as library:
        ada, ben = library.person("ada"), library.person("ben")
        chat = library.new_chat(ada, "one")
        library.do(ada, "chat_share", chat={"id": chat["id"]}, email="ben@example.org", role="viewer")
        if not is_shared:
            library.do(ada, "chat_unshare", chat={"id": chat["id"]}, userId=ben)
        channels = LoggedChannels(_reads(library), WHO_MAY_LISTEN, lambda *_: is_signed_in)
        identity = Identity(ben, "Ben", "token:1", None)
        (head,) = await channels.open(identity, [chat["channel"]])
        page = await channels.read(identity, chat["channel"], 0, head=1)
    expected = (ChannelHead, LogPage) if is_signed_in and is_shared else (NoSuchChannel, NoSuchChannel)
    assert (type(head), type(page)) == expected


def _reads(library: OwnLibrary) -> Callable[[Callable[[Connection], object]], "asyncio.Future[object]"]:
    def read(look: Callable[[Connection], object]) -> "asyncio.Future[object]":
        found: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        with library.reading() as db:
            found.set_result(look(db))
        return found

    return read
