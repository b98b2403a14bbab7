"""The server's half of collaborative editing: a late edit goes behind what was committed meanwhile.

Everyone ends up equal because both halves use one order: at equal positions what the server has committed
comes first. The browser (`receiveUpdates` of @codemirror/collab) maps what it has pending over a remote entry
with `pending.map(remote)` and shows the entry as `remote.map(pending, true)`; the server maps the pending
edit alike.

Both go entry by entry. Mapping over a composition can order two insertions differently from mapping over its
parts, because composing forgets where inside a replaced range a text had stood.
"""

from collections.abc import Iterable, Sequence

from chatsynth.changes.change_set import ChangeSet
from chatsynth.changes.mapping import map_changes


def rebase(changes: ChangeSet, over: Iterable[ChangeSet]) -> ChangeSet:
    """Return `changes` as they read after `over`, what was committed since their base, in order.

    Raises `InvalidChange` when the lengths do not fit.
    """
    for committed in over:
        changes = map_changes(changes, committed)
    return changes


def rebase_all(pending: Sequence[ChangeSet], over: Iterable[ChangeSet]) -> tuple[ChangeSet, ...]:
    """Rebase edits of one client of which each was made in the text that the one before it left.

    Rebasing their composition could differ from what that client's editor shows. Raises as `rebase` does.
    """
    rebased = list(pending)
    for entry in over:
        committed = entry
        for index, changes in enumerate(rebased):
            rebased[index] = map_changes(changes, committed)
            committed = map_changes(committed, changes, before=True)
    return tuple(rebased)
