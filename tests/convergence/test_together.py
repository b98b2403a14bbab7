"""Several people type, drop, come back and rearrange; when they stop, everybody and everything is equal (promise P5).

Each seed is one history. A seed that ever failed stays in `SEEDS`.
"""

from random import Random

import pytest

from tests.conftest import NewPerson
from tests.convergence.judging import no_rule_was_broken
from tests.harness.json_types import JsonDict
from tests.harness.live_client import Tabs
from tests.harness.people import Person
from tests.harness.replica import comparable
from tests.harness.typist import Typist

pytestmark = pytest.mark.anyio

SEEDS = range(12)
STEPS = 150
START = ("Zwölf Boxkämpfer 🥊\n\njagen Viktor", "漢字とかな\nかな", "", "e\u0301 👩‍👩‍👧 🇩🇪")


@pytest.mark.parametrize("seed", SEEDS)
async def test_everybody_ends_up_equal(tabs: Tabs, new_person: NewPerson, seed: int) -> None:
    random = Random(seed)
    people = [new_person(name) for name in ("Ada", "Ben", "Cleo")]
    chat = people[0].new_chat(*START)
    for other in people[1:]:
        people[0].share(chat["id"], other)
    typists = [
        Typist(tabs, random.choice(people), chat["id"], Random(random.random())) for _ in range(random.randint(3, 5))
    ]
    for _ in range(STEPS):
        await _step(random, random.choice(typists), people[0], chat)
    await _come_to_rest(typists)
    _everything_is_equal(typists, people, chat["id"])
    no_rule_was_broken(tabs, typists)


async def _step(random: Random, typist: Typist, owner: Person, chat: JsonDict) -> None:
    what = random.random()
    if what < 0.45:
        typist.type()
    elif what < 0.65:
        await typist.send_what_waits()
    elif what < 0.8:
        await typist.catch_up()
    elif what < 0.87:
        typist.drop()
    elif what < 0.95:
        await typist.restructure()
    else:
        _save_from_outside(random, owner, chat)


def _save_from_outside(random: Random, owner: Person, chat: JsonDict) -> None:
    """A program that saves a whole message, against a version that it read long ago."""
    message = random.choice(chat["messages"])
    lines = [*message["content"].split("\n"), f"saved {random.randint(0, 99)}"]
    body = {"content": "\r\n".join(lines), "base": chat["offset"]}
    owner.patch(f"/api/chats/{chat['id']}/messages/{message['id']}", body)


async def _come_to_rest(typists: list[Typist]) -> None:
    """Everybody sends what waits until nothing does, and hears of all of it."""
    while not all(typist.is_settled for typist in typists):
        for typist in typists:
            await typist.send_what_waits()
            await typist.catch_up()
    for typist in typists:
        await typist.catch_up()


def _everything_is_equal(typists: list[Typist], people: list[Person], chat_id: int) -> None:
    for typist in typists:
        typist.check_entries()
        fresh = typist.person.chat(chat_id)
        assert comparable(typist.editor.chat) == comparable(fresh)
        shown = {message["id"]: typist.editor.shown(message["id"]) for message in fresh["messages"]}
        assert shown == {message["id"]: message["content"] for message in fresh["messages"]}
    logs = {tuple((entry["offset"], entry["op"]) for entry in typist.entries) for typist in typists}
    assert len(logs) == 1
    assert all(typist.entries == typists[0].entries for typist in typists)
    _once(typists)
    _index_equals_rows(people[0])


def _once(typists: list[Typist]) -> None:
    """Each acknowledged change stands in the log once, where its answer says."""
    at = {entry["op"]: entry["offset"] for entry in typists[0].entries if entry["op"] is not None}
    assert len(at) == sum(entry["op"] is not None for entry in typists[0].entries)
    for typist in typists:
        assert {op: ack["offset"] for op, ack in typist.acks.items()}.items() <= at.items()
        assert set(typist.editor.confirmed) <= at.keys()


def _index_equals_rows(person: Person) -> None:
    """SQLite compares its full-text index with the rows, and fails if they differ."""
    check = "INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)"
    person.server.library().writer.run(lambda unit: unit.db.exec_driver_sql(check))
