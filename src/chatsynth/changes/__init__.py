"""Text change sets, compatible with CodeMirror 6: pure functions that read, apply, join, move and undo edits.

The rules are numbered in docs/reference/change-sets.md.
"""

from chatsynth.changes.application import apply, invert
from chatsynth.changes.change_set import ChangeSet
from chatsynth.changes.composition import compose
from chatsynth.changes.difference import diff
from chatsynth.changes.errors import InvalidChange
from chatsynth.changes.json_form import ChangeJson
from chatsynth.changes.mapping import map_changes, map_pos
from chatsynth.changes.matching import Budget, find_matches
from chatsynth.changes.rebasing import rebase, rebase_all
from chatsynth.changes.text import Text, normalize_text

__all__ = [
    "Budget",
    "ChangeJson",
    "ChangeSet",
    "InvalidChange",
    "Text",
    "apply",
    "compose",
    "diff",
    "find_matches",
    "invert",
    "map_changes",
    "map_pos",
    "normalize_text",
    "rebase",
    "rebase_all",
]
