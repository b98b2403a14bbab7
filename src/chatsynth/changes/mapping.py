"""Moving change sets and positions over concurrent ones, as CodeMirror's `ChangeSet.map` and `mapPos` do."""

from chatsynth.changes.change_set import ChangeSet
from chatsynth.changes.errors import InvalidChange
from chatsynth.changes.sections import SectionCursor, SectionWriter


def map_changes(changes: ChangeSet, over: ChangeSet, *, before: bool = False) -> ChangeSet:
    """Return `changes` as they read after `over`, where both start from the same text.

    At equal positions `over` comes first, or `changes` when `before` is set. So `b` and then `map_changes(a,
    b)` makes the same text as `a` and then `map_changes(b, a, before=True)`. Raises `InvalidChange` when the
    lengths before differ.
    """
    if changes.length_before != over.length_before:
        raise InvalidChange(
            f"The change sets start from different texts, of {changes.length_before}"
            f" and {over.length_before} UTF-16 code units."
        )
    return changes if over.is_empty else _map(changes.cursor(), over.cursor(), before=before)


def _map(mine: SectionCursor, theirs: SectionCursor, *, before: bool) -> ChangeSet:
    writer = SectionWriter()
    while not (mine.done and theirs.done):
        if theirs.text is None:
            if mine.text is None:
                length = min(mine.length, theirs.length)
                writer.keep(length)
                mine.take(length)
                theirs.take(length)
            else:
                _write_mine(writer, mine, theirs)
        elif _theirs_is_next(mine, theirs, before=before):
            _step_over_theirs(writer, mine, theirs, len(theirs.text) >> 1)
        else:
            _write_mine(writer, mine, theirs)
    return ChangeSet(*writer.finish())


def _theirs_is_next(mine: SectionCursor, theirs: SectionCursor, *, before: bool) -> bool:
    """Order two changes that meet: the one that deletes less is first; between equals `before` decides."""
    if mine.text is None or mine.placed:
        return True
    if mine.taken:
        return False
    return theirs.length < mine.length or (theirs.length == mine.length and not before)


def _step_over_theirs(writer: SectionWriter, mine: SectionCursor, theirs: SectionCursor, inserted: int) -> None:
    """Keep what they insert, and take what they delete off mine; if mine ends there, its text follows."""
    writer.keep(inserted)
    left = theirs.length
    while left:
        length = min(mine.length, left)
        if mine.text is not None and not mine.placed and mine.length <= length:
            writer.replace(0, mine.text)
            mine.placed = True
        mine.take(length)
        left -= length
    theirs.advance()


def _write_mine(writer: SectionWriter, mine: SectionCursor, theirs: SectionCursor) -> None:
    """Write my change up to the next of theirs that has to be ordered against it, less what they delete."""
    assert mine.text is not None
    left = mine.length
    deleted = 0
    while left:
        if theirs.text is None:
            length = min(left, theirs.length)
            deleted += length
            left -= length
            theirs.take(length)
        elif not theirs.text and theirs.length < left:
            left -= theirs.length
            theirs.advance()
        else:
            break
    writer.replace(deleted, b"" if mine.placed else mine.text)
    mine.placed = True
    mine.take(mine.length - left)


def map_pos(changes: ChangeSet, pos: int, assoc: int = -1) -> int:
    """Return where position `pos` (UTF-16 code units) of the text before stands after `changes`.

    Where text is inserted at it, it stays before that text if `assoc` is below zero and goes behind it
    otherwise; inside a replaced range it goes to that side of the replacement. Raises `InvalidChange` for a
    `pos` outside the text.
    """
    if not 0 <= pos <= changes.length_before:
        raise InvalidChange(f"Position {pos} lies outside a text of {changes.length_before} UTF-16 code units.")
    before = after = 0
    for length, text in zip(changes.lengths, changes.texts, strict=True):
        end = before + length
        if text is None:
            if end > pos:
                return after + pos - before
            after += length
        else:
            if end > pos or (end == pos and assoc < 0 and not length):
                return after if pos == before or assoc < 0 else after + (len(text) >> 1)
            after += len(text) >> 1
        before = end
    return after
