"""Requests that no browser and no honest program sends, byte by byte at a real server."""

import contextlib
import http.client
import re
import socket

import pytest

from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person
from tests.harness.running_server import RunningServer, running_server
from tests.security.cast import Cast
from tests.security.test_routes import TABLE

LIMIT_BYTES = 64 * 1024
EVIL = "evil.example.org"


def _ask(server: RunningServer, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """`path` goes out as it stands."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize(
    "host", [EVIL, f"127.0.0.1.{EVIL}", f"{EVIL}:80", "[broken", "", "localhost.evil", "2130706433"]
)
def test_a_server_of_one_machine_answers_to_no_foreign_name(server: RunningServer, host: str) -> None:
    """A page whose own name was pointed at this machine would count as the server's own."""
    status, headers, text = _ask(server, "GET", "/api/setup", Host=host, Origin=f"http://{host}")
    assert (status, headers["content-type"]) == (421, "application/problem+json")
    assert "CHATSYNTH_ALLOWED_ORIGINS" in text
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    assert _ask(server, "GET", "/ws/1", Host=host, **upgrade, **key)[0] in (400, 403)


def test_a_server_of_one_machine_answers_to_its_own_names(server: RunningServer) -> None:
    names = (
        "localhost",
        "127.0.0.1",
        "[::1]:8000",
        "192.0.2.7",
        "chat.localhost:1",
        "LOCALHOST",
        "friends.example.org",
    )
    assert [_ask(server, "GET", "/api/setup", Host=name)[0] for name in names] == [200] * len(names)


def test_nothing_is_made_of_the_name_that_a_server_is_asked_by(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One that others reach takes any name, and neither repeats it nor sends anybody there."""
    data = tmp_path_factory.mktemp("named") / "data"
    with running_server(data, {"TRUST_PROXY": "yes"}) as server:
        for path in (
            "/",
            "/api/setup",
            "/api/setup/",
            "/api/chats/",
            "/chats/",
            "/assets",
            "//",
            f"//{EVIL}",
            f"/\\{EVIL}",
        ):
            status, headers, text = _ask(server, "GET", path, Host=EVIL, X_Forwarded_Host=EVIL)
            assert status in (200, 401, 404, 503), path
            assert "location" not in headers
            assert EVIL not in f"{headers}{text}"


@pytest.mark.parametrize("route", [route for route in TABLE if route.startswith("GET ")])
def test_no_address_sends_anybody_elsewhere(cast: Cast, route: str) -> None:
    path = route.partition(" ")[2].replace("{path:page}", "").format_map(dict.fromkeys(_numbers(route), "1"))
    for name in ("next", "url", "redirect", "return_to", "continue"):
        status, headers, _ = _ask(cast.server, "GET", f"{path}?{name}=//{EVIL}", **cast.people["owner"].bearer)
        assert not 300 <= status < 400
        assert "location" not in headers


def _numbers(route: str) -> list[str]:
    return [part[1:-1] for part in route.partition(" ")[2].split("/") if part.startswith("{")]


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/../../security.py",
        "/assets/..%2f..%2fsecurity.py",
        "/assets/%2e%2e%5c%2e%2e%5csecurity.py",
        "/%252e%252e/security.py",
        "/....//....//security.py",
        "//etc/passwd",
        "/etc/passwd",
        "/assets//etc/passwd",
        "/%00/etc/passwd",
        "/index.html%00.png",
        "/~root/.ssh/id_rsa",
        "/.env",
        "/static/index.html",
    ],
)
def test_no_file_of_the_machine_is_served(server: RunningServer, path: str) -> None:
    _, headers, text = _ask(server, "GET", path)
    assert "root:" not in text
    assert "CONTENT_SECURITY_POLICY" not in text
    assert headers["x-content-type-options"] == "nosniff"


ENDLESS = {
    "an address": ("GET /", "a"),
    "one header": ("GET / HTTP/1.1\r\nX: ", "a"),
    "many headers": ("GET / HTTP/1.1\r\n", "X: y\r\n"),
    "a handshake": ("GET /ws/1 HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: ", "a"),
    "the second request": ("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nX: ", "a"),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_head_without_end_is_cut_off(server: RunningServer, what: str) -> None:
    """Piece by piece; the connection ends although the head never does."""
    begin, more = ENDLESS[what]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as peer:
        peer.sendall(begin.encode())
        with contextlib.suppress(ConnectionError):
            for _ in range(64):
                peer.sendall((more * (LIMIT_BYTES // 16 // len(more))).encode())
        answered = _until_it_is_closed(peer)
    before = [b"HTTP/1.1 200"] if what == "the second request" else []
    assert set(re.findall(rb"HTTP/1.1 \d+", answered)) <= {b"HTTP/1.1 431", *before}


def test_a_head_within_its_limit_is_taken(server: RunningServer) -> None:
    assert _ask(server, "GET", "/healthz", X_Long="a" * (LIMIT_BYTES - 1000))[0] == 200


def _until_it_is_closed(peer: socket.socket) -> bytes:
    """A timeout fails the test: the server left the connection open."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while part := peer.recv(65536):
            received += part
    return received


# Fields that are not for people to set, over the real routes ---------------------------------------


def test_nobody_gives_away_or_takes_what_belongs_to_a_chat(ada: Person, ben: Person) -> None:
    more: JsonDict = {"ownerId": ben.id, "owner_id": ben.id, "id": 1, "deletedAt": 1, "userId": ben.id, "by": ben.id}
    chat = ada.post("/api/chats", {"title": "mine", "role": "viewer", **more})
    ada.patch(f"/api/chats/{chat['id']}", {"title": "still mine", "role": "viewer", **more})
    message = ada.post(f"/api/chats/{chat['id']}/messages", {"content": "x", "chatId": 1, **more})
    assert message["chatId"] == chat["id"]
    assert [(each["userId"], each["role"]) for each in ada.chat(chat["id"])["members"]] == [(ada.id, "owner")]
    assert ben.request("GET", f"/api/chats/{chat['id']}").status_code == 404


def test_a_message_is_reached_through_its_own_chat_only(ada: Person, ben: Person) -> None:
    """Its number in the address of a chat that one may change opens nothing, and says nothing."""
    secret, own = ada.new_chat("secret"), ben.new_chat("own")
    messages = f"/api/chats/{own['id']}/messages"

    def try_all(number: int) -> list[tuple[int, object]]:
        answers = [
            ben.request("PATCH", f"{messages}/{number}", {"content": "taken"}),
            ben.request("DELETE", f"{messages}/{number}"),
            ben.request("POST", f"{messages}/{number}/restore"),
            ben.request("POST", f"{messages}/{number}/select"),
            ben.request("POST", f"{messages}/{number}/move", {"after": None}),
            ben.request("POST", f"{messages}/{own['messages'][0]['id']}/move", {"after": number}),
            ben.request("POST", messages, {"content": "x", "after": number}),
        ]
        return [(answer.status_code, answer.json()) for answer in answers]

    tried = try_all(secret["messages"][0]["id"])
    assert {status for status, _ in tried} <= {404, 409}
    assert tried == try_all(9_000_000_001)
    assert ada.chat(secret["id"]) == secret


@pytest.mark.parametrize("number", ["0", "-1", "9007199254740993", "9" * 30, "9" * 5000, "1e3", "%D9%A3", "x"])
def test_a_number_that_can_be_none_is_refused_in_every_address(cast: Cast, number: str) -> None:
    """Never a mistake of the server, nor another number than was asked for."""
    admin = cast.people["admin"].bearer
    for route in (route for route in TABLE if "_id}" in route):
        method, _, template = route.partition(" ")
        path = template.format_map(dict.fromkeys(_numbers(route), number))
        assert _ask(cast.server, method, path, **admin)[0] == 422, route


BAD_LINKS = [
    "javascript:alert(1)",
    "data:text/html,x",
    "https://evil.example.org",
    "//evil.example.org",
    "/\\evil.example.org",
    "/a\\b",
    "/\t/evil.example.org",  # browsers drop tabs and line breaks from addresses
    "/\n/evil.example.org",
    "\t//evil.example.org",
    "/ /evil.example.org",
    "/chats/\u202e",
    "/\x00",
    "chats/1",
    "",
]


@pytest.mark.anyio
@pytest.mark.parametrize("link", BAD_LINKS)
async def test_a_notification_leads_nowhere_but_into_the_page(tabs: Tabs, ada: Person, link: str) -> None:
    tab = await tabs.plain(ada)
    await tab.send("notification", message="Look at this", link=link)
    assert (await tab.next())["code"] == "invalid_frame"
    assert ada.get("/api/notifications")["items"] == []
    for good in ("/", "/chats/42", "/search?q=a%20b#x"):
        await tab.change("notification", message="Look at this", link=good)
