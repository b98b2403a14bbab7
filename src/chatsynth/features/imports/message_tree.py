"""Makes a tree of nodes that name their parents, however wrong the links are."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """`order` has every node once, parents before children. `parents` leads from a node to its parent in the tree."""

    order: Sequence[str]
    parents: Mapping[str, str | None]


def arrange(parents: Mapping[str, str | None], sibling_rank: Callable[[str], tuple[int, ...]]) -> Tree:
    """Every node of `parents` in depth-first order, siblings by rank and then as they came.

    A node whose parent is unknown, or is itself, is a root; a circle is opened at the node of it that came first.
    """
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for key, parent in parents.items():
        children[parent if parent in parents and parent != key else None].append(key)
    for siblings in children.values():
        if len(siblings) > 1:
            siblings.sort(key=sibling_rank)
    tree: dict[str, str | None] = {}
    _walk(children, [(root, None) for root in reversed(children[None])], tree)
    if len(tree) < len(parents):
        ranks = {key: index for index, key in enumerate(parents)}
        for key in parents:
            if key not in tree:
                _walk(children, [(min(_circle_above(key, parents), key=ranks.__getitem__), None)], tree)
    return Tree(list(tree), tree)


def _walk(
    children: Mapping[str | None, Sequence[str]], pending: list[tuple[str, str | None]], tree: dict[str, str | None]
) -> None:
    while pending:
        key, parent = pending.pop()
        if key in tree:
            continue
        tree[key] = parent
        if below := children.get(key):
            pending += [(child, key) for child in reversed(below)]


def _circle_above(key: str, parents: Mapping[str, str | None]) -> Sequence[str]:
    """The circle that one reaches by going from parent to parent."""
    path: dict[str, None] = {}
    above: str | None = key
    while above is not None and above not in path:
        path[above] = None
        above = parents[above]
    steps = list(path)
    return steps if above is None else steps[steps.index(above) :]
