"""The page's own text sync against the real server: answers are lost, frames come twice, tabs reload, and other
people save; when all is quiet everybody shows what is stored (promises P2, P3 and P5).

`CHATSYNTH_TEST_TEXT_SYNCS=N` plays N of them."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import IO

import pytest

from tests.changes.oracle import node_program
from tests.changes.samples import random_text
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary, own_library

FRONTEND = Path(__file__).parents[2] / "frontend"
SEEDS = int(os.environ.get("CHATSYNTH_TEST_TEXT_SYNCS", "4"))
TEXTS = ("The first text.\nIt has lines.\n", "", "漢字 🥊 e\u0301")


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The play and the parts of the page that it uses, in one file that Node runs."""
    made = tmp_path_factory.mktemp("play") / "play.mjs"
    rolldown = FRONTEND / "node_modules" / ".bin" / "rolldown"
    entry = FRONTEND / "src" / "testing" / "playTexts.ts"
    options = ["--platform", "node", "--format", "esm", "--file", str(made), "--logLevel", "silent"]
    node = str(Path(node_program()).parent)
    with_node = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([rolldown, entry, *options], check=True, cwd=FRONTEND, env=with_node)
    return made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[OwnLibrary]:
    with own_library(tmp_path) as library:
        yield library


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_page_and_the_server_end_up_equal(library: OwnLibrary, script: Path, seed: int) -> None:
    server = _Server(library, Random(seed))
    with subprocess.Popen(
        [node_program(), str(script), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as page:
        assert page.stdin is not None
        assert page.stdout is not None
        shown = server.serve(page.stdout, page.stdin)
        page.stdin.close()
    stored = [[message["id"], message["content"]] for message in server.chat["messages"]]
    assert shown == dict.fromkeys(("ann", "ben", "cyd"), stored)
    assert server.changed > 0


class _Server:
    """Answers one play; now and then somebody else saves, removes or restores a message."""

    def __init__(self, library: OwnLibrary, random: Random) -> None:
        self._library = library
        self._random = random
        self._ada, self._ben = library.person("ada"), library.person("ben")
        self._chat_id = library.new_chat(self._ada, *TEXTS)["id"]
        library.do(self._ada, "chat_share", chat={"id": self._chat_id}, email="ben@example.org", role="editor")
        self._begun = self.chat["offset"]
        """The play counts from here."""
        self._told = self._begun
        self.changed = 0

    @property
    def chat(self) -> JsonDict:
        return self._library.chat(self._ada, self._chat_id)

    def serve(self, questions: IO[str], answers: IO[str]) -> JsonDict:
        for line in questions:
            question = json.loads(line)
            if question["ask"] == "end":
                shown: JsonDict = question["shown"]
                return shown
            answers.write(json.dumps(self._answer(question)) + "\n")
            answers.flush()
        raise AssertionError("the play ended before its end")

    def _answer(self, question: JsonDict) -> JsonDict:
        chat = self.chat
        if question["ask"] == "begin":
            texts = [[message["id"], message["content"]] for message in chat["messages"]]
            return {"channel": chat["channel"], "texts": texts, "offset": 0, "entries": []}
        if self._random.random() < 0.1:
            self._somebody_else(self._random.choice(chat["messages"]) if chat["messages"] else None)
        offset = self._update(question) if question["ask"] == "update" else self._other()
        return {"offset": offset - self._begun, "entries": self._news(chat["channel"])}

    def _update(self, question: JsonDict) -> int:
        target = {"id": self._chat_id, "messageId": question["subject"], "changes": question["changes"]}
        self.changed += 1
        chat = {**target, "base": question["base"] + self._begun}
        return self._library.do(self._ada, "chat_update", None, op=question["op"], chat=chat).offset

    def _other(self) -> int:
        return self._library.do(self._ben, "chat_retitle", chat={"id": self._chat_id, "title": "Another"}).offset

    def _somebody_else(self, message: JsonDict | None) -> None:
        """Saves a whole message, or takes one out of sight and brings it back."""
        if message is not None:
            content = f"{message['content']}\r\n{random_text(self._random, 4)}"[-60:]
            target = {"id": self._chat_id, "messageId": message["id"]}
            self._library.do(self._ben, "chat_update", chat={**target, "content": content})
            self._library.do(self._ben, "message_remove", chat=target)
            self._library.do(self._ben, "message_restore", chat=target)

    def _news(self, channel: str) -> list[JsonDict]:
        entries = self._library.entries(channel, self._told)
        self._told += len(entries)
        return [{**entry, "offset": entry["offset"] - self._begun} for entry in entries]
