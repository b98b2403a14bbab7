"""The tree of a chat's messages, as rules on plain values: the active branch, what a selection or a move changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    id: int
    parent_id: int | None
    position: int
    is_removed: bool


Placements = dict[int, int | None]
"""New parents by message id."""


def path_to(leaf_id: int | None, nodes: Mapping[int, Node]) -> list[Node]:
    """From the root to the leaf; ends where a parent is missing or would repeat."""
    path: list[Node] = []
    seen: set[int] = set()
    at = leaf_id
    while at is not None and at in nodes and at not in seen:
        seen.add(at)
        path.append(nodes[at])
        at = nodes[at].parent_id
    return path[::-1]


def leaf_below(message_id: int, nodes: Iterable[Node]) -> int:
    """The leaf that is shown when this message is selected: at each fork the last alternative."""
    children = _children(nodes)
    at = message_id
    while children[at]:
        at = children[at][-1].id
    return at


def _children(nodes: Iterable[Node]) -> defaultdict[int | None, list[Node]]:
    children: defaultdict[int | None, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda each: (each.position, each.id)):
        children[node.parent_id].append(node)
    return children


def visible_before(path: Sequence[Node], message_id: int) -> int | None:
    """The message of the branch that this one follows for a reader, removed ones left out; None at the beginning."""
    before: int | None = None
    for node in path:
        if node.id == message_id:
            return before
        if not node.is_removed:
            before = node.id
    return before


@dataclass(frozen=True, slots=True)
class Move:
    """What a move does to the tree. `is_linear` is False when alternatives change place with it."""

    placements: Placements
    leaf_id: int
    is_linear: bool


def plan_move(message_id: int, after: int | None, leaf_id: int, nodes: Mapping[int, Node]) -> Move:
    """Takes the message out (what follows it closes up), and puts it between `after` and all that follows that.
    A message that stands there already stays as it is, and so do its alternatives."""
    moved = nodes[message_id]
    if after == moved.parent_id:
        return Move({}, leaf_id, is_linear=True)
    children = _children(nodes.values())
    followers = [child.id for child in children[message_id]]
    displaced = [child.id for child in children[after]]
    placements: Placements = dict.fromkeys(followers, moved.parent_id)
    placements.update(dict.fromkeys(displaced, message_id))
    placements[message_id] = after
    was_fork = len(children[moved.parent_id]) > 1 or len(followers) > 1
    return Move(placements, _leaf_after_move(moved, after, leaf_id), not was_fork and len(displaced) <= 1)


def _leaf_after_move(moved: Node, after: int | None, leaf_id: int) -> int:
    if after == leaf_id:
        return moved.id
    if moved.id == leaf_id and moved.parent_id is not None:
        return moved.parent_id
    return leaf_id
