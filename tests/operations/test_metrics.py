"""Each figure moves when what it counts happens on a real server."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatsynth.database.unit import Unit
from chatsynth.features.accounts import service
from chatsynth.features.notifications.service import notify
from chatsynth.realtime.publication import AfterCommit
from tests.harness.json_types import JsonDict
from tests.harness.live_client import LiveClient, Tabs, position_of
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server
from tests.harness.scraping import Scrape, scrape
from tests.harness.stalled_client import StalledClient

pytestmark = pytest.mark.anyio

PATIENCE_S = 30.0


@dataclass
class Watch:
    """What has changed since it began."""

    admin: Person
    before: Scrape

    def moved(self, name: str, **labels: str) -> float:
        return scrape(self.admin).value(name, **labels) - self.before.value(name, **labels)

    async def until(self, name: str, least: float = 1, **labels: str) -> None:
        """The server may notice a moment later than the client."""
        async with asyncio.timeout(PATIENCE_S):
            while self.moved(name, **labels) < least:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.02)


@pytest.fixture
def watch(admin: Person) -> Watch:
    return Watch(admin, scrape(admin))


# Changes --------------------------------------------------------------------------------------------


async def test_changes_are_counted_by_what_became_of_them(tabs: Tabs, ada: Person, ben: Person, watch: Watch) -> None:
    tab, chat = await tabs.full(ada), ben.new_chat("one")
    await tab.change("notification", "n-1", message="hello")
    await tab.change("notification", "n-1", message="hello")
    await tab.refused("chat_retitle", chat={"id": chat["id"], "title": "mine"})
    assert watch.moved("changes_total", result="accepted", code="") == 2
    assert watch.moved("changes_total", result="repeated", code="") == 1
    assert watch.moved("changes_total", result="refused", code="not_found") == 1
    assert watch.moved("live_errors_total", code="not_found") == 1
    ada.post("/api/chats", {"title": "over HTTP"})
    assert watch.moved("changes_total", result="accepted", code="") == 3


async def test_commits_are_timed_and_statements_counted(ada: Person, watch: Watch) -> None:
    ada.new_chat("one")
    assert watch.moved("commit_seconds_count") >= 1
    assert watch.moved("commit_seconds_sum") > 0
    assert watch.moved("write_seconds_count") >= 1
    assert watch.moved("commit_group_size_sum") >= watch.moved("commit_group_size_count") >= 1
    assert watch.moved("database_statements_total", connection="writer") >= 5
    assert watch.moved("database_statements_total", connection="reader") >= 2
    assert scrape(watch.admin).value("database_bytes", file="database") > 4096
    assert scrape(watch.admin).value("disk_free_bytes") > 0


# Connections ----------------------------------------------------------------------------------------


async def test_connections_people_subscriptions_and_presence_are_counted_while_they_last(
    tabs: Tabs, ada: Person, ben: Person, watch: Watch
) -> None:
    chat = ada.new_chat("one")
    full, _ = await tabs.full(ada, chat, ada.get("/api/chats")), await tabs.plain(ada)
    await tabs.plain(ben)
    await full.send("presence", channel=chat["channel"], state={"head": 1})
    await full.send("heartbeat")
    await full.wait_for("heartbeat")
    assert watch.moved("connections", mode="full") == 1
    assert watch.moved("connections", mode="plain") == 2
    assert watch.moved("people_connected") == 2
    assert watch.moved("subscriptions") == 2
    assert watch.moved("presence_states") == 1
    assert watch.moved("connections_opened_total") == 3
    await tabs.close()
    await watch.until("connections_ended_total", 3, reason="client_left")
    assert watch.moved("connections", mode="full") == watch.moved("subscriptions") == 0
    assert watch.moved("presence_states") == watch.moved("people_connected") == 0


async def test_connections_that_are_not_admitted_are_counted_by_why(
    tabs: Tabs, ada: Person, ben: Person, watch: Watch
) -> None:
    assert await (await tabs.open(ada, headers={})).end() == 4504
    assert await (await tabs.open(ada, user_id=ben.id)).end() == 4505
    with pytest.raises(Exception, match="403"):
        await tabs.open(ada, origin="https://evil.example.org")
    for _ in range(10):
        await tabs.plain(ben)
    assert await (await tabs.open(ben)).end() == 4003
    for reason in ("not_signed_in", "wrong_user", "wrong_origin", "too_many"):
        assert watch.moved("connections_refused_total", reason=reason) == 1


End = Callable[[Tabs, Person], Awaitable[None]]


async def _send_nonsense(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    tab.send_raw(b"\x81\x02{}")
    await tab.end()


async def _send_too_much(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    await tab.send_text("x" * 300_001)
    await tab.end()


async def _revoke_token(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    ada.delete(f"/api/tokens/{ada.token_id}")
    assert await tab.end() == 4502


async def _disable(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    ada.server.library().writer.run(lambda unit: service.disable(unit, service.account_numbered(unit.db, ada.id)))
    assert await tab.end() == 4503


async def _sign_out(tabs: Tabs, ada: Person) -> None:
    headers = {"Cookie": f"chatsynth_session={ada.cookie}", "Origin": ada.server.base_url}
    tab = await tabs.open(ada, headers=headers)
    await tab.fence()
    ada.server.http.post(f"{ada.server.base_url}/api/logout", headers=headers)
    assert await tab.end() == 4500


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (_send_nonsense, "bad_frame"),
        (_send_too_much, "bad_frame"),
        (_revoke_token, "revoked"),
        (_disable, "disabled"),
        (_sign_out, "signed_out"),
    ],
)
async def test_ends_are_counted_by_reason(tabs: Tabs, ada: Person, watch: Watch, end: End, reason: str) -> None:
    await end(tabs, ada)
    await watch.until("connections_ended_total", reason=reason)
    assert watch.moved("connections_ended_total", reason=reason) == 1


async def test_ended_rights_are_timed_here_and_from_other_processes(
    tabs: Tabs, ada: Person, ben: Person, watch: Watch
) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    tab = await tabs.full(ben, chat)
    ada.unshare(chat["id"], ben)
    await tab.wait_for("revoked")
    assert watch.moved("revocation_seconds_count") == 1
    assert 0 < watch.moved("revocation_seconds_sum") < PATIENCE_S
    ben.server.library().writer.run(lambda unit: service.disable(unit, service.account_numbered(unit.db, ben.id)))
    assert await tab.end() == 4503
    await watch.until("revocation_seconds_count", 2)
    assert watch.moved("revocation_seconds_sum") < PATIENCE_S


# Entries --------------------------------------------------------------------------------------------


async def test_entries_are_counted_live_and_replayed(tabs: Tabs, ada: Person, watch: Watch) -> None:
    start = position_of(ada.get("/api/chats"))
    tab = await tabs.full(ada, start)
    for number in range(3):
        await tab.change("notification", message=f"{number}")
    assert watch.moved("entries_published_total") == watch.moved("entries_delivered_total") == 3
    later = await tabs.full(ada, start)
    await later.wait_for("notification", offset=start["offset"] + 3)
    assert watch.moved("entries_replayed_total") == 3
    assert watch.moved("pages_replayed_total") == 1
    assert watch.moved("subscriptions_behind") == 0


async def test_logs_that_cannot_go_on_are_counted_by_why(tabs: Tabs, ada: Person, watch: Watch) -> None:
    ada.new_chat("one")
    tab, here = await tabs.full(ada), position_of(ada.get("/api/chats"))
    await tab.send("subscribe", **{**here, "offset": 99})
    await tab.wait_for("snapshot_needed")
    await tab.send("subscribe", **{**here, "epoch": "another"})
    await tab.wait_for("snapshot_needed")
    assert watch.moved("snapshots_needed_total", reason="ahead") == 1
    assert watch.moved("snapshots_needed_total", reason="epoch") == 1
    assert watch.moved("snapshots_needed_total", reason="pruned") == 0


async def test_what_other_processes_commit_is_followed(tabs: Tabs, ada: Person, watch: Watch) -> None:
    tab = await tabs.full(ada, ada.get("/api/chats"))
    ada.server.library().writer.run(lambda unit: _notify(unit, ada))
    await tab.wait_for("notification")
    await watch.until("follow_seconds_count")
    assert watch.moved("follow_failures_total") == 0
    await _falls_to(watch, "follow_lag_seconds", 0)


def _notify(unit: Unit[AfterCommit], person: Person) -> None:
    notify(unit, person.id, "info", "from beside", None)


async def _falls_to(watch: Watch, name: str, most: float) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while scrape(watch.admin).value(name) > most:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.02)


# HTTP -----------------------------------------------------------------------------------------------


def test_requests_and_failed_logins_are_counted(server: RunningServer, ada: Person, watch: Watch) -> None:
    ada.get(f"/api/chats/{ada.new_chat('one')['id']}")
    route = {"route": "/api/chats/{chat_id}", "method": "GET"}
    assert watch.moved("http_requests_total", status="200", **route) == 1
    assert watch.moved("http_request_seconds_count", **route) == 1
    login = {"email": ada.email, "password": "wrong"}
    for _ in range(11):
        server.http.post(f"{server.base_url}/api/login", json=login)
    assert watch.moved("login_failures_total", reason="wrong") == 10
    assert watch.moved("login_failures_total", reason="too_many") == 1


async def test_imports_are_counted_by_state(ada: Person, watch: Watch) -> None:
    ada.post("/api/demo")
    async with asyncio.timeout(2 * PATIENCE_S):
        while watch.moved("import_jobs", state="done") < 1:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.05)


# Trouble --------------------------------------------------------------------------------------------


async def test_changes_that_wait_for_the_writer_are_counted(tabs: Tabs, ada: Person, watch: Watch) -> None:
    tab = await tabs.full(ada)
    with _lock_on(ada.server.database):
        for number in range(4):
            await tab.send("notification", op=f"w-{number}", message="waiting")
        async with asyncio.timeout(PATIENCE_S):
            while watch.moved("write_queue_length") < 1:  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.02)
    for number in range(4):
        assert (await tab.answer_to(f"w-{number}"))["type"] == "ack"
    await _falls_to(watch, "write_queue_length", 0)


@contextmanager
def _lock_on(database: Path) -> Iterator[None]:
    """Another program writes and does not end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    settings = {"LIVE_STALL_TIMEOUT_S": "3600", "LIVE_OUTBOX_WINDOW_BYTES": "65536", "LOCK_TIMEOUT_S": "0.2"}
    folder = tmp_path_factory.mktemp("patient")
    with running_server(folder / "data", settings, mistakes_expected=True) as server:
        yield server


