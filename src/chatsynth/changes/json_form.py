"""The JSON form of a change set, `[5, [2, "ab"], 3]`, as written by CodeMirror's `ChangeSet.toJSON`."""

from typing import TypeAlias

from chatsynth.changes.errors import InvalidChange
from chatsynth.changes.sections import Columns, SectionWriter
from chatsynth.changes.text import encode

ChangeJson: TypeAlias = list[int | list[int | str]]

MAX_LENGTH = 2**31 - 1
"""The longest text, in UTF-16 code units, that a change set may speak of."""


def parse(json: object, max_parts: int | None, max_inserted: int | None) -> Columns:
    """Read the JSON form; raise `InvalidChange` for anything else, naming the part that is wrong."""
    if not isinstance(json, list):
        raise InvalidChange('A change set must be a list such as [5, [2, "ab"], 3].')
    if max_parts is not None and len(json) > max_parts:
        raise InvalidChange(f"The change set has {len(json)} parts; at most {max_parts} are allowed.")
    writer = SectionWriter()
    before = inserted = 0
    for number, part in enumerate(json, start=1):
        if isinstance(part, list):
            length, text = _parse_change(part, number)
            writer.replace(length, text)
            inserted += len(text) >> 1
            if max_inserted is not None and inserted > max_inserted:
                raise InvalidChange(f"The change set inserts more than {max_inserted} UTF-16 code units.")
        else:
            length = _parse_length(part, number)
            writer.keep(length)
        before += length
    if max(before, inserted) > MAX_LENGTH:
        raise InvalidChange("The change set is for a text that is longer than any text can be.")
    return writer.finish()


def _parse_length(value: object, number: int) -> int:
    if type(value) is not int:
        raise InvalidChange(f"Part {number} must be a whole number or a list that starts with one.")
    if not 0 <= value <= MAX_LENGTH:
        raise InvalidChange(f"The number in part {number} must be between 0 and {MAX_LENGTH}.")
    return value


def _parse_change(part: list[object], number: int) -> tuple[int, bytes]:
    length = _parse_length(part[0] if part else None, number)
    if len(part) == 1:
        return length, b""
    lines = [line for line in part[1:] if isinstance(line, str)]
    if len(lines) != len(part) - 1:
        raise InvalidChange(f"Part {number} must hold only strings after its number.")
    text = "\n".join(lines)
    if text.count("\n") != len(lines) - 1:
        raise InvalidChange(f"A line inserted by part {number} holds a newline; each line is a string of its own.")
    try:
        return length, encode(text)
    except InvalidChange as error:
        raise InvalidChange(f"Part {number} cannot be inserted. {error}") from None


def serialize(columns: Columns) -> ChangeJson:
    """Write the JSON form."""
    return [
        length if text is None else [length, *text.decode("utf-16-le").split("\n")] if text else [length]
        for length, text in zip(*columns, strict=True)
    ]
