"""Writes exports of any content and reads them as an importer does, through both passes."""

import json
import zipfile
from pathlib import Path

import pytest

from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import Found, Parsed, Skipped, check_export, open_export
from tests.features.imports.exports import JsonDict, chatgpt_chain, chatgpt_message

CHAT = chatgpt_chain("c", [chatgpt_message("u", "user", "Hi"), chatgpt_message("a", "assistant", "Hello 😀")])


def found_in(path: Path, limits: Limits | None = None) -> list[Found]:
    """Everything in an export; checks that the first pass announced it."""
    limits = limits or Limits()
    summary = check_export(path, limits)
    with open_export(path, limits) as export:
        found = list(export.conversations())
        assert 0 < export.position <= export.bytes_total
    assert summary.conversations_found == len(found)
    assert summary.messages_found == sum(count_of(one) for one in found)
    return found


def count_of(found: Found) -> int:
    return len(found.conversation.messages) if isinstance(found, Parsed) else found.message_count or 0


def titles_in(path: Path) -> list[str]:
    return [found.conversation.title for found in found_in(path) if isinstance(found, Parsed)]


def skipped_in(path: Path, limits: Limits | None = None) -> list[Skipped]:
    return [found for found in found_in(path, limits) if isinstance(found, Skipped)]


def refusal_of(path: Path, limits: Limits | None = None) -> ExportError:
    """The error that both passes end with, and that a person can read."""
    limits = limits or Limits()
    with pytest.raises(ExportError) as checked:
        check_export(path, limits)
    with pytest.raises(ExportError) as read, open_export(path, limits) as export:
        list(export.conversations())
    assert read.value.code == checked.value.code
    assert read.value.sentence.endswith(".")
    assert "Traceback" not in read.value.sentence
    assert len(read.value.sentence) < 500
    return checked.value


def written(path: Path, content: object) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def zipped(path: Path, members: dict[str, object]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes | str) else json.dumps(content))
    return path


def titled(title: str, conversation_id: str | None = None) -> JsonDict:
    return CHAT | {"title": title, "id": conversation_id or title, "conversation_id": conversation_id or title}


def nested(depth: int) -> object:
    value: object = []
    for _ in range(depth):
        value = [value]
    return value
