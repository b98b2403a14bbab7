"""Writes the library of a release: a database in which every table has rows, made by the real product over HTTP, and
what its API answers to each person. Run once for each release, by the code of that release:

    python -m scripts.released_library tests/database/released

The migrations of every later version are tried on it (tests/database/test_released.py).
"""

import gzip
import itertools
import json
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import httpx

from chatsynth import __version__
from tests.harness.json_types import JsonDict
from tests.harness.people import request
from tests.harness.running_server import RunningServer, running_server

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
PATIENCE_S = 120.0
_numbers = itertools.count(1)


class Person:
    """Signs up, signs in and takes a token, as a person and then their program do."""

    def __init__(self, server: RunningServer, name: str, invitation: str | None = None) -> None:
        self.server = server
        self.email = f"{name.lower()}@example.org"
        account = {"email": self.email, "name": name, "password": PASSWORD, "invitation": invitation}
        self._send("POST", "/api/accounts", {key: value for key, value in account.items() if value is not None})
        sign_in = self._send("POST", "/api/login", {"email": self.email, "password": PASSWORD})
        cookie = {"Cookie": sign_in.headers["set-cookie"].partition(";")[0]}
        made = self._send("POST", "/api/tokens", {"name": f"{name}’s program"}, **cookie).json()
        self.token = str(made["token"])
        self.id = int(self.ask("GET", "/api/me")["id"])

    def ask(self, method: str, path: str, body: object = None) -> JsonDict:
        """Every change has a name, so that it is remembered."""
        named = {} if method == "GET" else {"Idempotency-Key": f"release-{next(_numbers)}"}
        answer = self._send(method, path, body, Authorization=f"Bearer {self.token}", **named)
        found: JsonDict = answer.json() if answer.content else {}
        return found

    def _send(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        headers["Origin"] = self.server.base_url
        answer = request(self.server, method, path, body, headers)
        answer.raise_for_status()
        return answer


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary:
        data = Path(temporary) / "data"
        with running_server(data, {"SIGNUP": "invitation"}) as server:
            people = fill(server)
            answers = {person.token: seen_by(person) for person in people}
        database = data / "chatsynth.sqlite3"
        assert not database.with_name(f"{database.name}-wal").exists()
        refuse_empty_tables(database)
        with gzip.GzipFile(folder / f"{__version__}.sqlite3.gz", "wb", mtime=0) as packed:
            packed.write(database.read_bytes())
    written = json.dumps(answers, indent=1, ensure_ascii=False)
    (folder / f"{__version__}.json").write_text(f"{written}\n", encoding="utf-8")


def fill(server: RunningServer) -> list[Person]:
    ada = Person(server, "Ada")
    ben, cyd = (Person(server, name, ada.ask("POST", "/api/invitations")["invitation"]) for name in ("Ben", "Cyd"))
    ada.ask("POST", "/api/invitations")
    wait_for_import(ada, ada.ask("POST", "/api/demo"))
    write_together(ada, ben)
    put_away(ben)
    server.http.post(f"{server.base_url}/api/login", json={"email": ada.email, "password": "a guess, and wrong"})
    ada.ask("PATCH", f"/api/users/{cyd.id}", {"disabled": True})
    return [ada, ben]


def wait_for_import(person: Person, job: JsonDict) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while job["finishedAt"] is None:
        assert time.monotonic() < deadline, "the import does not end"
        time.sleep(0.1)
        job = person.ask("GET", f"/api/imports/{job['id']}")
    assert job["state"] == "done", job


def write_together(ada: Person, ben: Person) -> None:
    """Edits, a removed message, a moved one, branches, sharing."""
    messages = [{"role": "user", "content": "Grüße 🎉"}, {"role": "assistant", "content": "你好\n\nx"}]
    chat = ada.ask("POST", "/api/chats", {"title": "Crème brûlée", "messages": messages})
    path = f"/api/chats/{chat['id']}"
    ada.ask("PUT", f"{path}/members", {"email": ben.email, "role": "editor"})
    first, second = (message["id"] for message in chat["messages"])
    for person, text in ((ada, "Grüße an alle 🎉"), (ben, "Viele Grüße an alle 🎉\nund mehr")):
        person.ask("PATCH", f"{path}/messages/{first}", {"content": text})
    third, fourth = (
        ben.ask("POST", f"{path}/messages", {"role": "user", "content": text})["messageId"]
        for text in ("Moved", "Gone")
    )
    ben.ask("POST", f"{path}/messages/{third}/move", {"after": first})
    ben.ask("DELETE", f"{path}/messages/{fourth}")
    ada.ask("PATCH", path, {"title": "Crème brûlée, done"})
    select_other_branch(ada)
    assert second != third


def select_other_branch(person: Person) -> None:
    for chat in person.ask("GET", "/api/chats?limit=100")["items"]:
        for message in person.ask("GET", f"/api/chats/{chat['id']}?limit=1000")["messages"]:
            if len(message["siblings"]) > 1:
                other = next(each for each in message["siblings"] if each != message["id"])
                person.ask("POST", f"/api/chats/{chat['id']}/messages/{other}/select")
                return
    raise AssertionError("no chat has branches")


def put_away(person: Person) -> None:
    for title, change in (("Archived", {"archived": True}), ("In the trash", None)):
        chat = person.ask("POST", "/api/chats", {"title": title, "messages": []})
        path = f"/api/chats/{chat['id']}"
        person.ask("DELETE", path) if change is None else person.ask("PATCH", path, change)


def seen_by(person: Person) -> JsonDict:
    """Each answer by its path."""
    lists = [f"/api/chats?view={view}&limit=100" for view in ("library", "archived", "trash")]
    chats = [chat["id"] for path in lists for chat in person.ask("GET", path)["items"]]
    paths = [
        *lists,
        *(f"/api/chats/{each}?limit=1000" for each in chats),
        *(f"/api/chats/{each}/removed" for each in chats),
        *(f"/api/chats/{each}/members" for each in chats),
        *(f"/api/search?q={quote(words)}" for words in ("brulee", "grüße", "the", "你好")),
        *("/api/me", "/api/tokens", "/api/notifications", "/api/imports"),
        *(("/api/users", "/api/invitations") if person.ask("GET", "/api/me")["isAdmin"] else ()),
    ]
    return {path: person.ask("GET", path) for path in paths}


def refuse_empty_tables(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        empty = [each for each in tables if db.execute(f'SELECT count(*) FROM "{each}"').fetchone() == (0,)]  # noqa: S608
    assert empty == [], f"nothing is in {empty}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
