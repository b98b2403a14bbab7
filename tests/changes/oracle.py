"""Asks the page's own CodeMirror what it makes of change sets, in one Node process for all tests."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypedDict, cast

from chatsynth.changes import ChangeJson

HERE = Path(__file__).parent


class Case(TypedDict):
    """Two edits of one text, and one that follows the first of them."""

    doc: str
    a: ChangeJson
    b: ChangeJson
    next: ChangeJson


class Study(TypedDict):
    """What CodeMirror makes of a case."""

    json: ChangeJson
    lengths: list[int]
    applied: str
    aOverB: ChangeJson
    aOverBBefore: ChangeJson
    bOverA: ChangeJson
    bOverABefore: ChangeJson
    composed: ChangeJson
    inverted: ChangeJson
    positionsBefore: list[int]
    positionsAfter: list[int]


class Sendable(TypedDict):
    """What an editor would send: its version, and the edits that it has not had confirmed."""

    version: int
    changes: list[ChangeJson]


class CodeMirrorError(Exception):
    """CodeMirror refused."""


class Oracle:
    """One question, one answer; raises `CodeMirrorError` where CodeMirror throws."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions = questions
        self._answers = answers

    def _ask(self, ask: str, **details: object) -> object:
        self._questions.write(json.dumps({"ask": ask, **details}) + "\n")
        self._questions.flush()
        reply = json.loads(self._answers.readline())
        if "error" in reply:
            raise CodeMirrorError(reply["error"])
        return reply["answer"]

    def study(self, case: Case) -> Study:
        return cast("Study", self._ask("study", **case))

    def study_all(self, cases: list[Case]) -> list[Study]:
        return cast("list[Study]", self._ask("studyAll", cases=cases))

    def apply(self, changes: object, doc: str) -> str:
        return cast("str", self._ask("apply", changes=changes, doc=doc))

    def open(self, client: str, doc: str) -> None:
        self._ask("open", client=client, doc=doc)

    def type(self, client: str, changes: ChangeJson) -> None:
        self._ask("type", client=client, changes=changes)

    def sendable(self, client: str) -> Sendable:
        return cast("Sendable", self._ask("sendable", client=client))

    def receive(self, client: str, author: str, changes: ChangeJson) -> None:
        self._ask("receive", client=client, entry={"client": author, "changes": changes})

    def text(self, client: str) -> str:
        return cast("str", self._ask("text", client=client))


def node_program() -> str:
    """The one that `make install` provides, or else the machine's own."""
    provided = Path(sys.prefix, "node", "bin", "node")
    node = str(provided) if provided.exists() else shutil.which("node")
    assert node, "These tests compare with CodeMirror and need Node: run `make install`."
    return node


@contextmanager
def running_oracle() -> Iterator[Oracle]:
    """Runs Node for the time of the tests."""
    with subprocess.Popen(
        [node_program(), str(HERE / "oracle.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Oracle(process.stdin, process.stdout)
        process.stdin.close()
