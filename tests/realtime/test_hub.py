"""The hub: who hears what, in which order."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import ChannelClosed, CredentialEnded, StateChange, UserEnded
from tests.realtime.fakes import Node, settle

pytestmark = pytest.mark.anyio


async def test_news_of_one_commit_come_in_its_order_and_in_one_write() -> None:
    node = Node()
    _, wire = await node.listen("chat:1", "chat:2", "user:1")
    writes = len(wire.written)
    names = ["chat:2", "user:1", "chat:1", "chat:2"]
    node.publish(*[node.logs.append(name) for name in names])
    assert [frame["channel"] for frame in wire.frames() if frame["type"] == "said"] == names
    assert len(wire.written) == writes + 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
async def test_everybody_hears_their_channels_and_nothing_else(commits: list[tuple[int, int]]) -> None:
    node = Node()
    wires = [(await node.listen(*channels))[1] for channels in (["chat:0"], ["chat:0", "chat:1"], ["chat:2"])]
    heard: list[list[str]] = [["chat:0"], ["chat:0", "chat:1"], ["chat:2"]]
    for pair in commits:
        node.publish(*[node.logs.append(f"chat:{number}") for number in pair])
    written = [f"chat:{number}" for pair in commits for number in pair]
    for wire, channels in zip(wires, heard, strict=True):
        got = [frame["channel"] for frame in wire.frames() if frame["type"] == "said"]
        assert got == [name for name in written if name in channels]


async def test_a_lost_hint_is_found_with_the_next_entry() -> None:
    node = Node()
    _, wire = await node.listen("chat:1")
    node.logs.append("chat:1")  # committed, but this node never heard of it
    node.publish(node.logs.append("chat:1"))
    await settle()
    assert wire.offsets("chat:1") == [1, 2]


async def test_entries_that_are_heard_of_twice_or_late_are_sent_once_and_in_order() -> None:
    node = Node()
    _, wire = await node.listen("chat:1")
    made = [node.logs.append("chat:1") for _ in range(4)]
    for number in (0, 2, 1, 1, 3, 0, 3):
        node.publish(made[number])
        node.hub.hint_heads([("chat:1", 4)])
    await settle()
    assert wire.offsets("chat:1") == [1, 2, 3, 4]


@pytest.mark.parametrize("entries", [1, 2])
async def test_a_connection_that_cannot_be_written_to_is_cut_and_costs_nobody_else_anything(entries: int) -> None:
    node = Node()
    broken, wire = await node.listen("chat:1")
    _, other = await node.listen("chat:1")
    del wire.written  # any write fails from here on
    node.publish(*[node.logs.append("chat:1") for _ in range(entries)])
    assert broken.closed
    assert wire.was_aborted()
    assert other.offsets("chat:1") == list(range(1, entries + 1))


async def test_a_channel_that_closes_for_one_person_closes_in_all_their_tabs_and_in_nobody_elses() -> None:
    node = Node()
    tabs = [await node.listen("chat:1", "user:1") for _ in range(2)]
    _, other = await node.listen("chat:1", user_id=2)
    _, plain = node.connect(1)
    node.hub.publish([ChannelClosed("chat:1", 1, "No longer shared."), node.logs.append("chat:1")])
    for _, wire in tabs:
        assert wire.types()[-1] == "revoked"
        assert wire.offsets("chat:1") == []
    assert other.offsets("chat:1") == [1]
    assert plain.frames() == []


async def test_what_was_committed_before_a_right_ended_and_after_it() -> None:
    node = Node()
    _, wire = await node.listen("chat:1")
    before, after = node.logs.append("chat:1"), node.logs.append("chat:1")
    node.hub.publish([before, ChannelClosed("chat:1", 1, "No longer shared."), after])
    assert 2 not in wire.offsets("chat:1")
    assert wire.types()[-1] == "revoked"


async def test_an_ended_sign_in_closes_its_connections_and_an_ended_account_all() -> None:
    node = Node()
    one, one_wire = await node.listen()
    _, two_wire = await node.listen()
    _, other_wire = await node.listen(user_id=2)
    node.hub.publish([CredentialEnded(one.session.identity.credential, 1, CloseCode.REVOKED)])
    assert [wire.close_code for wire in (one_wire, two_wire, other_wire)] == [CloseCode.REVOKED, None, None]
    node.hub.publish([UserEnded(1, CloseCode.DISABLED)])
    assert [wire.close_code for wire in (two_wire, other_wire)] == [CloseCode.DISABLED, None]
    assert node.hub.ended_rights == 2


async def test_a_state_goes_to_the_full_connections_of_its_person() -> None:
    node = Node()
    _, wire = await node.listen()
    _, other = await node.listen(user_id=2)
    _, plain = node.connect()
    changes = [StateChange(1, "job:1", json.dumps({"type": "progress", "n": n}).encode()) for n in range(5)]
    node.hub.publish(changes)
    assert wire.frames()[1:] == [{"type": "progress", "n": 4}]
    assert other.types() == ["welcome"]
    assert plain.frames() == []


async def test_a_node_that_drains_gives_each_client_another_time() -> None:
    node = Node()
    wires = [(await node.listen())[1] for _ in range(3)]
    _, plain = node.connect()
    assert node.hub.drain(100) == 3
    assert sorted(wire.frames()[-1]["retryAfterMs"] for wire in wires) == [100, 101, 102]
    node.hub.close_all()
    assert {wire.close_code for wire in [*wires, plain]} == {CloseCode.GOING_AWAY}
    assert plain.frames() == []
