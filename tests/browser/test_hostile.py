"""Hostile texts through every door of the page, in a real browser: nothing runs, nothing is loaded, nothing leads
astray, and what was written is shown as it was written."""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect
from websockets.sync.client import connect

from tests.browser.conftest import MoveIn
from tests.browser.hostile import BAD_ADDRESSES, SHORT, TEXTS
from tests.browser.person import Person
from tests.harness.json_types import JsonDict
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

TEXTS_IN_A_CHAT = 100
LISTEN = """
window.__ran = [];
window.__xss = (...what) => window.__ran.push(['__xss', ...what]);
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) {
  window[name] = (...what) => window.__ran.push([name, ...what.map(String)]);
}
document.addEventListener('securitypolicyviolation', (event) =>
  window.__ran.push(['policy', event.violatedDirective, event.blockedURI, event.sample]));
"""
# Everything below `root` that a browser would act on. Own scripts, styles and pictures of the page are its own.
AUDIT = r"""
() => {
  const found = [];
  const bad = /^(javascript|vbscript|livescript|mocha|data|blob|filesystem|file|about|view-source|feed|jar|intent):/i;
  const forbidden = 'script, iframe, frame, object, embed, applet, base, meta, link, portal, foreignObject, use, ' +
    'animate, set, style, form, template, video, audio, source, area, math[href], maction';
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name) || /^(srcdoc|formaction|ping|background|dynsrc|lowsrc)$/i.test(name))
          found.push(`${element.localName} has ${name}=${value}`);
        if (name === 'style' && /url\(|expression|@import|position:\s*fixed/i.test(value))
          found.push(`${element.localName} has style=${value}`);
        if (/^(href|src|xlink:href|action|poster|data)$/i.test(name)) {
          const address = name === 'href' ? String(element.href?.baseVal ?? element.href ?? value) : value;
          if (bad.test(address.trim()) && !/^data:image\/(png|svg\+xml|gif)/.test(value))
            found.push(`${element.localName} has ${name}=${value}`);
        }
      }
      if (element.closest('[data-testid="message"], [data-testid="search-result"], [data-testid="toast"]')) {
        if (element.matches(forbidden)) found.push(`a ${element.localName} in a text`);
        if (element.id && /^(root|content|chat-list|search-input|config|__proto__)$/.test(element.id))
          found.push(`the id ${element.id} in a text`);
        if (element.hasAttribute('name')) found.push(`the name ${element.getAttribute('name')} in a text`);
      }
    }
  };
  walk(document.body);
  return found;
}
"""


@dataclass
class Watch:
    """What a page did that it should not have done."""

    page: Page
    own: str
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.page.add_init_script(LISTEN)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("popup", lambda popup: self.dialogs.append(f"popup {popup.url}"))
        self.page.on("dialog", self._dismiss)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def expect_nothing(self) -> None:
        assert self.page.evaluate("window.__ran") == []
        assert self.dialogs == []
        assert [url for url in self.asked if not url.startswith((self.own, "data:", "blob:"))] == []
        assert self.page.url.startswith(self.own)
        assert self.page.evaluate(AUDIT) == []


@pytest.fixture
def mia(browser: Browser, move_in: MoveIn) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": 1200, "height": 4000})
    yield move_in(context, "127.0.0.1")
    context.close()


@pytest.fixture
def watch(mia: Person) -> Watch:
    watch = Watch(mia.page, mia.base_url)
    watch.begin()
    return watch


def _ask(person: Person, method: str, path: str, body: object = None) -> JsonDict:
    assert person.account is not None
    return person.account.ask(method, path, body)


def _new_chat(mia: Person, title: str, texts: tuple[str, ...]) -> JsonDict:
    messages = [{"role": "assistant" if n % 2 else "user", "content": text} for n, text in enumerate(texts)]
    return _ask(mia, "POST", "/api/chats", {"title": title, "messages": messages})


def _look_through(mia: Person, watch: Watch, count: int) -> None:
    """Every message is rendered when it comes into sight; each is looked at, and what folds is opened."""
    seen: set[str] = set()
    expect(mia.page.get_by_test_id("message").first).to_be_visible()
    while len(seen) < count:
        shown = mia.page.evaluate("[...document.querySelectorAll('[data-message-id]')].map(e => e.dataset.messageId)")
        assert set(shown) - seen, "scrolling brings further messages"
        seen |= set(shown)
        mia.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        mia.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        watch.expect_nothing()
        mia.page.evaluate("[...document.querySelectorAll('[data-message-id]')].at(-1).scrollIntoView()")
        mia.page.wait_for_function(
            "([n, seen]) => n <= seen.length || [...document.querySelectorAll('[data-message-id]')]"
            ".some((each) => !seen.includes(each.dataset.messageId))",
            arg=[count, sorted(seen)],
        )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("start", range(0, len(TEXTS), TEXTS_IN_A_CHAT))
def test_hostile_messages_do_nothing(mia: Person, watch: Watch, start: int) -> None:
    texts = TEXTS[start : start + TEXTS_IN_A_CHAT]
    chat = _new_chat(mia, f"<svg onload=__xss({start})>", texts)
    mia.page.goto(f"{mia.base_url}/chats/{chat['id']}")
    _look_through(mia, watch, len(texts))


