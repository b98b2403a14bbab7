"""One connection between its peer, the logs and the hub: nothing waits for it, nothing is lost on it."""

import asyncio
import json

import pytest

from chatsynth.realtime.counts import EndReason
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import ChannelClosed, CredentialRenewed
from chatsynth.realtime.settings import LiveSettings
from tests.realtime.fakes import Node, entry, position, say, settle

pytestmark = pytest.mark.anyio

SMALL = LiveSettings(outbox_window_bytes=1000, reply_window_bytes=1000, write_chunk_bytes=500)


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


# Limits -----------------------------------------------------------------------------------------


async def test_no_more_is_read_while_many_commands_are_under_way_and_none_is_lost() -> None:
    node = Node(LiveSettings(commands_in_flight=4, inbox_frames=8))
    connection, wire = node.connect()
    node.commands.gate.clear()
    for number in range(30):
        say(connection, "rename", op=f"r-{number}")
    await settle()
    assert not wire.is_read()
    assert len(node.commands.origins) == 4
    node.commands.gate.set()
    await settle()
    assert wire.is_read()
    assert [frame["op"] for frame in wire.frames()] == [f"r-{number}" for number in range(30)]


async def test_changes_that_were_sent_before_the_goodbye_are_carried_out() -> None:
    node = Node(LiveSettings(commands_in_flight=4, frames_per_turn=2))
    connection, wire = node.connect()
    for number in range(30):
        say(connection, "rename", op=f"r-{number}", builds_on_delivered=number % 2 == 0)
        say(connection, "heartbeat")
    connection.ended()
    await settle()
    assert len(node.commands.origins) == 30
    assert wire.frames() == []


async def test_changes_of_a_peer_that_did_not_take_its_answers_are_carried_out_when_it_leaves() -> None:
    node = Node(SMALL)
    connection, wire = await node.listen()
    wire.stalled = True
    for number in range(200):
        say(connection, "rename", op=f"r-{number}")
    await settle()
    assert len(node.commands.origins) < 200
    connection.ended()
    await settle()
    assert len(node.commands.origins) == 200


async def test_what_waits_of_a_connection_that_is_cut_is_dropped() -> None:
    node = Node(LiveSettings(commands_in_flight=4))
    connection, _ = node.connect()
    node.commands.gate.clear()
    for number in range(30):
        say(connection, "rename", op=f"r-{number}")
    await settle()
    connection.cut(EndReason.STALLED)
    node.commands.gate.set()
    await settle()
    assert len(node.commands.origins) == 4


async def test_what_builds_on_what_the_connection_knows_waits_for_its_own_changes() -> None:
    node = Node()
    connection, _ = node.connect()
    node.commands.gate.clear()
    say(connection, "rename", op="r-1", builds_on_delivered=True)
    say(connection, "rename", op="r-2", builds_on_delivered=True)
    say(connection, "rename", op="r-3")
    await settle()
    assert [origin.delivered_offset for origin in node.commands.origins] == [None]
    node.commands.gate.set()
    await settle()
    assert [origin.delivered_offset for origin in node.commands.origins] == [None, 1, 1]


async def test_no_more_is_read_while_answers_are_not_taken() -> None:
    node = Node(SMALL)
    connection, wire = await node.listen()
    wire.stalled = True
    for _ in range(200):
        say(connection, "heartbeat")
    await settle()
    assert not wire.is_read()
    assert connection.outbox.reply_bytes < 2 * SMALL.reply_window_bytes
    wire.drain()
    await settle()
    assert wire.is_read()
    assert wire.types() == ["welcome", *["heartbeat"] * 200]


async def test_a_flood_on_one_connection_lets_others_take_their_turn() -> None:
    node = Node(LiveSettings(frames_per_turn=5))
    flood, flood_wire = await node.listen()
    quiet, quiet_wire = await node.listen()
    for _ in range(100):
        flood.text_received("nonsense")
    say(quiet, "heartbeat")
    for _ in range(3):  # turns of the loop
        await asyncio.sleep(0)
    assert quiet_wire.types() == ["welcome", "heartbeat"]
    assert len(flood_wire.types()) < 50
    await settle()
    assert flood_wire.types() == ["welcome", *["error"] * 100]


async def test_many_connections_of_one_person_have_no_more_turns_than_one() -> None:
    node = Node(LiveSettings(frames_per_turn=5))
    flood = [await node.listen() for _ in range(50)]
    quiet, quiet_wire = await node.listen(user_id=2)
    for connection, _ in flood:
        for _ in range(20):
            connection.text_received("nonsense")
    say(quiet, "heartbeat")
    for _ in range(3):  # turns of the loop
        await asyncio.sleep(0)
    assert quiet_wire.types() == ["welcome", "heartbeat"]
    assert sum(len(wire.types()) - 1 for _, wire in flood) <= 15
    await settle(2000)
    assert {tuple(wire.types()) for _, wire in flood} == {("welcome", *["error"] * 20)}


@pytest.mark.parametrize("long", ['"' + "x" * 200_000, "1," * 10_000], ids=["long", "of many values"])
async def test_a_frame_that_takes_long_is_a_turn_of_its_own(long: str) -> None:
    node = Node()
    flood, flood_wire = await node.listen()
    quiet, quiet_wire = await node.listen(user_id=2)
    for _ in range(5):
        flood.text_received(long)
    await asyncio.sleep(0)
    say(quiet, "heartbeat")
    for _ in range(2):
        await asyncio.sleep(0)
    assert quiet_wire.types() == ["welcome", "heartbeat"]
    assert len(flood_wire.types()) < 5
    await settle()
    assert flood_wire.types() == ["welcome", *["error"] * 5]


