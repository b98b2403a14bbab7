"""Somebody who looks at a message all the time, and says what stands in it and what the page says of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.person import TEXT_OF_EDITOR

# What is painted: the page has done all that follows from a change when the next task begins.
LOOK = f"""(messageId) => {{
  const message = document.querySelector(`[data-testid="message"][data-message-id="${{messageId}}"]`);
  const textOf = {TEXT_OF_EDITOR};
  let last = '';
  const look = () => {{
    const [editor, state] = [message.querySelector('.cm-content'), message.querySelector('[data-testid="save-state"]')];
    if (!editor || !state) return;
    const seen = [state.dataset.state, textOf(editor)];
    if (seen.join() !== last) window.witness(...seen);
    last = seen.join();
  }};
  const options = {{ subtree: true, childList: true, characterData: true, attributes: true }};
  new MutationObserver(() => setTimeout(look)).observe(message, options);
  look();
}}"""


@dataclass(slots=True)
class Witness:
    """Calls back with the state and the text, each time that either is another."""

    page: Page
    saw: Callable[[str, str], None]
    _is_known: set[Page] = field(default_factory=set)

    def watch(self, message_id: int) -> None:
        """From now on, until the page is left."""
        if self.page not in self._is_known:
            self.page.expose_binding("witness", lambda _source, state, text: self.saw(state, text))
            self._is_known.add(self.page)
        self.page.evaluate(LOOK, message_id)

    def hear(self) -> None:
        """Everything that was seen until now has been said."""
        self.page.evaluate("new Promise((done) => setTimeout(done))")


def is_within(part: str, whole: str) -> bool:
    """All characters of the part stand in the whole, in their order."""
    rest = iter(whole)
    return all(character in rest for character in part)
