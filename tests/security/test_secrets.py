"""A server that is used in every way, rightly and wrongly, and does not write down what is nobody's business."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.harness.live_client import Tabs
from tests.harness.people import Person, page_headers, request, sign_up
from tests.harness.running_server import RunningServer, running_server

pytestmark = pytest.mark.anyio
PASSWORD, WRONG_PASSWORD, NEW_PASSWORD = "pAssw0rd-of-mine", "pAssw0rd-of-yours", "pAssw0rd-of-ours"
TEXT, TITLE, QUESTION = "tExt-that-is-private", "tItle-that-is-private", "qUestion-that-is-private"
PRESENCE, CLIENT = "pResence-that-is-private", "cLient-that-is-private"


async def test_neither_secrets_nor_what_people_write_are_in_any_log(
    tabs: Tabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the event loop's own debugging on, which logs what it runs."""
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    with running_server(tmp_path / "data", {"SIGNUP": "invitation"}, mistakes_expected=True) as server:
        admin = sign_up(server, "Admin")
        secrets = _use_the_http_side(server, admin) | await _use_the_websocket(tabs, admin)
    written = (tmp_path / "data.log").read_text()
    assert written.count("/api/") > 20, "nothing was logged"
    assert [name for name, secret in secrets.items() if secret in written] == []
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    never_stored = {name: secret for name, secret in secrets.items() if name.startswith("secret: ")}
    assert len(never_stored) > 8
    assert [name for name, secret in never_stored.items() if secret.encode() in stored] == []


def _use_the_http_side(server: RunningServer, admin: Person) -> dict[str, str]:
    invitation = admin.post("/api/invitations")["invitation"]
    body = {"email": "bob@example.org", "name": "Bob", "password": PASSWORD, "invitation": invitation}
    page = {"Origin": server.base_url}
    signed_up = server.http.post(f"{server.base_url}/api/accounts", json=body, headers=page)
    cookie = signed_up.cookies["chatsynth_session"]
    server.http.cookies.clear()
    bob = page_headers(server, cookie)
    token = request(server, "POST", "/api/tokens", {"name": "mine"}, bob).json()["token"]
    chat = request(server, "POST", "/api/chats", {"title": TITLE, "messages": [{"content": TEXT}]}, bob).json()
    wrong_token = "chatsynth_wRong-token"
    for method, path, sent, headers in (
        ("POST", "/api/login", {"email": "bob@example.org", "password": WRONG_PASSWORD}, page),
        ("POST", "/api/login", {"email": "bob@example.org", "password": PASSWORD, "more": TEXT}, page),
        ("POST", "/api/login", {"email": 5, "password": [PASSWORD]}, page),
        ("POST", "/api/accounts", body, page),
        ("POST", "/api/me/password", {"current": WRONG_PASSWORD, "new": NEW_PASSWORD}, bob),
        ("POST", "/api/me/password", {"current": PASSWORD, "new": NEW_PASSWORD}, bob),
        ("GET", f"/api/search?q={QUESTION}", None, bob),
        ("GET", f"/api/search?q={QUESTION}&limit={QUESTION}", None, bob),
        ("GET", f"/join/{invitation}", None, {}),
        ("GET", f"/?token={token}", None, {}),
        ("GET", f"/api/chats/{chat['id']}?access_token={token}", None, {"Authorization": f"Bearer {token}"}),
        ("GET", "/api/me", None, {"Authorization": f"Bearer {wrong_token}"}),
        ("POST", "/api/chats", {"title": ["x", TITLE]}, bob),
        ("PUT", f"/api/chats/{chat['id']}/members", {"email": "admin", "role": TEXT}, bob),
        ("POST", "/api/logout", None, bob),
        ("GET", "/api/me", None, {"Cookie": f"chatsynth_session={cookie}; other={TEXT}"}),
    ):
        request(server, method, path, sent, headers)
    return {
        "secret: password": PASSWORD,
        "secret: wrong password": WRONG_PASSWORD,
        "secret: new password": NEW_PASSWORD,
        "secret: invitation": invitation,
        "secret: cookie": cookie,
        "secret: token": token,
        "secret: wrong token": wrong_token,
        "a search": QUESTION,
        "a text": TEXT,
        "a title": TITLE,
    }


async def _use_the_websocket(tabs: Tabs, admin: Person) -> dict[str, str]:
    chat = admin.new_chat(TEXT, title=TITLE)
    for headers in (
        admin.bearer,
        {},
        {"Authorization": "Bearer wRong-live-token"},
        {"Cookie": "chatsynth_session=wRong"},
    ):
        await (await tabs.open(admin, headers=headers, query=f"?token={admin.token}")).close()
    tab = await tabs.full(admin, chat)
    await tab.send("hello", v=1, client=CLIENT, channels=[])
    await tab.send("presence", channel=chat["channel"], state={"where": PRESENCE})
    await tab.ask("chat_retitle", chat={"id": chat["id"], "title": [TITLE]})
    await tab.send_text(f'{{"type": "{TEXT}", broken')
    await tab.change("notification", message=TEXT)
    tab.send_raw(b"\x81\x82\0\0\0\0\xc3\x28")
    await tab.end()
    late = await tabs.full(admin)
    admin.delete(f"/api/tokens/{admin.token_id}")
    await late.end()
    return {
        "secret: live token": admin.token,
        "secret: live cookie": admin.cookie,
        "secret: wrong live token": "wRong-live-token",
        "presence": PRESENCE,
        "the name of a client": CLIENT,
    }


def test_what_is_stored_of_a_secret_signs_nobody_in(server: RunningServer) -> None:
    """Whoever reads the database, or a backup of it, has no sign-in."""
    ada = sign_up(server, "Ada")
    with closing(sqlite3.connect(server.database)) as db:
        stored = [
            value
            for table in ("api_tokens", "logins", "invitations")
            for (value,) in db.execute(f"SELECT token_hash FROM {table}")
        ]
    assert len(stored) >= 2
    for value in stored:
        assert json.dumps(value) not in (ada.token, ada.cookie)
        for headers in ({"Authorization": f"Bearer {value}"}, {"Cookie": f"chatsynth_session={value}"}):
            assert request(server, "GET", "/api/me", None, headers).status_code == 401
