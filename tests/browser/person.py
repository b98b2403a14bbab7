"""A person at a browser: what they click and type, and what they see."""

import re
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.harness.people import Person as Account

PASSWORD = "a long enough password"
TEXT_OF_EDITOR = """(editor) => {
  const copy = editor.cloneNode(true);
  for (const flag of copy.querySelectorAll('.cm-remoteCaret, img.cm-widgetBuffer')) flag.remove();
  return [...copy.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\\n');
}"""


@dataclass(slots=True)
class Person:
    """One browser context: its own cookies and its own IndexedDB. `page` is the tab in front."""

    context: BrowserContext
    page: Page
    base_url: str
    account: Account | None = None
    """When they were signed in beside the page."""

    # Coming in -------------------------------------------------------------------------------------

    def sign_up(self, email: str, name: str, path: str = "/") -> None:
        self.page.goto(self.base_url + path)
        form = self.page.get_by_test_id("sign-up")
        form.locator("[name=email]").fill(email)
        form.locator("[name=name]").fill(name)
        form.locator("[name=password]").fill(PASSWORD)
        form.locator("[type=submit]").click()
        expect(form).to_be_hidden()

    def sign_in(self, email: str) -> None:
        self.page.goto(self.base_url + "/")
        form = self.page.get_by_test_id("sign-in")
        form.locator("[name=email]").fill(email)
        form.locator("[name=password]").fill(PASSWORD)
        form.locator("[type=submit]").click()
        expect(form).to_be_hidden()

    def open_chat(self, chat_id: int) -> None:
        self.page.goto(f"{self.base_url}/chats/{chat_id}")
        expect(self.page.get_by_test_id("message").first).to_be_visible()

    def new_tab(self) -> None:
        self.page = self.context.new_page()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name=re.compile("^Account of")).click()
        self.page.get_by_role("menuitem", name="Sign out", exact=True).click()
        expect(self.page.get_by_test_id("sign-in")).to_be_visible()

    # Reading ---------------------------------------------------------------------------------------

    def status(self) -> Locator:
        return self.page.get_by_test_id("connection-status")

    def save_state(self, message_id: int) -> Locator:
        return self.message(message_id).get_by_test_id("save-state")

    def message(self, message_id: int) -> Locator:
        return self.page.locator(f'[data-testid="message"][data-message-id="{message_id}"]')

    def editor(self, message_id: int) -> Locator:
        return self.message(message_id).locator(".cm-content")

    def editor_text(self, message_id: int) -> str:
        """What stands in the editor, without the flags at other people's cursors."""
        return str(self.editor(message_id).evaluate(TEXT_OF_EDITOR))

    def expect_editor_text(self, message_id: int, text: str) -> None:
        self.page.wait_for_function(
            f"([editor, text]) => ({TEXT_OF_EDITOR})(editor) === text",
            arg=[self.editor(message_id).element_handle(), text],
        )

    def expect_live(self) -> None:
        expect(self.status()).to_have_text("Live")

    def expect_nothing_kept(self) -> None:
        """The page says that everything it holds is saved."""
        expect(self.status()).to_have_text("Live")

    def wait_for_offline_page(self) -> None:
        """Until the page could be loaded without a network."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")

    def expect_text(self, message_id: int, text: str) -> None:
        expect(self.message(message_id)).to_contain_text(text)

    # Writing ---------------------------------------------------------------------------------------

    def edit(self, message_id: int) -> None:
        self.message(message_id).hover()
        self.message(message_id).get_by_test_id("message-edit").click()
        expect(self.editor(message_id)).to_be_visible()
        self.editor(message_id).click()

    def load_editor(self, message_id: int) -> None:
        """Opens an editor and closes it, so that there will be one without a network."""
        self.edit(message_id)
        self.editor(message_id).press("Escape")
        expect(self.editor(message_id)).to_have_count(0)

    def type_at_end(self, message_id: int, text: str) -> None:
        self.editor(message_id).press("Control+End")
        self.page.keyboard.type(text)

    def type_at_start(self, message_id: int, text: str) -> None:
        self.editor(message_id).press("Control+Home")
        self.page.keyboard.type(text)
