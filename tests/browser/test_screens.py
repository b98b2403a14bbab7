"""Every screen can be read: contrast, nothing that runs out of the page, and a name for all that is not seen.

Contrast is that of WCAG 2.2, level AA; names and roles are those of the browser's own accessibility tree.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import Cable
from tests.browser.person import Person
from tests.browser.screens import (
    DESK,
    LIKE_OTHERS,
    OWN_ON_A_PHONE,
    PHONE,
    SCHEMES,
    SCREENS,
    STRANGERS,
    Device,
    Stage,
    furnish,
)
from tests.harness.running_server import running_server

AUDIT = (Path(__file__).parent / "audit.js").read_text()
PICTURES = os.environ.get("CHATSYNTH_TEST_PICTURES")
TALL_PX = 2400
"""What is scrolled away is not looked at."""
NAMED_ROLES = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "menuitem", "menuitemradio"}
NAMED_ROLES |= {"option", "tab", "dialog", "navigation", "complementary", "region", "article", "feed", "img", "slider"}


@pytest.fixture(scope="module")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("screens")
    with running_server(folder / "data") as server:
        cable = Cable(server.port)
        cable.start()
        context = browser.new_context(reduced_motion="reduce")
        yield furnish(context, server, cable, folder)
        context.close()
        cable.stop()


def nameless(page: Page) -> list[str]:
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    seen = [node for node in nodes if not node["ignored"] and node.get("role", {}).get("value") in NAMED_ROLES]
    return [f"no name: {node['role']['value']}" for node in seen if not node.get("name", {}).get("value", "").strip()]


def landmarks(page: Page) -> list[str]:
    count = page.locator("main").count()
    return [] if count == 1 else [f"{count} places are the main one"]


def findings(page: Page, name: str, device: Device, checks: Callable[[Page], list[str]]) -> list[str]:
    """In both schemes; leaves a picture of each where that is asked for."""
    found: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        if PICTURES:
            page.wait_for_timeout(300)
            page.screenshot(path=Path(PICTURES) / f"{name.replace(' ', '-')}-{device.width_px}-{scheme}.png")
        found += [f"{name}, {device.width_px} px, {scheme}: {each}" for each in [*page.evaluate(AUDIT), *checks(page)]]
    return found


def checks_inside(page: Page) -> list[str]:
    return [*nameless(page), *landmarks(page)]


def wanted_on(device: Device) -> list[str]:
    if PICTURES:
        return list(SCREENS)
    return [name for name in SCREENS if name not in LIKE_OTHERS and (name in OWN_ON_A_PHONE or not device.is_phone)]


def on(device: Device, browser: Browser, stage: Stage) -> Stage:
    """The same person at another device."""
    height = device.height_px if PICTURES else TALL_PX
    context = browser.new_context(
        viewport={"width": device.width_px, "height": height}, is_mobile=device.is_phone, has_touch=device.is_phone
    )
    context.add_cookies(
        [
            {"name": each["name"], "value": each["value"], "url": stage.admin.base_url}
            for each in stage.admin.context.cookies()
        ]
    )
    return replace(stage, admin=Person(context, context.new_page(), stage.admin.base_url, stage.admin.account))


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_screens_can_be_read_by_everyone(browser: Browser, stage: Stage, device: Device) -> None:
    there = on(device, browser, stage)
    found: list[str] = []
    for name in wanted_on(device):
        try:
            SCREENS[name](there)
        except AssertionError as missing:
            found.append(f"{name}, {device.width_px} px: {str(missing).splitlines()[0]}")
        else:
            found += findings(there.page, name, device, checks_inside)
    there.admin.context.close()
    stage.cable.mend()  # the last one may have been the one without a network
    assert not found, "\n".join(found)


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_screens_of_strangers_can_be_read_by_everyone(browser: Browser, stage: Stage, device: Device) -> None:
    context = browser.new_context(viewport={"width": device.width_px, "height": device.height_px})
    page = context.new_page()
    found: list[str] = []
    for name, (path, wanted) in STRANGERS.items():
        page.goto(stage.admin.base_url + path)
        expect(page.get_by_test_id(wanted).or_(page.get_by_text(wanted)).first).to_be_visible()
        found += findings(page, name, device, nameless)
    context.close()
    assert not found, "\n".join(found)