async def test_who_does_not_read_is_seen_in_the_outboxes(tabs: Tabs, patient: RunningServer) -> None:
    ada, admin = sign_up(patient, "Ada"), sign_up(patient, "Admin")
    watch = Watch(admin, scrape(admin))
    chat = ada.new_chat("")
    with StalledClient(ada) as stalled:
        stalled.send("hello", v=1, channels=[position_of(chat)])
        await watch.until("subscriptions")
        await _write_much(await tabs.full(ada), chat)
        assert watch.moved("subscriptions_behind") == 1
        assert watch.moved("outbox_overflows_total") >= 1
        assert watch.moved("outbox_bytes") >= watch.moved("outbox_largest_bytes") > 0
    await _falls_to(watch, "subscriptions_behind", 0)
    await _falls_to(watch, "outbox_bytes", 0)


async def test_changes_that_cannot_be_stored_are_counted_by_fault(tabs: Tabs, patient: RunningServer) -> None:
    ada, admin = sign_up(patient, "Ada"), sign_up(patient, "Admin")
    watch = Watch(admin, scrape(admin))
    tab = await tabs.full(ada)
    with _lock_on(patient.database):
        assert await tab.refused("notification", message="no room") == "unavailable"
    assert watch.moved("write_failures_total", kind="locked") == 1
    assert watch.moved("changes_total", result="refused", code="unavailable") == 1
    assert watch.moved("changes_total", result="accepted", code="") == 0


