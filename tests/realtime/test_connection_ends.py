"""How a connection ends, and what fails below it without an end: nothing of it stays, nothing is lost."""

import asyncio
import json

import pytest

from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import ChannelClosed, CredentialRenewed
from chatsynth.realtime.settings import LiveSettings
from tests.realtime.fakes import Node, entry, position, say, settle

pytestmark = pytest.mark.anyio


async def test_a_silent_connection_is_aborted_and_one_that_was_heard_is_not() -> None:
    node = Node()
    silent, silent_wire = await node.listen()
    heard, heard_wire = await node.listen()
    heard.last_heard_s = 50.0
    node.hub.sweep(61.0, 0, node.settings)
    assert (silent_wire.was_aborted(), heard_wire.was_aborted()) == (True, False)
    assert node.hub.connections() == [heard]
    assert silent.closed


async def test_a_sign_in_that_expires_closes_its_connection() -> None:
    node = Node()
    _, wire = node.connect(expires_at_ms=1000)
    node.hub.sweep(0.0, 999, node.settings)
    assert wire.close_code is None
    node.hub.sweep(0.0, 1000, node.settings)
    assert wire.close_code == CloseCode.EXPIRED


async def test_a_sign_in_that_is_renewed_goes_on_and_another_one_of_its_person_ends() -> None:
    node = Node()
    renewed, other = [node.connect(expires_at_ms=1000)[0] for _ in range(2)]
    late, _ = node.connect(expires_at_ms=5000)
    node.hub.publish([CredentialRenewed(renewed.session.identity.credential, 1, 3000)])
    for now_ms, closed in [(999, []), (1000, [other]), (2999, [other]), (3000, [other, renewed])]:
        node.hub.end_expired(now_ms)
        assert [each for each in (other, renewed, late) if each.closed] == closed
    node.hub.end_expired(5000)
    assert late.closed


async def test_a_look_up_that_fails_is_answered_and_may_be_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    node = Node()
    connection, wire = await node.listen()
    node.logs.look_ups_fail = True
    say(connection, "subscribe", **position("chat:1"))
    await settle()
    assert (wire.frames()[-1]["code"], wire.frames()[-1]["channel"]) == ("unavailable", "chat:1")
    assert node.hub.channels() == []
    node.logs.look_ups_fail = False
    say(connection, "subscribe", **position("chat:1"))
    await settle()
    assert wire.types()[-1] == "subscribed"
    assert caplog.records == []


async def test_a_hello_whose_look_up_fails_is_welcomed_all_the_same_and_its_channels_may_be_tried_again() -> None:
    node = Node()
    node.logs.append("chat:1")
    node.logs.look_ups_fail = True
    connection, wire = await node.listen("chat:1", "user:1")
    told = [(frame["type"], frame.get("code"), frame.get("channel")) for frame in wire.frames()]
    errors = [("error", "unavailable", channel) for channel in ("chat:1", "user:1")]
    assert told == [("welcome", None, None), *errors]
    assert wire.frames()[0]["heads"] == {}
    assert node.hub.channels() == []
    node.logs.look_ups_fail = False
    say(connection, "subscribe", **position("chat:1"))
    await settle()
    assert wire.offsets("chat:1") == [1]


async def test_a_page_that_could_not_be_read_is_told_once_and_read_again_by_itself() -> None:
    node = Node(LiveSettings(read_retry_s=0.01))
    for _ in range(3):
        node.logs.append("chat:1")
    node.logs.reads_fail = True
    connection, wire = await node.listen("chat:1")
    while node.logs.reads < 3:  # noqa: ASYNC110 - the clock is what it waits for
        await asyncio.sleep(0.01)
    assert wire.types() == ["welcome", "subscribed", "error"]
    assert (wire.frames()[-1]["code"], wire.frames()[-1]["channel"]) == ("unavailable", "chat:1")
    node.publish(node.logs.append("chat:1"))
    say(connection, "subscribe", **position("chat:1"))
    say(connection, "heartbeat")
    await settle()
    node.logs.reads_fail = False
    while not wire.offsets("chat:1"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await settle()
    assert wire.offsets("chat:1") == [1, 2, 3, 4]
    assert wire.types().count("error") == 1


async def test_a_page_that_cannot_be_read_is_not_read_for_a_subscription_that_is_gone() -> None:
    node = Node(LiveSettings(read_retry_s=0.01))
    node.logs.append("chat:1")
    node.logs.reads_fail = True
    connection, wire = await node.listen("chat:1")
    say(connection, "unsubscribe", channel="chat:1")
    await settle()
    reads = node.logs.reads
    node.logs.reads_fail = False
    await asyncio.sleep(0.02)  # later than the next try was meant for, whatever the clock says
    await settle()
    assert (node.logs.reads, wire.offsets("chat:1")) == (reads, [])


async def test_a_page_that_could_not_be_read_is_read_with_the_next_entry_of_any_channel() -> None:
    node = Node()
    node.logs.append("chat:1")
    connection, wire = await node.listen("user:1")
    node.logs.reads_fail = True
    say(connection, "subscribe", **position("chat:1"))
    await settle()
    node.logs.reads_fail = False
    node.publish(node.logs.append("user:1"))
    await settle()
    assert (wire.offsets("user:1"), wire.offsets("chat:1")) == ([1], [1])


async def test_an_answer_to_a_connection_that_is_gone_is_dropped() -> None:
    node = Node()
    connection, wire = node.connect()
    node.commands.gate.clear()
    say(connection, "rename", op="r-1")
    await settle()
    connection.ended()
    node.commands.gate.set()
    await settle()
    assert wire.written == []


async def test_a_command_knows_what_its_connection_had_been_given() -> None:
    node = Node()
    connection, _ = await node.listen("chat:1")
    node.publish(node.logs.append("chat:1"), node.logs.append("chat:1"))
    say(connection, "rename", op="r-1")
    await settle()
    node.publish(node.logs.append("chat:1"))
    say(connection, "rename", op="r-2", channel="chat:2")
    await settle()
    assert [origin.delivered_offset for origin in node.commands.origins] == [2, None]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
async def test_frames_of_every_size_are_framed_rightly(size: int) -> None:
    node = Node()
    _, wire = await node.listen("chat:1")
    node.publish(entry("chat:1", 1, size))
    assert len(wire.frames()[-1]["text"]) == size
    assert json.dumps(wire.frames()[-1])


async def test_a_page_that_may_not_be_read_any_more_is_not_waited_for_again_and_again() -> None:
    node = Node()
    for _ in range(3):
        node.logs.append("chat:1")
    node.logs.read_gate.clear()
    connection, wire = await node.listen("chat:1")
    assert node.logs.reads == 1
    node.logs.forbidden.add((1, "chat:1"))
    node.publish(node.logs.append("chat:1"))
    node.logs.read_gate.set()
    await settle()
    reads = node.logs.reads
    await settle()
    assert node.logs.reads == reads <= 2
    node.hub.publish([ChannelClosed("chat:1", 1, "Gone.")])
    assert wire.types()[-1] == "revoked"
    assert not connection.closed
