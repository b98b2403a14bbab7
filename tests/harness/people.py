"""People of a running server, who sign up and use its HTTP side as any program does."""

import itertools
from dataclasses import dataclass

import httpx

from chatsynth.features.accounts import service
from tests.harness.json_types import JsonDict
from tests.harness.running_server import RunningServer

NO_PASSWORD = "not the hash of any password"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """`token` and `cookie` are two sign-ins of the same person."""

    id: int
    name: str
    email: str
    token_id: int
    token: str
    cookie: str
    server: RunningServer

    @property
    def channel(self) -> str:
        return f"user:{self.id}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def request(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        everything = self.bearer | {name.replace("_", "-"): value for name, value in headers.items()}
        return request(self.server, method, path, body, everything)

    def ask(self, method: str, path: str, body: object = None) -> JsonDict:
        return _good(self.request(method, path, body))

    def get(self, path: str) -> JsonDict:
        return _good(self.request("GET", path))

    def post(self, path: str, body: object = None, **headers: str) -> JsonDict:
        return _good(self.request("POST", path, body, **headers))

    def patch(self, path: str, body: object, **headers: str) -> JsonDict:
        return _good(self.request("PATCH", path, body, **headers))

    def put(self, path: str, body: object) -> JsonDict:
        return _good(self.request("PUT", path, body))

    def delete(self, path: str) -> JsonDict:
        return _good(self.request("DELETE", path))

    # What most tests begin with

    def new_chat(self, *texts: str, title: str = "A chat") -> JsonDict:
        """Messages by the user and the assistant in turn; the snapshot of the chat."""
        roles = itertools.cycle(("user", "assistant"))
        messages = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]
        return self.post("/api/chats", {"title": title, "messages": messages})

    def chat(self, chat_id: int) -> JsonDict:
        """The whole chat, up to 1,000 messages."""
        return self.get(f"/api/chats/{chat_id}?limit=1000")

    def share(self, chat_id: int, other: "Person", role: str = "editor") -> None:
        self.put(f"/api/chats/{chat_id}/members", {"email": other.email, "role": role})

    def unshare(self, chat_id: int, other: "Person") -> None:
        self.delete(f"/api/chats/{chat_id}/members/{other.id}")


def sign_up(server: RunningServer, name: str) -> Person:
    """A new account with a token and a login, whose name and address nobody else has.

    Made beside the server, as an administrator does on the command line: hashing a password for each test would take
    most of its time.
    """
    unique = f"{name} {next(_numbers)}"
    email = f"{unique.replace(' ', '.').lower()}@example.org"
    write = server.library().writer.run
    user_id = write(lambda unit: service.add_account(unit, email, unique, NO_PASSWORD, is_admin=name == "Admin"))
    token_id, token, _ = write(lambda unit: service.create_token(unit, user_id, "tests", None))
    login = write(lambda unit: service.log_in(unit, user_id, NO_PASSWORD, 10**9, "tests"))
    return Person(user_id, unique, email, token_id, token, login.secret, server)


def page_headers(server: RunningServer, cookie: str) -> dict[str, str]:
    """What a browser sends with each request of the page that this server gave it."""
    return {"Cookie": f"chatsynth_session={cookie}", "Origin": server.base_url}


def request(server: RunningServer, method: str, path: str, body: object, headers: dict[str, str]) -> httpx.Response:
    """Remembers no cookie: each request is signed in as it says itself."""
    content = {} if body is None else {"json": body}
    answer = server.http.request(method, f"{server.base_url}{path}", headers=headers, **content)  # type: ignore[arg-type]
    server.http.cookies.clear()
    return answer


def _good(answer: httpx.Response) -> JsonDict:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    found = answer.json() if answer.content else {}
    assert isinstance(found, dict)
    return found
