"""Replays the calls by which ChatGPT writes canvas documents, so that each shows its text of that moment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatsynth.features.imports.canonical import Artifact
from chatsynth.features.imports.json_values import NotJson, TooDeep, parse
from chatsynth.features.imports.source_values import fields, items, name, text

CREATE, UPDATE = "canmore.create_textdoc", "canmore.update_textdoc"
_EVERYTHING = frozenset({".*", "^.*$", "(?s).*", "(?s)^.*$", "[\\s\\S]*"})
_FIXED = re.compile(r"(?:\\[^A-Za-z0-9]|[^\\^$*+?{}\[\]|()])+", re.DOTALL)
"""Expressions whose every match is equally long: searching for one cannot take for ever."""
_MOST_SEARCHED = 2**30
_MOST_WRITTEN = 2**26


@dataclass(frozen=True, slots=True)
class _Document:
    """`text` is None after a change that could not be carried out."""

    title: str
    kind: str
    text: str | None


@dataclass(slots=True)
class Canvas:
    """The document that is open at each message of one conversation; every branch has its own versions.

    Messages come parents before children.
    """

    _open_at: dict[str, _Document] = field(default_factory=dict)
    _searched: int = 0

    def inherit(self, key: str, parent: str | None) -> None:
        """The document that was open at the parent is open here, too."""
        if parent is not None and (document := self._open_at.get(parent)) is not None:
            self._open_at[key] = document

    def replay(self, key: str, tool: str, written: str) -> Artifact | None:
        """The document after a call. None when the call does not tell it, which then is shown itself."""
        if tool not in (CREATE, UPDATE):
            return None
        given = _arguments(written)
        document = _created(given) if tool == CREATE else self._updated(self._open_at.get(key), given)
        if document is None:
            return None
        self._open_at[key] = document
        return None if document.text is None else Artifact(0, document.title, document.kind, document.text)

    def _updated(self, before: _Document | None, given: Mapping[str, object]) -> _Document | None:
        if before is None:
            return None
        written = before.text if items(given.get("updates")) else None
        for update in map(fields, items(given.get("updates"))):
            written = self._replaced(written, update)
        return _Document(before.title, before.kind, written)

    def _replaced(self, document: str | None, update: Mapping[str, object]) -> str | None:
        """ChatGPT gives regular expressions. Only simple ones are carried out: somebody else's may take for ever."""
        pattern, replacement = text(update.get("pattern")), update.get("replacement")
        if not isinstance(replacement, str):
            return None
        if pattern in _EVERYTHING:
            return text(replacement)
        if document is None:
            return None
        self._searched += len(document) * len(pattern)
        if self._searched > _MOST_SEARCHED or not _FIXED.fullmatch(pattern):
            return None
        fits = sum(1 for _ in re.finditer(pattern, document))
        if not fits or len(document) + fits * len(replacement) > _MOST_WRITTEN:
            return None
        return re.sub(pattern, lambda _: text(replacement), document, count=0 if update.get("multiple") is True else 1)


def _created(given: Mapping[str, object]) -> _Document | None:
    content = given.get("content")
    return (
        _Document(name(given.get("name")), name(given.get("type")), text(content)) if isinstance(content, str) else None
    )


def _arguments(written: str) -> Mapping[str, object]:
    try:
        return fields(parse(written.encode("utf-8", "replace")))
    except (NotJson, TooDeep):
        return {}