async def test_a_server_that_stops_says_so(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("stopping") / "data", {"LIVE_DRAIN_S": "3600"}) as server:
        ada, admin = sign_up(server, "Ada"), sign_up(server, "Admin")
        watch = Watch(admin, scrape(admin))
        tab = await tabs.full(ada)
        server.ask_to_stop()
        await tab.wait_for("draining")
        assert scrape(admin).value("draining") == 1
        assert await (await tabs.open(ada)).end() == 4000
        assert watch.moved("connections_refused_total", reason="going_away") == 1
        server.kill()


async def test_who_stalls_is_counted(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = {"LIVE_STALL_TIMEOUT_S": "0.5", "LIVE_OUTBOX_WINDOW_BYTES": "65536"}
    with running_server(tmp_path_factory.mktemp("impatient") / "data", settings) as server:
        ada, admin = sign_up(server, "Ada"), sign_up(server, "Admin")
        watch = Watch(admin, scrape(admin))
        with StalledClient(ada) as plain, StalledClient(ada) as full:
            chat = ada.new_chat("")
            full.send("hello", v=1, channels=[position_of(chat)])
            await watch.until("subscriptions")
            await _write_much(await tabs.open(ada), chat)
            await watch.until("connections_ended_total", reason="overflow")
            await watch.until("connections_ended_total", reason="stalled")
            assert plain.read_until_the_end() < MUCH * 250_000


async def test_who_falls_silent_is_counted(tabs: Tabs, tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("silent") / "data", {"LIVE_IDLE_TIMEOUT_S": "1"}) as server:
        ada, admin = sign_up(server, "Ada"), sign_up(server, "Admin")
        watch = Watch(admin, scrape(admin))
        tab = await tabs.open(ada)
        await watch.until("connections_ended_total", reason="silent")
        assert await tab.end() == 1006


MUCH = 30


async def _write_much(writer: LiveClient, chat: JsonDict) -> None:
    """More than the buffers of sockets and the outbox hold together."""
    message = {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    for number in range(MUCH):
        await writer.change("chat_update", chat={**message, "content": "ab"[number % 2] * 250_000})
