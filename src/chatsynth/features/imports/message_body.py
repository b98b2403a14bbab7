"""Collects the text and the parts of one message in the order in which the export has them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from chatsynth.features.imports.canonical import Message, Part, Role, Unknown, content_hash
from chatsynth.features.imports.text_cleaning import utf16_length
from chatsynth.kit.json_types import Json

_SEPARATOR = "\n\n"
_MOST_PART_TEXT = 2**28


class Overgrown(Exception):
    """The parts of a conversation are far larger than the export that they come from, so somebody built it to be so."""


@dataclass(slots=True)
class Ledger:
    """What the messages of one conversation share: counts of unknown content, and how large their parts may get.

    An export may name one long text many times, in citations or as versions of a document, so that a small file
    would fill the memory.
    """

    unknown: Counter[str] = field(default_factory=Counter)
    part_text_left: int = _MOST_PART_TEXT

    def charge(self, part: Part) -> None:
        for name in part.__slots__:
            value = getattr(part, name)
            if isinstance(value, str):
                self.part_text_left -= len(value)
        if self.part_text_left < 0:
            raise Overgrown


class Body:
    """The body of one message. `add` raises Overgrown when the parts of the conversation get too large."""

    __slots__ = ("_ledger", "_length", "_measured", "_pieces", "parts")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._pieces: list[str] = []
        self._length = 0
        self._measured = 0
        self.parts: list[Part] = []

    @property
    def at(self) -> int:
        """Where a part stands that follows what there is so far, in UTF-16 code units."""
        for piece in self._pieces[self._measured :]:
            self._length += utf16_length(piece) + (len(_SEPARATOR) if self._measured else 0)
            self._measured += 1
        return self._length

    @property
    def next_text_at(self) -> int:
        """Where the next text will begin."""
        return self.at + (len(_SEPARATOR) if self._pieces else 0)

    @property
    def text(self) -> str:
        return _SEPARATOR.join(self._pieces)

    @property
    def empty(self) -> bool:
        return not self.parts and all(map(str.isspace, self._pieces))

    def say(self, text: str) -> None:
        """Adds text that is clean already. Parts within it are added after it."""
        if text:
            self._pieces.append(text)

    def add(self, *parts: Part) -> None:
        for part in parts:
            self._ledger.charge(part)
            self.parts.append(part)

    def add_before(self, parts: Iterable[Part]) -> None:
        """Puts parts before everything else."""
        first = list(parts)
        for part in first:
            self._ledger.charge(part)
        self.parts[:0] = first

    def add_unknown(self, kind: str, value: object) -> None:
        """Keeps content of a kind that the importer does not know."""
        self.count(kind)
        self.add(Unknown(self.at, kind, cast("Json", value)))

    def count(self, kind: str) -> None:
        self._ledger.unknown[kind] += 1

    def message(
        self,
        *,
        source_id: str,
        parent: str | None,
        role: Role,
        author: str | None,
        model: str | None,
        created_at: int | None,
        hidden: bool,
    ) -> Message:
        """The message with this body. One in which there is nothing to see is hidden."""
        text, parts = self.text, tuple(self.parts)
        hidden = hidden or self.empty
        hashed = content_hash(role, text, parts)
        return Message(source_id, parent, role, author, model, created_at, hidden, text, parts, hashed)


def kind_of_role(name: str) -> str:
    """How a role that is unknown is counted among unknown content."""
    return f"messages of the role “{name}”" if name else "messages without a role"


def unique_ids(wanted: Sequence[tuple[str, str]]) -> list[str]:
    """One id for each (id, id to take when that is taken or ""); who finds both taken gets a number as well."""
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    ids: list[str] = []
    for preferred, other in wanted:
        unique = preferred if preferred and preferred not in taken else other
        while not unique or unique in taken:
            numbers[preferred] += 1
            unique = f"{preferred or 'message'}#{numbers[preferred] + 1}"
        taken.add(unique)
        ids.append(unique)
    return ids
