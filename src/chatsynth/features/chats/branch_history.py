"""Which messages a chat showed at an earlier offset, and in which order: what came since is undone, the last first."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatsynth.log.recover import StoredEntry

STRUCTURAL_KINDS = (
    "message_added",
    "message_removed",
    "message_restored",
    "message_moved",
    "branch_selected",
    "messages_imported",
)


@dataclass(slots=True)
class Branch:
    """The messages of a branch from its beginning to its end, and those of them that are shown."""

    order: list[int]
    shown: set[int]

    def shown_in_order(self) -> list[int]:
        return [each for each in self.order if each in self.shown]


def before(branch: Branch, entries_last_first: Iterable[StoredEntry]) -> Branch | None:
    """The branch as it was before these entries; None if another one may have been shown, or less of it."""
    was = Branch(list(branch.order), set(branch.shown))
    for entry in entries_last_first:
        if entry.kind in ("branch_selected", "messages_imported"):
            return None
        _undo(was, entry)
    return was


def _undo(was: Branch, entry: StoredEntry) -> None:
    message_id = entry.subject_id
    match entry.kind:
        case "message_added":
            was.shown.discard(message_id)
        case "message_removed" if entry.inverse is not None:
            was.shown.add(message_id)
        case "message_restored" if entry.inverse is not None:
            was.shown.discard(message_id)
        case "message_moved" if entry.inverse is not None and message_id in was.order:
            was.order.remove(message_id)
            was.order.insert(_behind(was.order, json.loads(entry.inverse)["after"]), message_id)
        case _:
            pass


def _behind(order: Sequence[int], message_id: int | None) -> int:
    return 0 if message_id is None or message_id not in order else order.index(message_id) + 1
