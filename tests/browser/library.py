"""A chat that Ann and Bob share, made and read over HTTP, and the comparison of everything that shows its text."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.browser.person import Person
from tests.harness.json_types import JsonDict
from tests.harness.running_server import RunningServer

PATIENCE_S = 30.0
LOOK_EVERY_MS = 50
BEGIN = "The harbour at dawn."


@dataclass
class Library:
    """`owner` acts with the cookie of her browser, as a program with a cookie jar would."""

    owner: Person
    server: RunningServer
    chat_id: int = 0
    message_id: int = 0

    def new_chat(self, title: str, first: str = BEGIN) -> int:
        messages = [{"role": "user", "content": first}, {"role": "assistant", "content": "A **quiet** place."}]
        chat = self._send("POST", "/api/chats", {"title": title, "messages": messages})
        self.chat_id, self.message_id = chat["id"], chat["messages"][0]["id"]
        return self.chat_id

    def share(self, chat_id: int, role: str = "editor") -> None:
        self._send("PUT", f"/api/chats/{chat_id}/members", {"email": "bob@example.org", "role": role})

    def add_member(self, email: str, role: str) -> None:
        self._send("PUT", f"/api/chats/{self.chat_id}/members", {"email": email, "role": role})

    def remove_member(self, user_id: int) -> None:
        self._send("DELETE", f"/api/chats/{self.chat_id}/members/{user_id}", None)

    def remove_message(self) -> None:
        self._send("DELETE", f"/api/chats/{self.chat_id}/messages/{self.message_id}", None)

    def unshare(self, chat_id: int) -> None:
        members = self._send("GET", f"/api/chats/{chat_id}/members", None)["items"]
        bob = next(member["userId"] for member in members if member["email"] == "bob@example.org")
        self._send("DELETE", f"/api/chats/{chat_id}/members/{bob}", None)

    def _send(self, method: str, path: str, body: object) -> JsonDict:
        if self.owner.account is not None:  # beside the browser, which may be gone or offline
            return self.owner.account.ask(method, path, body)
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

    def wait_for_row(self, rule: Callable[[str], bool]) -> str:
        """The row's text as soon as the rule is true of it; as it is at the end of the patience otherwise."""
        deadline = time.monotonic() + PATIENCE_S
        while not rule(text := self.row_text()) and time.monotonic() < deadline:
            self.owner.page.wait_for_timeout(LOOK_EVERY_MS)
        return text

    def row_texts(self) -> list[str]:
        with closing(sqlite3.connect(self.server.database)) as db:
            return [str(row[0]) for row in db.execute("SELECT text FROM messages WHERE chat_id = ?", [self.chat_id])]

    def notify(self, message: str) -> None:
        """As a program of Ann's would do it, over a WebSocket of its own."""
        made = self._send("POST", "/api/tokens", {"name": "program"})
        me = self._send("GET", "/api/me", None)
        headers = {"Authorization": f"Bearer {made['token']}"}
        with connect(f"{self.server.live_url}/ws/{me['id']}", additional_headers=headers) as socket:
            socket.send(json.dumps({"type": "notification", "message": message}))
            socket.recv(timeout=10)

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
