"""A snapshot with its entries equals a fresh snapshot, for every kind of entry and in any order (rule ENT2)."""

import json
from random import Random

import pytest

from tests.features.chats.random_commands import act
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary
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
def test_the_lists_of_chats_follow_the_log_too(library: OwnLibrary, seed: int) -> None:
    """In everything but `updatedAt`, which texts move without telling the lists."""
    random = Random(seed)
    ada, ben = library.person("ada"), library.person("ben")
    chat_id = library.new_chat(ada, "one", "two")["id"]
    listed: dict[int, dict[int, JsonDict]] = {ada: {}, ben: {}}
    offsets = {ada: 0, ben: 0}
    for _ in range(STEPS):
        act(random, library, ada, chat_id)
        for person, chats in listed.items():
            for entry in library.entries(f"user:{person}", offsets[person]):
                offsets[person] = entry["offset"]
                if entry["type"] == "chats_listed":
                    chats.update({each["id"]: each for each in entry["chats"]})
                elif entry["type"] == "chat_unlisted":
                    chats.pop(entry["chatId"], None)
    fresh = library.chat(ada, chat_id)
    told = listed[ada][chat_id]
    assert {key: told[key] for key in ("title", "archivedAt", "deletedAt", "role")} == {
        key: fresh[key] for key in ("title", "archivedAt", "deletedAt", "role")
    }
    assert (chat_id in listed[ben]) == any(member["userId"] == ben for member in fresh["members"])
