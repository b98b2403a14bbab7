"""Every screen of the page with real chats in it, in both colour schemes, on a desk and on a phone.

`CHATSYNTH_TEST_PICTURES=<folder>` makes `test_screens.py` leave a picture of each.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.cable import Cable
from tests.browser.library import Library
from tests.browser.person import Person
from tests.features.imports.chatgpt_work import worked_out
from tests.features.imports.exports import chatgpt_export
from tests.harness.people import Person as Account
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer

SCHEMES = ("light", "dark")

RICH = """## How the harbour wakes

A first boat leaves at **five**, *before* the light, see [the tables](https://tides.example/lisbon) and `tide.csv`.

1. Cast off
   - quietly
   - ~~with the horn~~
2. Wait for low water[^1]

> What is written down is not forgotten.

| Hour | Height | Remark |
|---:|---|---|
| 5 | 0.7 m | low water |
| 11 | 3.1 m | high water, and a remark that is long enough to need more than the width of a telephone |

```python
def height(hour: float) -> float:
    \"\"\"Metres above the chart.\"\"\"
    return 2.1 + 1.4 * math.cos(2 * math.pi * (hour - 3) / 12.4)  # a comment that is longer than a telephone is wide
```

$$h(t) = 2.1 + 1.4 \\cos\\left(\\frac{2\\pi (t - 3)}{12.4}\\right)$$

- [x] done
- [ ] to do

---

[^1]: At 09:12.
"""


@dataclass(frozen=True, slots=True)
class Device:
    width_px: int
    height_px: int
    is_phone: bool


DESK = Device(1280, 860, is_phone=False)
PHONE = Device(390, 844, is_phone=True)


@dataclass
class Stage:
    """An administrator at a browser, and what is in the library."""

    admin: Person
    notes: Library
    server: RunningServer
    cable: Cable
    chat_id: int = 0
    answer_id: int = 0
    steps_id: int = 0

    @property
    def page(self) -> Page:
        return self.admin.page

    @property
    def is_phone(self) -> bool:
        size = self.page.viewport_size
        return size is not None and size["width"] == PHONE.width_px

    def go(self, path: str) -> None:
        self.cable.mend()
        self.page.goto(self.admin.base_url + path)

    def open_side(self) -> None:
        """The list of chats, which is a drawer on a phone."""
        if self.is_phone:
            self.page.get_by_role("button", name="Open the library").click()
        expect(self.page.get_by_test_id("search-input")).to_be_visible()

    def open_rich(self) -> None:
        self.cable.mend()
        self.admin.open_chat(self.chat_id)
        expect(self.page.locator("table").first).to_be_visible()


def furnish(context: BrowserContext, server: RunningServer, cable: Cable, folder: Path) -> Stage:
    """Signs an administrator in and fills the library."""
    account = sign_up(server, "Admin")
    base_url = f"http://127.0.0.1:{cable.port}"
    context.add_cookies([{"name": "chatsynth_session", "value": account.cookie, "url": base_url}])
    admin = Person(context, context.new_page(), base_url, account)
    notes = Library(admin, server)
    stage = Stage(admin, notes, server, cable)
    _write_chats(stage, account)
    _import_chats(stage, folder)
    notes.notify("The nightly backup has finished")
    return stage


def _write_chats(stage: Stage, account: Account) -> None:
    reader = sign_up(stage.server, "Finn")
    account.patch(f"/api/chats/{stage.notes.new_chat('Archived plans')}", {"archived": True})
    account.delete(f"/api/chats/{stage.notes.new_chat('Thrown away')}")
    asked = "What happens at the harbour before dawn? A very_long_word_without_any_space_" + "x" * 80
    chat = account.new_chat(asked, RICH, "Thank you!", "", title="The harbour before dawn, in all its details")
    stage.chat_id, stage.answer_id = chat["id"], chat["messages"][1]["id"]
    account.share(chat["id"], reader)
    account.delete(f"/api/chats/{chat['id']}/messages/{chat['messages'][2]['id']}")


def _import_chats(stage: Stage, folder: Path) -> None:
    stage.go("/imports")
    stage.admin.expect_live()
    reports = stage.page.get_by_test_id("import-report")
    broken = folder / "a file with a very long name that was cut off in the middle.json"
    broken.write_bytes(b'[{"mapping": {}, "title": "cut off')
    steps = folder / "conversations.json"
    steps.write_text(json.dumps([worked_out(), {"title": "no messages"}]))
    many = chatgpt_export(folder / "chatgpt.zip", conversations=30)
    for number, file in enumerate((broken, steps, many.path), 1):
        stage.page.get_by_test_id("import-input").set_input_files(file)
        expect(reports).to_have_count(number)
        expect(reports.first).to_have_attribute("data-state", re.compile("done|failed"))
    found = stage.notes.owner.account
    assert found is not None
    titles = {each["title"]: each["id"] for each in found.get("/api/chats?limit=100")["items"]}
    stage.steps_id = titles["A walk at low tide"]


# The screens ---------------------------------------------------------------------------------------------------

Show = Callable[[Stage], None]


def _home(stage: Stage) -> None:
    stage.go("/")
    expect(stage.page.get_by_role("heading", name="Pick up where you left off")).to_be_visible()


def _side(stage: Stage) -> None:
    _home(stage)
    stage.open_side()
    expect(stage.page.get_by_test_id("chat-item").first).to_be_visible()


def _view(name: str) -> Show:
    def show(stage: Stage) -> None:
        _home(stage)
        stage.open_side()
        stage.page.get_by_text(name, exact=True).click()
        expect(stage.page.get_by_test_id("chat-item")).to_have_count(1)

    return show


def _search(words: str, wanted: str) -> Show:
    def show(stage: Stage) -> None:
        _home(stage)
        stage.open_side()
        stage.page.get_by_test_id("search-input").fill(words)
        expect(stage.page.get_by_text(wanted).first).to_be_visible()

    return show


def _chat(stage: Stage) -> None:
    stage.open_rich()
    stage.admin.message(stage.answer_id).hover()


def _steps(stage: Stage) -> None:
    stage.admin.open_chat(stage.steps_id)
    stage.page.get_by_text("Ran code").click()
    expect(stage.page.get_by_text("hours = np.arange")).to_be_visible()


def _editing(stage: Stage) -> None:
    stage.open_rich()
    stage.admin.edit(stage.answer_id)


def _menu_of(button: str) -> Show:
    def show(stage: Stage) -> None:
        stage.open_rich()
        stage.page.get_by_role("button", name=button).first.click()
        expect(stage.page.get_by_role("menu")).to_be_visible()

    return show


def _share(stage: Stage) -> None:
    stage.open_rich()
    stage.page.get_by_role("button", name="Share").first.click()
    expect(stage.page.get_by_role("dialog")).to_contain_text("People in this chat")


def _removed(stage: Stage) -> None:
    _menu_of("More about this chat")(stage)
    stage.page.get_by_role("menuitem", name="Removed messages").click()
    expect(stage.page.get_by_role("dialog")).to_contain_text("Thank you!")


def _key(key: str, dialog: str) -> Show:
    def show(stage: Stage) -> None:
        _home(stage)
        stage.page.keyboard.press(key)
        expect(stage.page.get_by_role("dialog", name=dialog)).to_be_visible()

    return show


def _bell(stage: Stage) -> None:
    _home(stage)
    stage.open_side()
    stage.page.get_by_test_id("notification-bell").click()
    expect(stage.page.get_by_role("heading", name="Notifications")).to_be_visible()


def _account(stage: Stage) -> None:
    _home(stage)
    stage.open_side()
    stage.page.get_by_role("button", name="Account of").click()
    expect(stage.page.get_by_role("menuitem", name="Sign out")).to_be_visible()


def _at(path: str, words: str) -> Show:
    def show(stage: Stage) -> None:
        stage.go(path)
        expect(stage.page.get_by_text(words).first).to_be_visible()

    return show


def _offline(stage: Stage) -> None:
    _editing(stage)
    stage.cable.cut()
    stage.page.keyboard.type("x")
    expect(stage.page.get_by_test_id("save-state")).to_have_text("Kept on this device")


SCREENS: dict[str, Show] = {
    "home": _home,
    "side": _side,
    "archived": _view("Archived"),
    "trash": _view("Trash"),
    "search": _search("harbour", "result"),
    "search that finds nothing": _search("zzyzx", "Nothing found"),
    "chat": _chat,
    "steps": _steps,
    "editing": _editing,
    "menu of a chat": _menu_of("More about this chat"),
    "menu of a message": _menu_of("More about this message"),
    "share": _share,
    "removed messages": _removed,
    "jump": _key("Control+k", "Jump to"),
    "shortcuts": _key("?", "Keyboard shortcuts"),
    "notifications": _bell,
    "account": _account,
    "imports": _at("/imports", "Messages"),
    "settings": _at("/settings", "Sign out everywhere"),
    "health": _at("/health", "Database file"),
    "offline": _offline,
    "no page": _at("/no/such/page", "This page does not exist"),
    "no chat": _at("/chats/999999", "This chat cannot be shown"),
}

LIKE_OTHERS = {"archived", "trash", "search that finds nothing", "menu of a message", "jump", "no page"}
"""These are looked at when pictures are wanted."""
OWN_ON_A_PHONE = {"side", "chat", "editing", "share", "notifications", "imports", "settings", "health", "offline"}
"""The others are as on a desk."""

STRANGERS: dict[str, tuple[str, str]] = {
    "sign in": ("/", "sign-in"),
    "sign up": ("/sign-up", "sign-up"),
    "invitation": ("/join/made-up", "This invitation no longer works"),
}
