"""A chat that Ann and Bob share, made and read over HTTP, and the comparison of everything that shows its text."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.harness.json_types import JsonDict
from tests.harness.running_server import RunningServer

BEGIN = "The harbour at dawn."


@dataclass
class Library:
    """`owner` acts with the cookie of her browser, as a program with a cookie jar would."""

    owner: Person
    server: RunningServer
    chat_id: int = 0
    message_id: int = 0

    def new_chat(self, title: str) -> int:
        messages = [{"role": "user", "content": BEGIN}, {"role": "assistant", "content": "A **quiet** place."}]
        chat = self._send("POST", "/api/chats", {"title": title, "messages": messages})
        self.chat_id, self.message_id = chat["id"], chat["messages"][0]["id"]
        return self.chat_id

    def share(self, chat_id: int, role: str = "editor") -> None:
        self._send("PUT", f"/api/chats/{chat_id}/members", {"email": "bob@example.org", "role": role})

    def unshare(self, chat_id: int) -> None:
        members = self._send("GET", f"/api/chats/{chat_id}/members", None)["items"]
        bob = next(member["userId"] for member in members if member["email"] == "bob@example.org")
        self._send("DELETE", f"/api/chats/{chat_id}/members/{bob}", None)

    def _send(self, method: str, path: str, body: object) -> JsonDict:
        request = self.owner.context.request
        headers = {"Origin": self.owner.base_url}
        answer = request.fetch(f"{self.owner.base_url}{path}", method=method, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json() if answer.text() else {}

    def api_text(self) -> str:
        chat = self._send("GET", f"/api/chats/{self.chat_id}", None)
        return str(next(each["content"] for each in chat["messages"] if each["id"] == self.message_id))

    def row_text(self) -> str:
        with closing(sqlite3.connect(self.server.database)) as db:
            return str(db.execute("SELECT text FROM messages WHERE id = ?", [self.message_id]).fetchone()[0])

    def is_indexed(self, text: str) -> bool:
        with closing(sqlite3.connect(self.server.database)) as db:
            db.execute("INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)")
            indexed = db.execute("SELECT text FROM messages_fts WHERE rowid = ?", [self.message_id]).fetchone()
        return bool(indexed) and indexed[0] == text

    def expect_equal_everywhere(self, *people_and_rule: Person | Callable[[str], bool]) -> None:
        """Both screens, the row, the index and the API hold one text, and the rule is true of it."""
        people = [each for each in people_and_rule if isinstance(each, Person)]
        rules = [each for each in people_and_rule if not isinstance(each, Person)]
        for person in people:
            expect(person.message(self.message_id).get_by_test_id("save-state")).to_have_text("Saved")
        text = self.row_text()
        for person in people:
            person.expect_editor_text(self.message_id, text)
        assert self.api_text() == text
        assert self.is_indexed(text)
        assert all(rule(text) for rule in rules), text
