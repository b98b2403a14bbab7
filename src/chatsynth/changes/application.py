"""Carrying out a change set, and undoing it."""

from chatsynth.changes.change_set import ChangeSet
from chatsynth.changes.errors import InvalidChange
from chatsynth.changes.text import Text, splits_pair


def apply(changes: ChangeSet, text: Text) -> Text:
    """Return `text` with `changes` made to it.

    Raises `InvalidChange` when they are for a text of another length or would split a surrogate pair.
    """
    units = text.units
    _require_fit(changes, units)
    pieces: list[bytes] = []
    start = 0
    for length, replacement in zip(changes.lengths, changes.texts, strict=True):
        end = start + length * 2
        pieces.append(units[start:end] if replacement is None else replacement)
        start = end
    return Text(b"".join(pieces))


def invert(changes: ChangeSet, text: Text) -> ChangeSet:
    """Return what makes `text`, the text before `changes`, of the changed one; raises as `apply` does."""
    units = text.units
    _require_fit(changes, units)
    lengths: list[int] = []
    texts: list[bytes | None] = []
    start = 0
    for length, replacement in zip(changes.lengths, changes.texts, strict=True):
        end = start + length * 2
        lengths.append(length if replacement is None else len(replacement) >> 1)
        texts.append(None if replacement is None else units[start:end])
        start = end
    return ChangeSet(tuple(lengths), tuple(texts))


def _require_fit(changes: ChangeSet, units: bytes) -> None:
    end = 0
    for length in changes.lengths:
        end += length * 2
        if splits_pair(units, end):
            raise InvalidChange(f"The change at position {end // 2} would cut a character in half.")
    if end != len(units):
        raise InvalidChange(
            f"The change set is for a text of {end // 2} UTF-16 code units, but this has {len(units) // 2}."
        )
