"""The page in a real browser: how soon a large chat is there, how it scrolls, and how soon others see a key press."""

import json
import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from benchmarks.bench import Bench
from benchmarks.library import Person, SeededChat, add_chat, add_people, library_at, sentence
from benchmarks.processes import Server, product
from benchmarks.report import Figure, Report, Target
from chatsynth.features.accounts import repository
from chatsynth.features.accounts.authentication import COOKIE
from chatsynth.web.context import Context
from scripts.page_weight import STATIC, Manifest, compressed_bytes, first_load

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MESSAGES = 10_000
YEAR_MS = 365 * 24 * 3600 * 1000
KEYS = 40
BETWEEN_KEYS_MS = 120
SCROLLS = 60
SCROLL_PX = 700
LONG_FRAME_MS = 50
HOW = """Chromium without a window, the server and the browser on one machine. **Open**: a new browser profile with
nothing stored goes to a chat of 10,000 messages; from the start of the navigation until the frame after the first
message is in the page. **Scroll**: when all is loaded, 60 turns of the wheel by 700 pixels; the longest time
between two frames, and how many took more than 50 ms. **Key press**: two people with the chat open, one types at
the end of a message; from the key press in one browser until the frame in which the other one shows it. **Weight**:
what the first visit loads, gzip."""

WATCH_FIRST_MESSAGE = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('[data-testid="message"]')) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstMessageMs = performance.now(); }));
}).observe(document, {childList: true, subtree: true});
"""
RECORD_FRAMES = """
() => {
  window.frames = [];
  let before = performance.now();
  const frame = (now) => { window.frames.push(now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}
"""
RECORD_KEYS = """
() => document.addEventListener('keydown',
  () => { window.pressedAt = performance.timeOrigin + performance.now(); }, {capture: true})
"""
WATCH_NEXT_CHANGE = """
(message) => { window.nextChange = new Promise((resolve) => {
  new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.timeOrigin + performance.now())));
  }).observe(message, {childList: true, characterData: true, subtree: true});
}); }
"""


def page(bench: Bench) -> Report:
    """A full run takes about two minutes; needs Chromium and the built page."""
    data = bench.data()
    count = bench.scaled(MESSAGES, MESSAGES // 5)
    with library_at(data) as library:
        writer, reader = add_people(library, 2)
        large = add_chat(library, [writer], [f"{number}: {sentence(300)}" for number in range(count)])
        small = add_chat(library, [writer, reader], [sentence(400)])
        secrets = {person: _log_in(library, person) for person in (writer, reader)}
    opened: list[float] = []
    frames: list[list[float]] = []
    keys: list[float] = []
    with product(data) as server, _browser() as browser:
        for _ in range(bench.pairs):
            with _profile(browser, server, secrets[writer]) as context:
                opened.append(_open(context, server, large))
                frames.append(_scroll(context.pages[0]))
        with _profile(browser, server, secrets[writer]) as one, _profile(browser, server, secrets[reader]) as other:
            keys.extend(_press_keys(one, other, server, small, bench.scaled(KEYS, KEYS // 4)))
    return Report("page", f"The page, with a chat of {count:,} messages", HOW, tuple(_figures(opened, frames, keys)))


def _log_in(library: Context, person: Person) -> str:
    secret = f"benchmark-{person.id}"
    expires = library.clock() + YEAR_MS
    library.writer.run(
        lambda unit: repository.insert_login(unit.db, person.id, secret, unit.now_ms, expires, "benchmark")
    )
    return secret


@contextmanager
def _browser() -> Iterator[Browser]:
    found = os.environ.get("CHATSYNTH_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@contextmanager
def _profile(browser: Browser, server: Server, secret: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.add_cookies([{"name": COOKIE, "value": secret, "url": f"http://127.0.0.1:{server.port}"}])
    context.add_init_script(WATCH_FIRST_MESSAGE)
    yield context
    context.close()


def _open(context: BrowserContext, server: Server, chat: SeededChat) -> float:
    """Milliseconds."""
    tab = context.new_page()
    tab.goto(f"http://127.0.0.1:{server.port}/chats/{chat.id}")
    tab.wait_for_function("() => window.firstMessageMs !== undefined")
    return float(tab.evaluate("window.firstMessageMs"))


def _scroll(tab: Page) -> list[float]:
    """Times between frames, in whole ms: the browser's clock ticks are not exactly a sixtieth of a second."""
    tab.wait_for_selector('#message-list[aria-busy="false"]')
    tab.mouse.move(600, 400)
    tab.evaluate(RECORD_FRAMES)
    for turn in range(SCROLLS):
        tab.mouse.wheel(0, SCROLL_PX if turn < SCROLLS / 2 else -SCROLL_PX)
        tab.wait_for_timeout(1000 / 30)
    return [float(round(each)) for each in tab.evaluate("window.frames")]


def _press_keys(one: BrowserContext, other: BrowserContext, server: Server, chat: SeededChat, keys: int) -> list[float]:
    """Milliseconds from the key press to the other screen."""
    writing, reading = one.new_page(), other.new_page()
    for tab in (writing, reading):
        tab.goto(f"http://127.0.0.1:{server.port}/chats/{chat.id}")
        _message(tab, chat).wait_for()
    _message(writing, chat).hover()
    _message(writing, chat).get_by_test_id("message-edit").click()
    editor = _message(writing, chat).locator(".cm-content")
    editor.press("Control+End")
    writing.evaluate(RECORD_KEYS)
    reading.wait_for_timeout(1000)
    return [_press(writing, reading, chat) for _ in range(keys)]


def _press(writing: Page, reading: Page, chat: SeededChat) -> float:
    _message(reading, chat).evaluate(WATCH_NEXT_CHANGE)
    writing.keyboard.press("x")
    seen_at = float(reading.evaluate("window.nextChange"))
    pressed_at = float(writing.evaluate("window.pressedAt"))
    writing.wait_for_timeout(BETWEEN_KEYS_MS)
    return seen_at - pressed_at


def _message(tab: Page, chat: SeededChat) -> Locator:
    return tab.locator(f'[data-testid="message"][data-message-id="{chat.message_ids[0]}"]')


def _figures(opened: list[float], frames: list[list[float]], keys: list[float]) -> Iterator[Figure]:
    yield Figure("open to the first message", "ms", tuple(opened), Target(1500, 500, "lower"))
    longest = tuple(max(run) for run in frames)
    yield Figure("scroll: longest time between frames", "ms", longest, Target(LONG_FRAME_MS, 17, "lower"))
    long_ones = tuple(float(sum(each > LONG_FRAME_MS for each in run)) for run in frames)
    yield Figure("scroll: frames over 50 ms", "", long_ones, Target(0, 0, "lower"))
    yield Figure("scroll: median time between frames", "ms", tuple(statistics.median(run) for run in frames))
    yield Figure("key press to the other screen", "ms", tuple(keys), Target(80, 35, "lower"))
    manifest: Manifest = json.loads((STATIC / ".vite/manifest.json").read_text(encoding="utf-8"))
    weight = sum(compressed_bytes(STATIC / file) for file in first_load(manifest))
    yield Figure("first load, compressed", "KB", (weight / 1000,), Target(400, 200, "lower"))
