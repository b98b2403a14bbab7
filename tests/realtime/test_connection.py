"""One connection between its peer, the logs and the hub: nothing waits for it, nothing is lost on it."""

import asyncio

import pytest

from chatsynth.realtime.counts import EndReason
from chatsynth.realtime.errors import CloseCode
from tests.realtime.fakes import SMALL, Node, position, say, settle

pytestmark = pytest.mark.anyio


async def test_what_was_missed_comes_in_pages_and_then_what_is_new() -> None:
    node = Node()
    for _ in range(10):
        node.logs.append("chat:1")
    _, wire = await node.listen("chat:1", offset=2)
    node.publish(node.logs.append("chat:1"))
    assert wire.offsets("chat:1") == list(range(3, 12))
    assert wire.types()[:2] == ["welcome", "subscribed"]


async def test_entries_that_come_during_the_look_up_follow_subscribed() -> None:
    node = Node()
    node.logs.append("chat:1")
    node.logs.gate.clear()
    _, wire = await node.listen("chat:1", offset=1)
    node.publish(node.logs.append("chat:1"))
    assert wire.frames() == []
    node.logs.gate.set()
    await settle()
    assert wire.types() == ["welcome", "subscribed", "said"]
    assert wire.frames()[1]["head"] == 2


async def test_entries_that_come_while_a_page_is_read_come_once_and_in_order() -> None:
    node = Node()
    for _ in range(5):
        node.logs.append("chat:1")
    node.logs.read_gate.clear()
    _, wire = await node.listen("chat:1")
    for _ in range(20):
        node.logs.read_gate.set()
        await asyncio.sleep(0)
        node.logs.read_gate.clear()
        node.publish(node.logs.append("chat:1"))
    node.logs.read_gate.set()
    await settle()
    assert wire.offsets("chat:1") == list(range(1, 26))


async def test_a_reader_that_stalls_overflows_is_fed_later_and_misses_nothing() -> None:
    node = Node(SMALL)
    connection, wire = await node.listen("chat:1")
    wire.stalled = True
    for _ in range(50):
        node.publish(node.logs.append("chat:1", size=200))
        assert connection.outbox.log_bytes <= SMALL.outbox_window_bytes
    await settle()
    assert node.logs.reads == 0
    assert wire.offsets("chat:1") == []
    wire.drain()
    await settle()
    assert wire.offsets("chat:1") == list(range(1, 51))
    node.publish(node.logs.append("chat:1"))
    assert wire.offsets("chat:1")[-1] == 51


async def test_a_reader_that_stalls_again_while_it_is_fed_misses_nothing() -> None:
    node = Node(SMALL)
    _, wire = await node.listen("chat:1")
    for round_ in range(10):
        wire.stalled = True
        for _ in range(7):
            node.publish(node.logs.append("chat:1", size=200))
        wire.drain()
        if round_ % 2:
            await asyncio.sleep(0)
    await settle()
    assert wire.offsets("chat:1") == list(range(1, 71))


async def test_a_stalled_reader_delays_nobody() -> None:
    node = Node(SMALL)
    stalled = [await node.listen("chat:1") for _ in range(3)]
    _, quick = await node.listen("chat:1")
    for _, wire in stalled:
        wire.stalled = True
    for offset in range(1, 30):
        node.publish(node.logs.append("chat:1", size=200))
        assert quick.offsets("chat:1")[-1] == offset  # in the same call, before anything else runs


async def test_a_reader_that_makes_no_progress_is_aborted_and_others_stay() -> None:
    node = Node(SMALL)
    stalled, wire = await node.listen("chat:1")
    _, quick = await node.listen("chat:1")
    wire.stalled = True
    node.publish(node.logs.append("chat:1", size=200))
    node.hub.sweep(SMALL.stall_timeout_s - 0.1, 0, node.settings)
    assert not wire.was_aborted()
    wire.buffer = wire.buffer[:10]  # some bytes went out: that is slow, not stalled
    node.hub.sweep(SMALL.stall_timeout_s + 5, 0, node.settings)
    assert not wire.was_aborted()
    node.hub.sweep(2 * SMALL.stall_timeout_s + 5, 0, node.settings)
    assert wire.was_aborted()
    assert stalled.closed
    assert not quick.was_aborted()
    assert node.hub.counts.ends == {EndReason.STALLED: 1}
    node.publish(node.logs.append("chat:1"))
    assert quick.offsets("chat:1") == [1, 2]


async def test_a_reader_that_is_overtaken_by_pruning_is_told_so_and_asks_no_more() -> None:
    node = Node()
    for _ in range(10):
        node.logs.append("chat:1")
    node.logs.gate.clear()
    connection, wire = await node.listen("chat:1")
    node.logs.gate.set()
    node.logs.pruned_to["chat:1"] = 10  # between the look-up and the first page
    await settle()
    assert wire.types() == ["welcome", "subscribed", "snapshot_needed"]
    assert wire.frames()[2]["reason"] == "pruned"
    reads = node.logs.reads
    say(connection, "heartbeat")
    await settle()
    assert node.logs.reads == reads
    assert node.hub.channels() == []