def test_hostile_titles_names_notifications_and_addresses_do_nothing(
    mia: Person, watch: Watch, house: RunningServer
) -> None:
    _ask(mia, "PATCH", "/api/me", {"name": SHORT[1]})
    other = sign_up(house, "Other")
    other.patch("/api/me", {"name": SHORT[2]})
    chats = [_new_chat(mia, text, (f"needle {text}",)) for text in SHORT]
    _ask(mia, "PUT", f"/api/chats/{chats[0]['id']}/members", {"email": other.email, "role": "editor"})
    mia.page.goto(mia.base_url + "/")
    mia.expect_live()
    _notify(mia, house)
    expect(mia.page.get_by_test_id("toast").first).to_be_visible()
    watch.expect_nothing()
    mia.page.get_by_test_id("notification-bell").click()
    for notification in mia.page.locator("[data-testid=notification]").all():
        notification.hover()
    watch.expect_nothing()
    mia.page.keyboard.press("Escape")
    mia.page.get_by_test_id("search-input").fill("needle")
    expect(mia.page.get_by_test_id("search-result")).to_have_count(len(SHORT))
    watch.expect_nothing()
    mia.open_chat(chats[0]["id"])
    mia.page.get_by_role("button", name="Share").click()
    expect(mia.page.get_by_role("dialog")).to_contain_text(other.email)
    watch.expect_nothing()


def _notify(mia: Person, house: RunningServer) -> None:
    assert mia.account is not None
    address = f"{house.live_url}/ws/{mia.account.id}"
    with connect(address, additional_headers=mia.account.bearer) as socket:
        for text in SHORT[:3]:
            for link in (None, *BAD_ADDRESSES[:2], "//tracker.invalid/x", "/\\tracker.invalid", "/imports"):
                socket.send(json.dumps({"type": "notification", "message": text, "link": link}))
                socket.recv(timeout=30)


def test_hostile_texts_that_are_typed_and_that_others_type_do_nothing(mia: Person, watch: Watch) -> None:
    chat = _new_chat(mia, "Typed", ("begin", "begin"))
    first, second = (message["id"] for message in chat["messages"])
    mia.open_chat(chat["id"])
    mia.expect_live()
    mia.edit(first)
    mia.page.keyboard.insert_text("\n\n".join(TEXTS[::9]))
    watch.expect_nothing()
    mia.page.keyboard.press("Escape")
    expect(mia.editor(first)).to_be_hidden()
    _ask(mia, "PATCH", f"/api/chats/{chat['id']}/messages/{second}", {"content": "\n\n".join(TEXTS[1::9])})
    mia.expect_text(second, "xss")
    watch.expect_nothing()


def test_a_hostile_export_does_nothing(mia: Person, watch: Watch) -> None:
    assert mia.account is not None
    name = "<img src=x onerror=__xss(1)>.zip"
    upload = {"file": (name, _export(), "application/zip")}
    answer = httpx.post(
        f"{mia.base_url}/api/imports", files=upload, headers=mia.account.bearer, trust_env=False, timeout=60
    )
    assert answer.status_code == 202, answer.text
    mia.page.goto(f"{mia.base_url}/imports")
    expect(mia.page.locator("main")).to_contain_text("__xss(1)>.zip")
    expect(mia.page.get_by_test_id("chat-item")).to_have_count(1)
    watch.expect_nothing()
    mia.page.get_by_test_id("chat-item").click()
    expect(mia.page.get_by_test_id("message").first).to_be_visible()
    mia.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    watch.expect_nothing()


def _export() -> bytes:
    """As ChatGPT writes it, with something hostile wherever it names something."""
    bad = SHORT[1]
    parts: list[tuple[JsonDict, JsonDict]] = [
        ({"role": "user", "name": bad}, {"content_type": "text", "parts": [bad]}),
        ({"role": "assistant"}, {"content_type": "code", "language": f'x" onclick="{bad}', "text": bad}),
        ({"role": "tool", "name": bad}, {"content_type": "execution_output", "text": bad}),
        ({"role": "assistant"}, {"content_type": bad, "text": bad, "url": "javascript:__xss(1)"}),
        ({"role": "tool", "name": "browser"}, {"content_type": "tether_quote", "url": "javascript:__xss(1)",
                                               "domain": bad, "text": bad, "title": bad}),
        ({"role": "assistant"}, {"content_type": "multimodal_text", "parts": [
            {"content_type": "image_asset_pointer", "asset_pointer": "javascript:__xss(1)", "metadata": {bad: bad}}]}),
    ]  # fmt: skip
    mapping: JsonDict = {"root": {"id": "root", "parent": None, "children": ["0"], "message": None}}
    citation = {"title": bad, "url": "javascript:__xss(1)", "text": bad}
    for n, (author, content) in enumerate(parts):
        metadata = {
            "model_slug": bad,
            "citations": [{"start_ix": 0, "end_ix": 1, "metadata": citation}],
            "attachments": [{"id": "a", "name": bad, "mime_type": bad, "size": 1}],
        }
        message = {"id": str(n), "author": author, "content": content, "metadata": metadata, "create_time": 1.7e9 + n}
        children = [str(n + 1)] if n + 1 < len(parts) else []
        mapping[str(n)] = {
            "id": str(n),
            "parent": str(n - 1) if n else "root",
            "children": children,
            "message": message,
        }
    conversation = {
        "title": bad,
        "create_time": 1.7e9,
        "update_time": 1.7e9,
        "mapping": mapping,
        "current_node": str(len(parts) - 1),
        "conversation_id": bad,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("conversations.json", json.dumps([conversation]))
    return packed.getvalue()
