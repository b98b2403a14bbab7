"""A snapshot with its entries equals a fresh snapshot, for every kind of entry and in any order (rule ENT2)."""

import json
from random import Random

import pytest

from tests.features.chats.random_commands import act
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary
from tests.harness.person_list import comparable_lists, follow, read_lists
from tests.harness.replica import Replica, comparable

STEPS = 40


@pytest.mark.parametrize("seed", range(20))
def test_a_client_that_follows_the_log_shows_what_a_fresh_snapshot_shows(library: OwnLibrary, seed: int) -> None:
    random = Random(seed)
    ada, _ = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "one", "two", "three")
    _give_parts(library, chat)
    chat = library.chat(ada, chat["id"])
    replica, late = Replica(chat, ada), Replica(chat, ada)
    for _ in range(STEPS):
        act(random, library, ada, chat["id"])
        _follow(library, replica)
        fresh = library.chat(ada, chat["id"])
        if replica.needs_snapshot:
            replica.reload(fresh)
        assert comparable(replica.chat) == comparable(fresh)
        assert fresh["messageCount"] == len(fresh["messages"])
    _follow(library, late)
    late.reload(library.chat(ada, chat["id"]))
    assert comparable(late.chat) == comparable(replica.chat)


def _give_parts(library: OwnLibrary, chat: JsonDict) -> None:
    """As an import does."""
    parts = json.dumps([{"type": "badge", "at": at, "text": f"at {at}"} for at in range(4)])
    message_id = chat["messages"][0]["id"]
    library.writer.run(
        lambda unit: unit.db.exec_driver_sql("UPDATE messages SET parts = ? WHERE id = ?", (parts, message_id))
    )


def _follow(library: OwnLibrary, replica: Replica) -> None:
    for entry in library.entries(replica.chat["channel"], replica.offset):
        replica.apply(entry)


@pytest.mark.parametrize("seed", range(5))
def test_the_lists_of_chats_and_the_notifications_follow_the_log_too(library: OwnLibrary, seed: int) -> None:
    random = Random(seed)
    people = [library.person("ada"), library.person("ben")]
    lists = [_lists(library, person) for person in people]
    chat_id = library.new_chat(people[0], "one", "two")["id"]
    for _ in range(STEPS):
        act(random, library, people[0], chat_id)
        _notify(random, library, random.choice(people))
        for person, followed in zip(people, lists, strict=True):
            for entry in library.entries(f"user:{person}", followed["offset"]):
                follow(followed, entry)
            assert comparable_lists(followed) == comparable_lists(_lists(library, person))


def _lists(library: OwnLibrary, person: int) -> JsonDict:
    with library.reading() as db:
        return read_lists(db, person)


def _notify(random: Random, library: OwnLibrary, person: int) -> None:
    if random.random() < 0.3:
        library.do(person, "notification", message=f"told {random.randint(0, 9)}")
    if random.random() < 0.1:
        library.do(person, "notifications_read", upTo=random.randint(0, 20))
