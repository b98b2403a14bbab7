"""What one connection, and one person, may cost the others: who is too fast or takes nothing waits, or is cut."""

import asyncio

import pytest

from chatsynth.realtime.counts import EndReason
from chatsynth.realtime.settings import LiveSettings
from tests.realtime.fakes import SMALL, Node, say, settle

pytestmark = pytest.mark.anyio


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
