"""STA: news of which only the newest matters."""

import pytest

from tests.harness.live_client import Tabs, named
from tests.harness.people import Person

pytestmark = pytest.mark.anyio


async def test_sta1_a_persons_connections_are_told_how_an_import_goes_on(tabs: Tabs, ada: Person, ben: Person) -> None:
    several = [await tabs.full(ada), await tabs.full(ada)]
    plain, foreign = await tabs.plain(ada), await tabs.full(ben)
    answer = ada.server.http.post(
        f"{ada.server.base_url}/api/imports", headers=ada.bearer, files={"file": ("notes.txt", b"no export")}
    )
    job = answer.json()
    for tab in several:
        state = ""
        while state not in ("done", "failed"):
            changed = (await tab.wait_for("import_changed"))["job"]
            assert changed["id"] == job["id"]
            state = changed["state"]
        assert state == "failed"
    assert named(await plain.fence(), "import_changed") == []
    assert await foreign.fence() == []
    again = await tabs.full(ada, ada.get("/api/notifications"))
    assert named(await again.fence(), "import_changed") == []
