"""A whole chat as one text and back, for clients that save a chat's content at once.

Sections begin with a heading line `## User`, `## Assistant`, `## System` or `## Tool`. A text before the first heading
belongs to the chat's first message (in an empty chat: to a new one by a user). A line of a message that looks like
such a heading is written with a backslash before it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from chatsynth.changes import Budget, find_matches
from chatsynth.features.chats.wire import Role

HEADING = re.compile(r"^## (User|Assistant|System|Tool)[ \t]*$")
ESCAPED = re.compile(r"^(\\+)(## (?:User|Assistant|System|Tool)[ \t]*)$")

COMPARISON_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Section:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Edit:
    """The section at `index` of the old chat has a new content."""

    index: int
    content: str


@dataclass(frozen=True, slots=True)
class Removal:
    index: int


@dataclass(frozen=True, slots=True)
class Addition:
    """A new section before the one that was at `before` (the old length: at the end)."""

    before: int
    section: Section


Step = Edit | Removal | Addition


def serialize(sections: Iterable[Section]) -> str:
    """The transcript of these messages; the heading of a first message by a user is left out."""
    blocks: list[str] = []
    for index, section in enumerate(sections):
        lines = [_escape(line) for line in section.content.split("\n")]
        text = "\n".join(lines)
        blocks.append(text if index == 0 and section.role == "user" else f"## {section.role.capitalize()}\n\n{text}")
    return "\n\n".join(blocks)


def parse(transcript: str, first_role: Role = "user") -> list[Section]:
    """The sections of a transcript; an empty text has none. `first_role`: whose a text without heading is."""
    sections: list[tuple[Role, list[str]]] = []
    starts_bare = False
    for line in transcript.split("\n"):
        heading = HEADING.match(line)
        if heading:
            sections.append((cast("Role", heading[1].lower()), []))
            continue
        if not sections:
            sections.append((first_role, []))
            starts_bare = True
        sections[-1][1].append(_unescape(line))
    if starts_bare and len(sections) == 1 and sections[0][1] == [""]:
        return []
    last = len(sections) - 1
    return [
        Section(role, _without_frame(lines, after_heading=index > 0 or not starts_bare, before_heading=index < last))
        for index, (role, lines) in enumerate(sections)
    ]


def _without_frame(lines: list[str], *, after_heading: bool, before_heading: bool) -> str:
    """Takes off the blank lines that `serialize` puts around a heading, and no others."""
    if after_heading and lines and lines[0] == "":
        lines = lines[1:]
    if before_heading and lines and lines[-1] == "":
        lines = lines[:-1]
    return "\n".join(lines)


def _escape(line: str) -> str:
    return "\\" + line if HEADING.match(line) or ESCAPED.match(line) else line


def _unescape(line: str) -> str:
    return line[1:] if ESCAPED.match(line) else line


def steps_between(old: Sequence[Section], new: Sequence[Section]) -> list[Step]:
    """How to make the old chat into the new one, keeping each message that is still there, edited or not.

    The work is bounded: where chats of thousands of messages have little in common, messages are edited in their
    order rather than matched.
    """
    numbers: dict[Section, int] = {}
    old_numbers, new_numbers = ([numbers.setdefault(each, len(numbers)) for each in side] for side in (old, new))
    steps: list[Step] = []
    old_at = new_at = 0
    for match in find_matches(old_numbers, new_numbers, Budget(COMPARISON_STEPS)):
        steps.extend(_steps_in(old, new, range(old_at, match.old), range(new_at, match.new)))
        old_at, new_at = match.old + match.length, match.new + match.length
    steps.extend(_steps_in(old, new, range(old_at, len(old)), range(new_at, len(new))))
    return steps


def _steps_in(old: Sequence[Section], new: Sequence[Section], was: range, now: range) -> Iterable[Step]:
    kept = 0
    for i, j in zip(was, now, strict=False):
        if old[i].role != new[j].role:
            break
        kept += 1
        if old[i].content != new[j].content:
            yield Edit(i, new[j].content)
    yield from (Removal(i) for i in was[kept:])
    yield from (Addition(was.stop, new[j]) for j in now[kept:])