# Subscribing again while something is still on its way ------------------------------------------


async def test_who_asks_for_what_was_pruned_is_told_so_at_once_and_not_subscribed() -> None:
    node = Node()
    for _ in range(5):
        node.logs.append("chat:1")
    node.logs.pruned_to["chat:1"] = 3
    connection, wire = await node.listen("chat:1", offset=2)
    assert wire.types() == ["welcome", "snapshot_needed"]
    assert wire.frames()[-1]["reason"] == "pruned"
    assert not connection.session.listens_to("chat:1")
    assert (await node.listen("chat:1", offset=3))[1].offsets("chat:1") == [4, 5]


async def test_a_look_up_for_an_ended_subscription_does_not_open_the_next_one() -> None:
    node = Node()
    node.logs.append("chat:1")
    connection, wire = await node.listen()
    node.logs.gate.clear()
    say(connection, "subscribe", **position("chat:1"))
    await settle()
    node.logs.forbidden.add((1, "chat:1"))  # the right ends while the look-up is on its way
    say(connection, "unsubscribe", channel="chat:1")
    say(connection, "subscribe", **position("chat:1"))
    node.logs.gate.set()
    await settle()
    assert wire.types() == ["welcome", "unsubscribed", "error"]
    node.publish(node.logs.append("chat:1"))
    assert wire.offsets("chat:1") == []


async def test_a_page_for_an_ended_subscription_is_not_sent_to_the_next_one() -> None:
    node = Node()
    for _ in range(6):
        node.logs.append("chat:1")
    connection, wire = await node.listen("user:1")
    node.logs.read_gate.clear()
    say(connection, "subscribe", **position("chat:1", 3))
    await settle()
    assert node.logs.reads == 1
    say(connection, "unsubscribe", channel="chat:1")
    say(connection, "subscribe", **position("chat:1", 0))
    node.logs.read_gate.set()
    await settle()
    assert wire.types()[2:] == ["subscribed", "unsubscribed", "subscribed", *["said"] * 6]
    assert wire.offsets("chat:1") == [1, 2, 3, 4, 5, 6]


# Ended rights -----------------------------------------------------------------------------------


async def test_a_right_that_ends_takes_queued_frames_back() -> None:
    node = Node(SMALL)
    connection, wire = await node.listen("chat:1", "chat:2")
    connection.writing_paused(0.0)
    for channel in ("chat:1", "chat:2"):
        node.publish(node.logs.append(channel))
    other, _ = await node.listen("chat:1", user_id=2)
    say(other, "presence", channel="chat:1", state={})
    await settle()
    connection.revoke("chat:1")
    node.publish(node.logs.append("chat:1"))
    connection.writing_resumed()
    await settle()
    assert wire.offsets("chat:1") == []
    assert wire.offsets("chat:2") == [1]
    assert "presence" not in wire.types()


async def test_what_the_transport_holds_cannot_be_taken_back_so_the_connection_is_cut() -> None:
    node = Node(SMALL)
    connection, wire = await node.listen("chat:1")
    wire.stalled = True
    node.publish(node.logs.append("chat:1"))
    assert wire.buffered_bytes() > 0
    assert connection.revoke("chat:1")
    assert wire.was_aborted()
    assert connection.closed


async def test_a_right_that_ends_while_a_page_is_read_ends_the_page() -> None:
    node = Node()
    for _ in range(3):
        node.logs.append("chat:1")
    connection, wire = await node.listen("user:1")
    node.logs.read_gate.clear()
    say(connection, "subscribe", **position("chat:1"))
    await settle()
    assert node.logs.reads == 1
    connection.revoke("chat:1")
    node.logs.read_gate.set()
    await settle()
    assert wire.offsets("chat:1") == []


async def test_presence_is_not_told_to_whose_right_is_not_checked_yet() -> None:
    node = Node()
    here, _ = await node.listen("chat:1", user_id=2)
    node.logs.forbidden.add((1, "chat:1"))
    node.logs.gate.clear()
    _, stranger = await node.listen("chat:1")
    say(here, "presence", channel="chat:1", state={"secret": True})
    node.logs.gate.set()
    await settle()
    assert stranger.types() == ["welcome", "error"]


async def test_a_closed_connection_leaves_no_trace() -> None:
    node = Node()
    here, _ = await node.listen("chat:1", "user:1")
    other, other_wire = await node.listen("chat:1", user_id=2)
    say(here, "presence", channel="chat:1", state={})
    for connection in (here, other):
        connection.close(CloseCode.SIGNED_OUT)
    assert other_wire.close_code == CloseCode.SIGNED_OUT
    assert node.hub.connections() == []
    assert node.hub.channels() == []
    assert node.hub.presence_state("chat:1") is None
    assert node.hub._by_user == node.hub._plain_by_user == {}
