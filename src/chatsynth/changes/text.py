"""The document that change sets apply to, measured as a browser measures it."""

from dataclasses import dataclass
from typing import Self

from chatsynth.changes.errors import InvalidChange


def normalize_text(text: str) -> str:
    """Return `text` as a `Text` can hold it: line ends `\\n`, no NUL, U+FFFD for each lone surrogate."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    try:
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def encode(text: str) -> bytes:
    """Return `text` as utf-16-le; raise `InvalidChange` where `normalize_text` would have altered it."""
    if "\0" in text:
        raise InvalidChange("The text holds a NUL character, which cannot be stored.")
    if "\r" in text:
        raise InvalidChange("The text holds a carriage return; line ends are a single newline.")
    try:
        return text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise InvalidChange("The text holds half of a surrogate pair, which is no character.") from None


def splits_pair(units: bytes, at: int) -> bool:
    """Say whether byte offset `at` of well-formed utf-16-le is between the two halves of a surrogate pair."""
    return at < len(units) and units[at + 1] & 0xFC == 0xDC


@dataclass(frozen=True, slots=True)
class Text:
    """An immutable document, held as utf-16-le so that positions in UTF-16 code units are exact slices.

    It is always what the editor in the browser would hold: line ends `\\n`, no NUL, no lone surrogate.
    Whoever calls the constructor vouches for `units`; a text of unknown origin comes in through `Text.of`.
    """

    units: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        """Hold `text`; raise `InvalidChange` where it is not what `normalize_text` returns."""
        return cls(encode(text))

    def slice(self, start: int, end: int) -> str:
        """Return the characters between two positions in UTF-16 code units.

        Raises `InvalidChange` when a position is outside the text or inside a surrogate pair.
        """
        if not 0 <= start <= end <= len(self):
            raise InvalidChange("The range does not lie inside the text.")
        if splits_pair(self.units, start * 2) or splits_pair(self.units, end * 2):
            raise InvalidChange("The range cuts a character in half.")
        return self.units[start * 2 : end * 2].decode("utf-16-le")

    def __len__(self) -> int:
        return len(self.units) >> 1

    def __str__(self) -> str:
        return self.units.decode("utf-16-le")
