"""A peer that dawdles or piles up on the HTTP side ends, in words where it reads, and others are answered meanwhile."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.harness.people import Person, sign_up
from tests.harness.running_server import RunningServer, running_server

IMPATIENT = {
    "HTTP_HEAD_TIMEOUT_S": "1",
    "HTTP_STALL_TIMEOUT_S": "1",
    "HTTP_MAX_WAITING_CONNECTIONS": "20",
    "HTTP_MAX_HEAD_BYTES": "10000",
    "HTTP_MAX_BODY_BYTES": "100000",
    "HTTP_MAX_STRANGER_BODY_BYTES": "1000",
    "HTTP_MAX_PIPELINED": "4",
}
PATIENCE_S = 30.0
ASK = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with running_server(tmp_path_factory.mktemp("impatient") / "data", IMPATIENT) as server:
        yield server


@pytest.fixture(scope="module")
def ada(impatient: RunningServer) -> Person:
    return sign_up(impatient, "Ada")


class Peer:
    """One TCP connection on which a test says whatever it likes."""

    def __init__(self, server: RunningServer, receive_buffer: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(("127.0.0.1", server.port))

    def say(self, *parts: bytes) -> None:
        for part in parts:
            self._socket.sendall(part)

    def hear_all(self) -> bytes:
        """Until the server has ended the connection."""
        heard = b""
        while True:
            try:
                more = self._socket.recv(65536)
            except ConnectionError:
                return heard
            if not more:
                return heard
            heard += more

    def hear_answer(self) -> int:
        """The status of the next answer, which must be a short one."""
        return int(self._socket.recv(65536).split()[1])

    def close(self) -> None:
        self._socket.close()


NewPeer = Callable[..., Peer]


@pytest.fixture
def new_peer(impatient: RunningServer) -> Iterator[NewPeer]:
    with ExitStack() as stack:

        def connect(receive_buffer: int | None = None) -> Peer:
            peer = Peer(impatient, receive_buffer)
            stack.callback(peer.close)
            return peer

        yield connect


def status_of(answer: bytes) -> int:
    return int(answer.split()[1]) if answer else 0


@pytest.mark.parametrize(
    "beginning",
    [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a", b"\r\n\r\n", ASK + b"GET"],
    ids=range(6),
)
def test_a_head_that_does_not_come_is_not_waited_for(new_peer: NewPeer, ada: Person, beginning: bytes) -> None:
    peer = new_peer()
    peer.say(beginning)
    assert ada.get("/api/me")["id"] == ada.id
    answers = re.findall(rb"HTTP/1.1 (\d+)", peer.hear_all())
    assert answers[-1:] == [b"408"]


def test_a_body_that_does_not_come_is_not_waited_for(new_peer: NewPeer, ada: Person) -> None:
    peer = new_peer()
    head = f"POST /api/chats HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ada.token}\r\n"
    peer.say(f"{head}Content-Type: application/json\r\nContent-Length: 50000\r\n\r\n".encode(), b'{"title": "')
    assert status_of(peer.hear_all()) == 408
    assert ada.get("/api/me")["id"] == ada.id


def test_an_answer_that_is_not_read_is_not_kept(new_peer: NewPeer, ada: Person) -> None:
    chat = ada.new_chat(*["x" * 50_000] * 1)
    for _ in range(60):
        ada.post(f"/api/chats/{chat['id']}/messages", {"content": "y" * 99_000})
    peer = new_peer(receive_buffer=4096)
    ask = f"GET /api/chats/{chat['id']}?limit=1000 HTTP/1.1\r\nHost: localhost\r\n"
    peer.say(f"{ask}Authorization: Bearer {ada.token}\r\n\r\n".encode())
    _say_until_reset(peer, b"GET")


def _say_until_reset(peer: Peer, words: bytes) -> None:
    """Without reading anything: writing tells when the other side is gone."""
    with pytest.raises(ConnectionError):
        _say_for_ever(peer, words)


def _say_for_ever(peer: Peer, words: bytes) -> None:
    while True:
        peer.say(words)


def test_a_head_too_large_is_refused(new_peer: NewPeer, ada: Person) -> None:
    for head in (
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 2000 + b"\r\n",
    ):
        peer = new_peer()
        peer.say(head)
        assert status_of(peer.hear_all()) == 431
    assert ada.get("/api/me")["id"] == ada.id


def test_a_head_without_end_is_refused(new_peer: NewPeer) -> None:
    peer = new_peer()
    peer.say(b"GET / HTTP/1.1\r\nX: ")
    _say_until_reset(peer, b"a" * 1000)


def test_requests_that_pile_up_unanswered_are_refused(new_peer: NewPeer, ada: Person) -> None:
    few = new_peer()
    few.say(ASK * 4 + ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert few.hear_all().count(b"HTTP/1.1 200") == 5
    many = new_peer()
    many.say(ASK * 1000)
    heard = many.hear_all()
    assert heard.count(b"HTTP/1.1 200") < 1000
    assert b"HTTP/1.1 400" in heard
    assert ada.get("/api/me")["id"] == ada.id


def test_head_is_answered_again_and_again_on_one_connection(new_peer: NewPeer, ada: Person) -> None:
    peer = new_peer()
    who = f"Host: localhost\r\nAuthorization: Bearer {ada.token}\r\n\r\n".encode()
    for address, status in ((b"/api/me", 200), (b"/api/nothing", 404), (b"/", 200), (b"/api/chats?limit=0", 422)):
        peer.say(b"HEAD " + address + b" HTTP/1.1\r\n" + who)
        assert peer.hear_answer() == status
    peer.say(ASK)
    assert peer.hear_answer() == 200


def test_connections_that_say_nothing_make_room_for_new_ones(new_peer: NewPeer, ada: Person) -> None:
    silent = [new_peer() for _ in range(60)]
    busy = new_peer()
    busy.say(ASK)
    assert busy.hear_answer() == 200
    assert ada.get("/api/me")["id"] == ada.id
    assert silent[0].hear_all() == b""  # and no 408 after its time, as a later one gets


def test_only_who_is_signed_in_may_send_much(impatient: RunningServer, ada: Person) -> None:
    long = {"title": "x" * 2000}
    assert ada.request("POST", "/api/chats", {"title": "x" * 400, "padding": "x" * 2000}).status_code == 201
    assert ada.request("POST", "/api/chats", {"padding": "x" * 200_000}).status_code == 413
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = impatient.http.post(f"{impatient.base_url}/api/login", json=long, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_signed_in"


def test_a_stranger_cannot_send_much_in_chunks_either(new_peer: NewPeer) -> None:
    peer = new_peer()
    body = json.dumps({"email": "x" * 3000}).encode()
    head = b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"
    peer.say(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n")
    assert status_of(peer.hear_all()) == 413


@pytest.mark.parametrize(
    "garbage",
    [
        b"\0" * 100,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 80,
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n",
    ],
    ids=range(7),
)
def test_what_is_no_http_is_refused(new_peer: NewPeer, ada: Person, garbage: bytes) -> None:
    peer = new_peer()
    peer.say(garbage)
    assert status_of(peer.hear_all()) in (400, 404, 405)
    assert ada.get("/api/me")["id"] == ada.id
