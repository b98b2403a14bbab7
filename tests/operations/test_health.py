"""What the administrator is told of the server, on a real one."""

import asyncio

import pytest

from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person, sign_up
from tests.harness.running_server import running_server

pytestmark = pytest.mark.anyio


def _warnings(health: JsonDict) -> dict[str, str]:
    return {each["code"]: each["sentence"] for each in health["warnings"]}


async def test_it_says_who_is_there_and_what_was_written(tabs: Tabs, ada: Person, admin: Person) -> None:
    before = admin.get("/api/admin/health")["live"]
    await tabs.full(ada, ada.new_chat("one"))
    await tabs.full(ada)
    health = admin.get("/api/admin/health")
    live = health["live"]
    assert live["connections"] == before["connections"] + 2
    assert (live["people"], live["subscriptions"]) == (before["people"] + 1, before["subscriptions"] + 1)
    assert health["writes"]["p99Ms"] >= health["writes"]["p50Ms"] > 0
    assert health["database"]["bytes"] > 4096
    assert health["database"]["diskBytes"] > health["database"]["diskFreeBytes"] > 0
    assert health["startedAt"] < health["now"]
    assert set(health["importJobs"]) == {"queued", "checking", "importing", "done", "failed", "cancelled"}


async def test_connections_that_were_dropped_are_counted_by_why(tabs: Tabs, ada: Person, admin: Person) -> None:
    before = admin.get("/api/admin/health")["live"]["drops"]
    tab, other = await tabs.plain(ada), await tabs.plain(ada)
    tab.send_raw(b"\x81\x02{}")
    assert await tab.end() == 1002
    await other.close()
    async with asyncio.timeout(30):
        while (drops := admin.get("/api/admin/health")["live"]["drops"]) == before:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.02)
    assert drops["bad_frame"] == before.get("bad_frame", 0) + 1
    assert "client_left" not in drops


def test_a_check_of_the_database_is_remembered_over_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("health") / "data") as server:
        admin = sign_up(server, "Admin")
        assert admin.get("/api/admin/health")["integrity"] is None
        checked = admin.post("/api/admin/integrity-check")
        assert (checked["isSound"], checked["found"]) == (True, "ok")
        server.stop()
        server.start()
        assert admin.get("/api/admin/health")["integrity"] == checked


def test_it_warns_of_the_way_it_was_reached(admin: Person) -> None:
    way = {"no_https", "unknown_proxy"}
    assert not way & set(_warnings(admin.get("/api/admin/health")))
    behind_proxy = admin.request("GET", "/api/admin/health", Host="friends.example.org", X_Forwarded_For="192.0.2.1")
    assert way <= set(_warnings(behind_proxy.json()))