async def test_frames_of_many_values_are_read_later() -> None:
    node = Node(LiveSettings(frames_per_s=10, frames_burst=20, frames_per_s_per_user=1000, frames_burst_per_user=1000))
    connection, _ = await node.listen()
    assert connection.wait_s_after(1, 10) == 0
    connection.text_received("[" + "1," * 5_000)
    await settle()
    assert connection.wait_s_after(1, 10) > 1


async def test_a_plain_connection_that_overflows_is_cut_and_others_are_told() -> None:
    node = Node(SMALL)
    slow, slow_wire = node.connect()
    _, quick_wire = node.connect()
    slow_wire.stalled = True
    for _ in range(10):
        node.publish(node.logs.append("chat:1", size=300, plain_for=frozenset({1})))
    assert slow.closed
    assert slow_wire.was_aborted()
    assert quick_wire.offsets("chat:1") == list(range(1, 11))


async def test_only_the_newest_state_waits_for_a_slow_reader() -> None:
    node = Node(SMALL)
    connection, wire = await node.listen("chat:1")
    other, _ = await node.listen("chat:1", user_id=2)
    connection.writing_paused(0.0)
    for number in range(1000):
        say(other, "presence", channel="chat:1", state={"head": number})
        await asyncio.sleep(0)
    connection.writing_resumed()
    states = [frame["state"] for frame in wire.frames() if frame["type"] == "presence"]
    assert states == [{"head": 999}]


# Ends and failures ------------------------------------------------------------------------------


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


async def test_long_commands_are_under_way_one_at_a_time_and_none_is_lost() -> None:
    node = Node(LiveSettings(commands_in_flight=4))
    connection, wire = node.connect()
    node.commands.gate.clear()
    for number in range(6):
        say(connection, "rename", op=f"o{number}", padding="x" * 300_000)
    await settle()
    assert len(node.commands.origins) == 1
    assert connection.held_bytes() > 5 * 300_000
    assert not wire.is_read()
    node.commands.gate.set()
    await settle()
    assert [frame["op"] for frame in wire.frames()] == [f"o{number}" for number in range(6)]
    assert wire.is_read()
    assert connection.held_bytes() == 0


async def test_of_all_that_hold_memory_those_that_hold_most_are_cut_and_no_more_than_must_be() -> None:
    node = Node(LiveSettings(max_held_bytes=10_000))
    held = [await node.listen("chat:1") for _ in range(3)]
    for size, (connection, wire) in zip((1000, 6000, 5000), held, strict=True):
        wire.stalled = True
        connection.outbox.push_reply(b"x" * size)
    node.hub.sweep(0.0, 0, node.settings)
    assert [wire.was_aborted() for _, wire in held] == [False, True, False]
    assert node.hub.counts.ends[EndReason.HELD_TOO_MUCH] == 1
    node.hub.sweep(0.0, 0, node.settings)
    assert [wire.was_aborted() for _, wire in held] == [False, True, False]


async def test_who_sends_too_fast_is_read_later_and_others_are_not_held_up() -> None:
    node = Node(LiveSettings(frames_per_s=10, frames_burst=20, frames_per_s_per_user=1000, frames_burst_per_user=1000))
    quick, _ = node.connect()
    other_tab, _ = node.connect()
    assert quick.wait_s_after(20, 0) < 0.01
    assert quick.wait_s_after(10, 0) > 0.9
    assert other_tab.wait_s_after(1, 0) == 0


async def test_many_connections_of_one_person_are_no_way_around_the_limit() -> None:
    node = Node(LiveSettings(frames_per_s_per_user=10, frames_burst_per_user=20))
    for _ in range(20):
        connection, _ = node.connect()
        assert connection.wait_s_after(1, 0) < 0.01
        connection.ended()
    node.hub.sweep(0.0, 0, node.settings)
    assert node.connect()[0].wait_s_after(5, 0) > 0.3
    assert node.connect(user_id=2)[0].wait_s_after(5, 0) == 0


async def test_what_is_read_from_the_log_for_somebody_counts_as_well() -> None:
    node = Node(LiveSettings(frames_per_s=10, frames_burst=20))
    for _ in range(3):
        node.logs.append("chat:1", size=100_000)
    connection, _ = await node.listen("chat:1")
    assert connection.wait_s_after(1, 0) > 1


async def test_who_is_read_too_much_for_waits_for_the_next_page() -> None:
    """On whichever connection: coming back from an old offset again and again would cost others more than a flood."""
    node = Node(LiveSettings(frames_per_s_per_user=10, frames_burst_per_user=20))
    for _ in range(4):
        node.logs.append("chat:1", size=100_000)
    _, wire = await node.listen("chat:1")
    again, again_wire = await node.listen("chat:1")
    other, other_wire = await node.listen("chat:1", user_id=2)
    assert [each.offsets("chat:1") for each in (wire, again_wire)] == [[1, 2, 3], []]
    assert (other.closed, other_wire.offsets("chat:1")) == (False, [1, 2, 3])
    again.ended()


async def test_the_pages_that_waited_come_whole() -> None:
    node = Node(LiveSettings(frames_per_s=10_000, frames_burst=1))
    for _ in range(30):
        node.logs.append("chat:1", size=10_000)
    _, wire = await node.listen("chat:1")
    async with asyncio.timeout(30):
        while wire.offsets("chat:1")[-1:] != [30]:
            await settle()
    assert wire.offsets("chat:1") == list(range(1, 31))
