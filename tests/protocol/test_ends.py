"""REV, DRN, STA and the close codes: how things end."""

import asyncio
import signal

import pytest

from chatsynth.features.accounts import service
from chatsynth.log.append import channel_position
from tests.conftest import NewPerson
from tests.harness.live_client import Tabs, named
from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server
from tests.protocol.conftest import IMPATIENT

pytestmark = pytest.mark.anyio


async def test_rev1_delivery_stops_at_once_and_revoked_says_so(tabs: Tabs, ada: Person, ben: Person) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    chat = ada.chat(chat["id"])
    theirs, mine = await tabs.full(ben, chat, ben.get("/api/chats")), await tabs.full(ada)
    await mine.change("chat_unshare", chat={"id": chat["id"]}, userId=ben.id)
    await mine.change("chat_retitle", chat={"id": chat["id"], "title": "secret"})
    frames = await theirs.fence()
    assert named(frames, "revoked") == [
        {"type": "revoked", "channel": chat["channel"], "reason": "This chat is no longer shared with you."}
    ]
    assert [frame["type"] for frame in frames if frame.get("channel") == chat["channel"]] == ["revoked"]
    await theirs.send("subscribe", channel=chat["channel"], epoch="", offset=0)
    assert (await theirs.wait_for("error"))["code"] == "forbidden"


async def test_rev1_who_leaves_is_told_as_well_and_may_come_back_when_shared_again(
    tabs: Tabs, ada: Person, ben: Person
) -> None:
    chat = ada.new_chat("one")
    ada.share(chat["id"], ben)
    tab = await tabs.full(ben, chat)
    await tab.change("chat_unshare", chat={"id": chat["id"]}, userId=ben.id)
    await tab.wait_for("revoked")
    ada.share(chat["id"], ben)
    await tab.subscribe(ada.chat(chat["id"]))
    ada.patch(f"/api/chats/{chat['id']}", {"title": "Welcome back"})
    assert (await tab.wait_for("chat_retitled"))["title"] == "Welcome back"


async def test_rev4_no_change_is_carried_out_from_the_commit_on_that_ended_the_sign_in(
    tabs: Tabs, new_person: NewPerson
) -> None:
    """Ended by another process, of which the server hears a little later."""
    for _ in range(5):
        ben = new_person("Ben")
        tab = await tabs.full(ben)
        write = ben.server.library().writer.run
        write(lambda unit, ben=ben: service.revoke_token(unit, ben.id, ben.token_id))  # type: ignore[misc]
        await tab.send_after_the_end("chat_create", op="too-late", chat={"title": "Too late"})
        assert await tab.end() == 4502
        answers = [frame for frame in tab.frames if frame.get("op") == "too-late"]
        assert [answer.get("code") for answer in answers] in ([], ["unavailable"])
        with ben.server.library().reading() as db:
            assert channel_position(db, ben.channel)[1] == 0, "a chat was made"


async def test_drn1_a_server_that_stops_tells_each_client_another_time_and_closes(
    tabs: Tabs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_server(tmp_path_factory.mktemp("drain") / "data", IMPATIENT) as server:
        ada = sign_up(server, "Ada")
        full = [await tabs.full(ada) for _ in range(4)]
        plain = await tabs.plain(ada)
        server.ask_to_stop()
        waits = [(await tab.wait_for("draining"))["retryAfterMs"] for tab in full]
        assert sorted(waits) == [1234, 1235, 1236, 1237]
        assert [await tab.end() for tab in [*full, plain]] == [4000] * 5
        assert await asyncio.to_thread(server.wait_until_ended) in (0, -signal.SIGTERM)
        assert [frame["type"] for frame in plain.frames if frame["type"] != "error"] == []


async def test_broken_utf8_closes_with_1007_and_others_notice_nothing(tabs: Tabs, ada: Person) -> None:
    other, tab = await tabs.plain(ada), await tabs.plain(ada)
    tab.send_raw(b"\x81\x82\0\0\0\0\xc3\x28")
    assert await tab.end() == 1007
    await other.change("notification", message="still here")


UNMASKED, RESERVED_KIND = b"\x81\x02{}", b"\x83\x80\0\0\0\0"
COMPRESSED, CONTINUES_NOTHING = b"\xc1\x80\0\0\0\0", b"\x80\x80\0\0\0\0"


@pytest.mark.parametrize("frame", [UNMASKED, RESERVED_KIND, COMPRESSED, CONTINUES_NOTHING], ids=repr)
async def test_a_violation_of_the_websocket_rules_closes_with_1002(tabs: Tabs, ada: Person, frame: bytes) -> None:
    other, tab = await tabs.plain(ada), await tabs.plain(ada)
    tab.send_raw(frame)
    assert await tab.end() == 1002
    await other.change("notification", message="still here")


async def test_a_frame_in_many_fragments_is_one_frame(tabs: Tabs, ada: Person) -> None:
    tab = await tabs.plain(ada)
    await tab.send_fragments(['{"type": "notif', 'ication", "mess', 'age": "whole', '"}'])
    assert (await tab.wait_for("notification"))["message"] == "whole"


async def test_a_connection_that_ends_in_the_middle_of_a_change_has_sent_it(
    tabs: Tabs, impatient: RunningServer
) -> None:
    ada = sign_up(impatient, "Ada")
    chat = ada.new_chat()
    for number in range(5):
        tab = await tabs.full(ada)
        await tab.send("message_add", op=f"m-{number}", chat={"id": chat["id"]}, message={"content": f"{number}"})
        await tab.close()
    last = await tabs.full(ada)
    for number in range(5):
        await last.change("message_add", f"m-{number}", chat={"id": chat["id"]}, message={"content": f"{number}"})
    assert [message["content"] for message in ada.chat(chat["id"])["messages"]] == list("01234")
