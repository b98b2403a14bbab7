"""What a page of somebody else can make a signed-in browser do: nothing."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.harness.live_client import Tabs
from tests.harness.people import page_headers
from tests.security.cast import Cast, new_cookie, set_scene
from tests.security.test_routes import TABLE, ask

UNSAFE = [route for route in TABLE if not route.startswith("GET ")]
FOREIGN = {
    "another site": "https://evil.example.org",
    "no site": "null",
    "a file": "file://",
    "an extension": "chrome-extension://abcdefgh",
    "the name with a suffix": "http://127.0.0.1.evil.example.org",
    "the name as a user": "http://127.0.0.1@evil.example.org",
    "another name of this machine": "http://localhost:{port}",
    "another port": "http://127.0.0.1:1",
    "another port that begins alike": "http://127.0.0.1:{port}0",
    "another scheme on its own port": "https://127.0.0.1",
    "empty": "",
    "two": "http://127.0.0.1:{port}, https://evil.example.org",
    "with a path": "http://evil.example.org/http://127.0.0.1:{port}",
}


@pytest.mark.anyio
@pytest.mark.parametrize("origin", FOREIGN)
async def test_no_foreign_page_opens_a_websocket_with_the_cookie(tabs: Tabs, cast: Cast, origin: str) -> None:
    owner = cast.people["stranger"]
    headers = {
        "Cookie": f"chatsynth_session={new_cookie(cast, owner)}",
        "Origin": FOREIGN[origin].format(port=cast.server.port),
    }
    with pytest.raises(InvalidStatus) as refused:
        await tabs.open(owner, headers=headers)
    assert refused.value.response.status_code == 403
    assert "set-cookie" not in refused.value.response.headers


@pytest.mark.parametrize("route", UNSAFE)
def test_no_foreign_page_changes_anything_with_the_cookie(cast: Cast, route: str) -> None:
    """As a form, a script and a picture can ask; also where nobody is signed in, to plant a login."""
    scene, owner = set_scene(cast), cast.people["owner"]
    cookie = {"Cookie": f"chatsynth_session={new_cookie(cast, owner)}"}
    asked_by = [{"Origin": "https://evil.example.org"}, {"Origin": "null"}]
    asked_by += [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
    before = cast.rows.now()
    for headers in asked_by:
        for signed_in in (cookie, {}):
            answer = ask(cast, route, scene, {**signed_in, **headers})
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
            assert "set-cookie" not in answer.headers
    assert cast.rows.now() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_what_a_form_can_send_is_not_taken_for_json(cast: Cast, kind: str) -> None:
    """Even from the right address: the kinds that a browser sends to other sites without asking first."""
    headers = page_headers(cast.server, new_cookie(cast, cast.people["stranger"])) | {"Content-Type": kind}
    answer = cast.server.http.post(f"{cast.server.base_url}/api/chats", content='{"title": "planted"}', headers=headers)
    assert answer.status_code == 415


def test_no_answer_lets_another_page_read_it(cast: Cast) -> None:
    for method, path in (("GET", "/api/me"), ("OPTIONS", "/api/me"), ("OPTIONS", "/api/chats")):
        asked = {"Origin": "https://evil.example.org", "Access-Control-Request-Method": "POST"}
        headers = {"Cookie": f"chatsynth_session={new_cookie(cast, cast.people['stranger'])}", **asked}
        answer = cast.server.http.request(method, f"{cast.server.base_url}{path}", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
