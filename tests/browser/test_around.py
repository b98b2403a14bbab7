"""Finding one's way: addresses that lead nowhere, invitations that ended, the list beside an open chat, menus."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import NewPerson
from tests.browser.library import Library
from tests.browser.person import Person
from tests.harness.people import sign_up
from tests.harness.running_server import RunningServer


def test_an_address_that_leads_nowhere_says_so_and_leads_home(eva: Person) -> None:
    eva.page.goto(f"{eva.base_url}/no/such/page")
    expect(eva.page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    eva.page.get_by_role("link", name="Go to the library").click()
    expect(eva.page).to_have_url(f"{eva.base_url}/")
    expect(eva.page.get_by_role("heading", name="This page does not exist")).to_be_hidden()


def test_an_invitation_that_was_used_shows_no_form(ann: Person, new_person: NewPerson) -> None:
    request = ann.context.request
    made = request.post(f"{ann.base_url}/api/invitations", headers={"Origin": ann.base_url}).json()
    newcomer = new_person()
    newcomer.sign_up("newcomer@example.org", "Newcomer", f"/join/{made['invitation']}")
    late = new_person()
    for invitation in (made["invitation"], "made-up"):
        late.page.goto(f"{late.base_url}/join/{invitation}")
        expect(late.page.get_by_role("heading", name="This invitation no longer works")).to_be_visible()
        expect(late.page.get_by_test_id("sign-up")).to_be_hidden()
    late.page.get_by_role("link", name="Sign in").click()
    expect(late.page.get_by_test_id("sign-in")).to_be_visible()


def test_a_chat_that_is_opened_by_its_address_is_in_sight_in_the_list(eva: Person, house: RunningServer) -> None:
    library = Library(eva, house)
    first = library.new_chat("The first of many")
    for number in range(40):
        library.new_chat(f"Number {number}")
    eva.open_chat(first)
    expect(eva.page.locator(f'[data-testid="chat-item"][data-chat-id="{first}"]')).to_be_in_viewport()


def test_a_chat_that_somebody_else_edits_moves_up(eva: Person, notes: Library, house: RunningServer) -> None:
    other = sign_up(house, "Finn")
    assert eva.account is not None
    eva.account.put(f"/api/chats/{notes.chat_id}/members", {"email": other.email, "role": "editor"})
    edited = notes.chat_id
    notes.new_chat("Newer")
    library = house.library()
    with library.readers.connect() as db:  # as if it had been made an hour ago
        before = db.exec_driver_sql("SELECT updated_at FROM chats WHERE id = ?", (edited,)).scalar_one() - 3_600_000
    library.writer.run(
        lambda unit: unit.db.exec_driver_sql("UPDATE chats SET updated_at = ? WHERE id = ?", (before, edited))
    )
    eva.page.goto(eva.base_url + "/")
    eva.expect_live()
    first = eva.page.get_by_test_id("chat-item").first
    expect(first).to_contain_text("Newer")
    message = other.chat(edited)["messages"][0]["id"]
    other.patch(f"/api/chats/{edited}/messages/{message}", {"content": "Finn was here."})
    expect(first).to_have_attribute("data-chat-id", str(edited))


def test_the_menu_of_a_chat_speaks_of_hidden_messages_only_where_some_are(eva: Person, notes: Library) -> None:
    eva.open_chat(notes.chat_id)
    more = eva.page.get_by_role("button", name="More about this chat")
    more.click()
    expect(eva.page.get_by_role("menuitem", name="Removed messages")).to_be_visible()
    expect(eva.page.get_by_role("menuitem", name=re.compile("hidden message"))).to_have_count(0)
    expect(eva.page.get_by_role("tooltip")).to_have_count(0)


def test_a_finding_reads_without_the_marks_of_markdown(eva: Person, house: RunningServer) -> None:
    Library(eva, house).new_chat("Marks", "## A **very** quiet `harbour` with [boats](https://boats.example)")
    eva.page.goto(eva.base_url + "/")
    eva.page.get_by_test_id("search-input").fill("harbour")
    expect(eva.page.get_by_test_id("search-result").first).to_contain_text("A very quiet harbour with boats")


def test_an_administrator_sees_how_the_server_stands_and_others_do_not(
    browser: Browser, eva: Person, house: RunningServer
) -> None:
    eva.page.goto(f"{eva.base_url}/health")
    expect(eva.page.get_by_role("heading", name="This page does not exist")).to_be_visible()
    admin = sign_up(house, "Admin")
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.add_cookies([{"name": "chatsynth_session", "value": admin.cookie, "url": eva.base_url}])
    page = context.new_page()
    page.goto(eva.base_url + "/")
    page.get_by_role("button", name=re.compile("^Account of")).click()
    page.get_by_role("menuitem", name="Server health").click()
    health = page.get_by_test_id("health")
    expect(health.get_by_role("region", name="Live now")).to_contain_text("connected")
    expect(health.get_by_role("region", name="Disk")).to_contain_text("free on the disk of the library")
    checked = health.get_by_role("region", name="Database file")
    checked.get_by_role("button", name="Check it now").click()
    expect(checked).to_contain_text("Undamaged")
    expect(checked).to_contain_text("just now")
    context.set_offline(True)
    expect(health.get_by_role("alert").first).to_contain_text("What is shown here was so on")
    context.set_offline(False)
    expect(health.get_by_role("alert").first).not_to_contain_text("What is shown here was so on")
    context.close()
