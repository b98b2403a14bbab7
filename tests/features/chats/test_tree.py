"""The rules of the tree, against a plain list where there are no forks, and against its own meaning where there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsynth.features.chats.tree import Move, Node, leaf_below, path_to, plan_move, visible_before

Tree = dict[int, Node]


def line(length: int, removed: frozenset[int] = frozenset()) -> Tree:
    return {n: Node(n, n - 1 or None, 0, n in removed) for n in range(1, length + 1)}


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree: each message follows an earlier one, or is a beginning."""
    size = draw(st.integers(1, 10))
    parents = [draw(st.none() if n == 1 else st.none() | st.integers(1, n - 1)) for n in range(1, size + 1)]
    return {
        n: Node(n, parent, draw(st.integers(0, 2)), draw(st.booleans())) for n, parent in enumerate(parents, start=1)
    }


def carried_out(nodes: Tree, move: Move) -> Tree:
    return {
        key: Node(key, move.placements.get(key, node.parent_id), node.position, node.is_removed)
        for key, node in nodes.items()
    }


def others(shown: list[int], message_id: int) -> st.SearchStrategy[int | None]:
    """What it may be put behind."""
    return st.sampled_from([None, *(each for each in shown if each != message_id)])


def ids(leaf_id: int | None, nodes: Tree) -> list[int]:
    return [node.id for node in path_to(leaf_id, nodes)]


@given(st.data(), st.integers(1, 8))
def test_in_a_line_a_move_is_what_it_is_in_a_list(data: st.DataObject, length: int) -> None:
    nodes, expected, leaf_id = line(length), list(range(1, length + 1)), length
    for _ in range(data.draw(st.integers(1, 6))):
        message_id = data.draw(st.sampled_from(expected))
        after = data.draw(others(expected, message_id))
        move = plan_move(message_id, after, leaf_id, nodes)
        assert move.is_linear
        nodes, leaf_id = carried_out(nodes, move), move.leaf_id
        expected.remove(message_id)
        expected.insert(0 if after is None else expected.index(after) + 1, message_id)
        assert ids(leaf_id, nodes) == expected


@given(st.data(), trees())
def test_in_any_tree_a_move_keeps_a_tree_with_everything_in_it(data: st.DataObject, nodes: Tree) -> None:
    leaf_id = data.draw(st.sampled_from(sorted(nodes)))  # the end of what is shown; others may follow it
    shown = ids(leaf_id, nodes)
    message_id = data.draw(st.sampled_from(shown))
    after = data.draw(others(shown, message_id))
    move = plan_move(message_id, after, leaf_id, nodes)
    moved = carried_out(nodes, move)
    assert moved.keys() == nodes.keys()
    for key in moved:
        assert ids(key, moved)[0] in {each for each, node in moved.items() if node.parent_id is None}, "a loop"
        assert ids(key, moved)[-1] == key
    path = ids(move.leaf_id, moved)
    assert path.index(message_id) == (0 if after is None else path.index(after) + 1)
    if move.is_linear:
        expected = [each for each in shown if each != message_id]
        expected.insert(0 if after is None else expected.index(after) + 1, message_id)
        assert path == expected
    assert moved[message_id].parent_id == after


@given(trees(), st.data())
def test_selecting_shows_the_branch_through_a_message(nodes: Tree, data: st.DataObject) -> None:
    message_id = data.draw(st.sampled_from(sorted(nodes)))
    leaf_id = leaf_below(message_id, nodes.values())
    assert message_id in ids(leaf_id, nodes)
    assert not any(node.parent_id == leaf_id for node in nodes.values())


@given(st.integers(1, 8), st.frozensets(st.integers(1, 8)))
def test_what_a_message_follows_for_a_reader(length: int, removed: frozenset[int]) -> None:
    nodes = line(length, removed)
    path = path_to(length, nodes)
    for message_id in nodes:
        expected = [each for each in range(1, message_id) if each not in removed]
        assert visible_before(path, message_id) == (expected[-1] if expected else None)


@pytest.mark.parametrize("leaf_id", [None, 99, 1, 2])
def test_a_broken_tree_has_a_path_that_ends(leaf_id: int | None) -> None:
    loop = {1: Node(1, 2, 0, False), 2: Node(2, 1, 0, False)}
    assert len(path_to(leaf_id, loop)) <= 2
