"""Joining two change sets that follow each other into one, as CodeMirror's `ChangeSet.compose` does."""

from chatsynth.changes.change_set import ChangeSet
from chatsynth.changes.errors import InvalidChange
from chatsynth.changes.sections import SectionCursor, SectionWriter


def compose(first: ChangeSet, second: ChangeSet) -> ChangeSet:
    """Return one change set with the effect of `first` and then `second`.

    Mapping over the result is not the same as mapping over the two in turn. Raises `InvalidChange` when
    `second` is not for a text of the length that `first` makes, or keeps half a surrogate pair of what
    `first` inserts.
    """
    if first.length_after != second.length_before:
        raise InvalidChange(
            f"The first change set makes a text of {first.length_after} UTF-16 code units,"
            f" but the second is for one of {second.length_before}."
        )
    if first.is_empty:
        return second
    return first if second.is_empty else _compose(first.cursor(), second.cursor())


def _compose(first: SectionCursor, second: SectionCursor) -> ChangeSet:
    writer = SectionWriter()
    joined = False  # whether the section written last is of a change that goes on
    while not (first.done and second.done):
        if first.text == b"":
            writer.replace(first.length, b"", join=joined)
            first.advance()
        elif second.length == 0 and second.text is not None:
            writer.replace(0, second.text, join=joined)
            second.advance()
        else:
            joined = _compose_overlap(writer, first, second, joined=joined)
    return ChangeSet(*writer.finish())


def _compose_overlap(writer: SectionWriter, first: SectionCursor, second: SectionCursor, *, joined: bool) -> bool:
    """Write the next stretch of the text between the two; say whether the change there goes on beyond it."""
    written = len(writer)
    length = min(first.length_after, second.length)
    if first.text is None and second.text is None:
        writer.keep(length)
    else:
        before = length if first.text is None else 0 if first.taken else first.length
        writer.replace(before, _text_after(first, second, length), join=joined)
    goes_on = (first.text is not None and first.length_after > length) or (
        second.text is not None and second.length > length
    )
    first.take_after(length)
    second.take(length)
    return goes_on and (joined or len(writer) > written)


def _text_after(first: SectionCursor, second: SectionCursor, length: int) -> bytes:
    """Return what stands in the end for a stretch that at least one of the two changes."""
    if second.text is not None:
        return b"" if second.taken else second.text
    assert first.text is not None
    piece = first.text[first.taken * 2 : (first.taken + length) * 2]
    if piece[1] & 0xFC == 0xDC or piece[-1] & 0xFC == 0xD8:
        raise InvalidChange("The second change set cuts a character in half that the first inserts.")
    return piece
