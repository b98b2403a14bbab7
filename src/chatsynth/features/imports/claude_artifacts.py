"""Replays the commands by which Claude writes artifacts, so that each shows its text of that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chatsynth.features.imports.source_values import fields, first_name, name, text

_MOST_SEARCHED = 2**27


def command_of(tool: str, given: Mapping[str, object]) -> Mapping[str, object]:
    """The command of the tool "artifacts" that a call comes to: newer chats write files. Empty for other calls."""
    path = name(given.get("path"))
    match tool:
        case "artifacts":
            return given or {"command": None}
        case "create_file" if path:
            title = path.rpartition("/")[2]
            kind = "text/markdown" if title.endswith(".md") else f"code/{title.rpartition('.')[2]}"
            return {"id": f"file:{path}", "title": title, "type": kind, "content": given.get("file_text")}
        case "str_replace" if path:
            changed = {key: given.get(key) for key in ("old_str", "new_str")}
            return {"id": f"file:{path}", "command": "update", **changed}
        case _:
            return {}


@dataclass(frozen=True, slots=True)
class Document:
    """An artifact as it is after a command."""

    title: str
    kind: str
    text: str


class Documents:
    """The artifacts at one message. Every branch of a conversation has its own versions of them.

    Messages are entered in depth-first order, so what a message wrote is undone when its branch is left.
    """

    def __init__(self) -> None:
        self._current: dict[str, Document] = {}
        self._path: list[tuple[str, list[tuple[str, Document | None]]]] = []
        self._searched = 0

    def enter(self, message_id: str, parent: str | None) -> None:
        """Goes to a message whose parent has been entered before."""
        while self._path and self._path[-1][0] != parent:
            for artifact_id, before in reversed(self._path.pop()[1]):
                if before is None:
                    del self._current[artifact_id]
                else:
                    self._current[artifact_id] = before
        self._path.append((message_id, []))

    def replay(self, command: object) -> Document | None:
        """The artifact that a command of the tool "artifacts" writes.

        None when the command does not fit what came before, as in a chat of which the beginning is missing.
        """
        given = fields(command)
        artifact_id = name(given.get("id"))
        before = self._current.get(artifact_id)
        written = self._written(before, given)
        if written is not None:
            self._path[-1][1].append((artifact_id, before))
            self._current[artifact_id] = written
        return written

    def _written(self, before: Document | None, given: Mapping[str, object]) -> Document | None:
        known = before or Document("", "", "")
        title = first_name(given.get("title"), known.title)
        kind = first_name(given.get("type"), given.get("language"), known.kind)
        content, old = given.get("content"), text(given.get("old_str"))
        if isinstance(content, str) and given.get("command") != "update":
            return Document(title, kind, text(content))
        if old and self._holds(known.text, old):
            return replace(known, title=title, text=known.text.replace(old, text(given.get("new_str")), 1))
        return None

    def _holds(self, document: str, old: str) -> bool:
        # A file of a few MB can ask for millions of searches in a long text, so at some point they are not made.
        self._searched += len(document)
        return self._searched < _MOST_SEARCHED and old in document
