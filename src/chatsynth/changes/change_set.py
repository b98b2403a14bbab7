"""An edit of one text against a version: the value that editors send, the log keeps and everyone applies."""

from dataclasses import dataclass
from typing import Self

from chatsynth.changes.errors import InvalidChange
from chatsynth.changes.json_form import ChangeJson, parse, serialize
from chatsynth.changes.sections import SectionCursor, SectionWriter
from chatsynth.changes.text import encode

DEFAULT_MAX_PARTS = 10_000
DEFAULT_MAX_INSERTED = 4_000_000


@dataclass(frozen=True, slots=True, repr=False)
class ChangeSet:
    """An immutable edit of a text of one exact length, equal to CodeMirror's `ChangeSet`.

    `lengths` and `texts` are its sections in canonical form, as `sections.SectionWriter` writes them.
    """

    lengths: tuple[int, ...]
    texts: tuple[bytes | None, ...]

    @classmethod
    def from_json(
        cls,
        json: object,
        *,
        max_parts: int | None = DEFAULT_MAX_PARTS,
        max_inserted: int | None = DEFAULT_MAX_INSERTED,
    ) -> Self:
        """Read `[5, [2, "ab"], 3]`: keep 5 code units, put "ab" in place of 2, keep 3.

        `max_parts` bounds the items of the list and `max_inserted` the inserted UTF-16 code units; `None`
        lifts a bound, for change sets that this server has stored itself. Raises `InvalidChange` for anything
        else.
        """
        return cls(*parse(json, max_parts, max_inserted))

    @classmethod
    def identity(cls, length: int) -> Self:
        """Return the change set that leaves a text of `length` code units as it is."""
        return cls((length,), (None,)) if length else cls((), ())

    @classmethod
    def replace(cls, length: int, start: int, end: int, insert: str) -> Self:
        """Put `insert` in place of the range `start` to `end` of a text of `length` code units.

        Raises `InvalidChange` when the range is not inside the text or `insert` is not as `normalize_text`
        returns.
        """
        if not 0 <= start <= end <= length:
            raise InvalidChange(f"The range {start} to {end} does not lie inside a text of {length} code units.")
        writer = SectionWriter()
        writer.keep(start)
        writer.replace(end - start, encode(insert))
        writer.keep(length - end)
        return cls(*writer.finish())

    def to_json(self) -> ChangeJson:
        """Return the JSON form, exactly as CodeMirror's `toJSON` writes it."""
        return serialize((self.lengths, self.texts))

    @property
    def length_before(self) -> int:
        """The length in code units of the only texts that this edit applies to."""
        return sum(self.lengths)

    @property
    def length_after(self) -> int:
        """The length in code units of the text that it makes of them."""
        return sum(
            length if text is None else len(text) >> 1 for length, text in zip(self.lengths, self.texts, strict=True)
        )

    @property
    def is_empty(self) -> bool:
        """Whether it leaves the text as it is."""
        return not self.texts or self.texts == (None,)

    def cursor(self) -> SectionCursor:
        """Start a walk over the sections."""
        return SectionCursor(self.lengths, self.texts)

    def __repr__(self) -> str:
        return f"ChangeSet.from_json({self.to_json()!r})"
