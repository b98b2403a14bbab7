"""What can happen to a browser: a tab crashes, its process is killed, the whole browser is killed."""

import contextlib
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, Playwright

FLAGS_OF_A_CHILD = b"--type="


def crash_tab(page: Page) -> None:
    """The tab's process ends in the middle of whatever it does."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")  # crashes what is there: the page hears nothing of it


def kill_tabs(page: Page) -> None:
    """kill -9 for every process that runs pages of this browser, as the system does when memory runs out."""
    assert page.context.browser is not None
    session = page.context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    with page.expect_event("crash"):
        for process in processes:
            if process["type"] == "renderer":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process["id"], signal.SIGKILL)


@dataclass(slots=True)
class Profile:
    """A browser with a folder of its own on the disk, which outlives it."""

    playwright: Playwright
    chromium: str
    flags: list[str]
    folder: Path
    context: BrowserContext | None = field(default=None)

    def open(self) -> BrowserContext:
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder, executable_path=self.chromium, args=self.flags, viewport={"width": 1200, "height": 800}
        )
        return self.context

    def kill(self) -> None:
        """kill -9 for the whole browser: nothing is flushed, nobody says goodbye."""
        assert self.context is not None
        with self.context.expect_event("close"):
            os.kill(self._process_id(), signal.SIGKILL)
        self.context = None

    def close(self) -> None:
        if self.context is not None:
            self.context.close()

    def _process_id(self) -> int:
        wanted = f"--user-data-dir={self.folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (process / "cmdline").read_bytes().split(b"\0")
                if wanted in arguments and not any(each.startswith(FLAGS_OF_A_CHILD) for each in arguments):
                    return int(process.name)
        raise AssertionError("The browser does not run.")
