"""Reading and writing the sections of a change set: the one place that knows their canonical form.

A section is a length in the document before, and what stands there afterwards: `None` where the text is kept,
otherwise the utf-16-le bytes that replace it, empty for a deletion. Lengths are UTF-16 code units.
"""

from collections.abc import Sequence
from typing import TypeAlias

Columns: TypeAlias = tuple[tuple[int, ...], tuple[bytes | None, ...]]
"""Sections as two columns of equal height: lengths, and what stands there afterwards."""


class SectionWriter:
    """Collects sections in canonical form, the form that CodeMirror itself produces.

    Adjacent keeps, adjacent deletions and adjacent insertions become one section and empty ones vanish. A
    deletion beside an insertion stays apart: they are two changes, and a position or an edit between them
    keeps its place.
    """

    __slots__ = ("_lengths", "_more", "_texts")

    def __init__(self) -> None:
        self._lengths: list[int] = []
        self._texts: list[bytes | None] = []
        self._more: list[bytes] = []
        """What belongs behind the last text, kept apart so that thousands of pieces take linear time."""

    def __len__(self) -> int:
        return len(self._lengths)

    def keep(self, length: int) -> None:
        """Keep the next `length` code units."""
        if not length:
            return
        if self._texts and self._texts[-1] is None:
            self._lengths[-1] += length
        else:
            self._append(length, None)

    def replace(self, length: int, text: bytes, *, join: bool = False) -> None:
        """Replace the next `length` code units by `text`; with `join`, as part of the one written last."""
        if not length and not text:
            return
        last = self._texts[-1] if self._texts else None
        if last is None:
            self._append(length, text)
        elif join or (not text and not last) or (not length and not self._lengths[-1]):
            self._lengths[-1] += length
            if last:
                self._more.append(text)
            else:
                self._texts[-1] = text
        else:
            self._append(length, text)

    def finish(self) -> Columns:
        """Return what was written."""
        self._settle()
        return tuple(self._lengths), tuple(self._texts)

    def _append(self, length: int, text: bytes | None) -> None:
        if self._more:
            self._settle()
        self._lengths.append(length)
        self._texts.append(text)

    def _settle(self) -> None:
        if self._more:
            self._texts[-1] = b"".join((self._texts[-1] or b"", *self._more))
            self._more.clear()


class SectionCursor:
    """Walks over sections, taking pieces of them by length in the document before or in the document after.

    `length` is what is left of the current section in the document before, `taken` what has been consumed of
    it and `text` its whole replacement; `placed` is for the mapping to note that it has written the
    replacement.
    """

    __slots__ = ("_index", "_lengths", "_texts", "done", "length", "placed", "taken", "text")

    def __init__(self, lengths: Sequence[int], texts: Sequence[bytes | None]) -> None:
        self._lengths = lengths
        self._texts = texts
        self._index = -1
        self.done = False
        self.advance()

    def advance(self) -> None:
        """Go to the next section; past the last one `done` is set and the section is an empty keep."""
        self._index = index = self._index + 1
        self.taken = 0
        self.placed = False
        if index < len(self._lengths):
            self.length = self._lengths[index]
            self.text = self._texts[index]
        else:
            self.done = True
            self.length = 0
            self.text = None

    def take(self, length: int) -> None:
        """Consume `length` code units of the document before."""
        if length == self.length:
            self.advance()
        else:
            self.length -= length
            self.taken += length

    @property
    def length_after(self) -> int:
        """What is left of the section in the document after, when it is walked with `take_after`."""
        return self.length if self.text is None else (len(self.text) >> 1) - self.taken

    def take_after(self, length: int) -> None:
        """Consume `length` code units of the document after."""
        if self.text is None:
            self.take(length)
        elif length == self.length_after:
            self.advance()
        else:
            self.taken += length
