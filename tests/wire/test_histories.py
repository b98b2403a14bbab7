"""The golden histories are what the server makes, tell of every kind of entry, and fold to their fresh snapshots (rule
ENT2). The page's reducers fold the same files: frontend/src/features/live/histories.test.ts."""

import copy
import json
from collections.abc import Iterable
from typing import get_args

import pytest

from chatsynth.kit.wire_model import WireModel
from scripts.wire_schema import CHAT_ENTRIES, USER_ENTRIES
from tests.harness.history import fold
from tests.harness.history.folding import CannotFold
from tests.harness.json_types import JsonDict
from tests.harness.person_list import comparable_lists, follow
from tests.harness.replica import Replica, apply_all, comparable
from tests.wire import histories

WRITE_ANEW = "run `python -m tests.wire.histories`, and look at what has changed"


def _read(name: str) -> list[JsonDict]:
    found: list[JsonDict] = json.loads((histories.HERE / name).read_text())
    return found


OF_CHATS, OF_PEOPLE = _read("chat_histories.json"), _read("user_histories.json")


def test_they_are_what_the_server_makes() -> None:
    for name, content in histories.made().items():
        assert (histories.HERE / name).read_text() == content, WRITE_ANEW


@pytest.mark.parametrize(("kinds", "told"), [(CHAT_ENTRIES, OF_CHATS), (USER_ENTRIES, OF_PEOPLE)], ids=["chat", "user"])
def test_they_tell_of_every_kind_of_entry(kinds: Iterable[type[WireModel]], told: list[JsonDict]) -> None:
    known = {get_args(kind.model_fields["type"].annotation)[0] for kind in kinds}
    assert {entry["type"] for history in told for entry in history["entries"]} == known


def _named(told: list[JsonDict]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("history", told, ids=[history["name"] for history in told])


@_named(OF_CHATS)
def test_a_chat_that_follows_the_log_is_the_fresh_snapshot(history: JsonDict) -> None:
    replica = Replica(history["before"], history["userId"])
    apply_all(replica, history["entries"])
    assert replica.offset == history["fresh"]["offset"]
    if replica.needs_snapshot:
        replica.reload(history["fresh"])
    assert comparable(replica.chat) == comparable(history["fresh"])


@_named(OF_CHATS)
def test_the_judge_of_histories_folds_them_alike(history: JsonDict) -> None:
    try:
        folded = fold(history["before"], history["entries"], history["userId"])
    except CannotFold:
        assert {"branch_selected", "messages_imported"} & {entry["type"] for entry in history["entries"]}
    else:
        assert folded == comparable(history["fresh"])


@_named(OF_PEOPLE)
def test_lists_that_follow_the_log_are_the_fresh_lists(history: JsonDict) -> None:
    lists = _lists(copy.deepcopy(history["before"]))
    for entry in history["entries"]:
        follow(lists, entry)
    assert comparable_lists(lists) == comparable_lists(_lists(history["fresh"]))


def _lists(pages: JsonDict) -> JsonDict:
    chats = [chat for view in histories.VIEWS for chat in pages[view]["items"]]
    notifications = pages["notifications"]["items"]
    return {
        "offset": pages["notifications"]["offset"],
        "chats": {chat["id"]: chat for chat in chats},
        "notifications": {each["id"]: each for each in notifications},
    }
