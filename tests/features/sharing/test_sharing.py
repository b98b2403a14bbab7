"""Who may do what in a chat, and how the right is given and taken."""

import pytest

from chatsynth.features.accounts import service
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.publication import ChannelClosed
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary

Outcome = ErrorCode | None
DONE, NO, HIDDEN = None, ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND


def tried(library: OwnLibrary, user_id: int, frame: JsonDict) -> Outcome:
    try:
        library.do(user_id, **frame)
    except Refused as refused:
        return refused.code
    return None


def share(library: OwnLibrary, owner: int, chat_id: int, name: str, role: str) -> None:
    library.do(owner, "chat_share", chat={"id": chat_id}, email=f"{name}@example.org", role=role)


@pytest.mark.parametrize(
    ("command", "editor", "viewer"),
    [
        ("chat_update", DONE, NO),
        ("whole", DONE, NO),
        ("message_add", DONE, NO),
        ("message_remove", DONE, NO),
        ("message_restore", DONE, NO),
        ("message_move", DONE, NO),
        ("branch_select", DONE, NO),
        ("chat_retitle", DONE, NO),
        ("chat_archive", NO, NO),
        ("chat_delete", NO, NO),
        ("chat_restore", NO, NO),
        ("chat_share", NO, NO),
        ("chat_unshare", NO, NO),
    ],
)
def test_what_each_role_may_do(library: OwnLibrary, command: str, editor: Outcome, viewer: Outcome) -> None:
    people = {name: library.person(name) for name in ("owner", "editor", "viewer", "stranger", "guest")}
    chat = library.new_chat(people["owner"], "one", "two")
    for name, role in (("editor", "editor"), ("viewer", "viewer"), ("guest", "viewer")):
        share(library, people["owner"], chat["id"], name, role)
    target, first = {"id": chat["id"]}, {"id": chat["id"], "messageId": chat["messages"][0]["id"]}
    frames: dict[str, JsonDict] = {
        "chat_update": {"chat": {**first, "content": "x"}},
        "whole": {"type_": "chat_update", "chat": {**target, "content": "one\n\n## User\n\ntwo"}},
        "message_add": {"chat": target, "message": {"content": "x"}},
        "message_move": {"chat": first, "after": None},
        "chat_retitle": {"chat": {**target, "title": "x"}},
        "chat_archive": {"chat": target, "archived": True},
        "chat_delete": {"chat": target},
        "chat_restore": {"chat": target},
        "chat_share": {"chat": target, "email": "stranger@example.org", "role": "viewer"},
        "chat_unshare": {"chat": target, "userId": people["guest"]},
    }
    frame = {"type_": command, **frames.get(command, {"chat": first})}
    before = library.chat(people["owner"], chat["id"])
    assert tried(library, people["stranger"], frame) is HIDDEN
    assert tried(library, people["viewer"], frame) is viewer
    assert library.chat(people["owner"], chat["id"]) == before
    assert tried(library, people["editor"], frame) is editor
    assert tried(library, people["owner"], frame) is DONE


def test_a_right_is_given_changed_and_taken_and_everybody_concerned_is_told(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "one")
    share(library, ada, chat["id"], "BEN", "viewer")
    share(library, ada, chat["id"], "ben", "editor")
    assert [(member["userId"], member["role"]) for member in library.chat(ben, chat["id"])["members"]] == [
        (ada, "owner"),
        (ben, "editor"),
    ]
    told = library.entries(f"user:{ben}")
    assert [entry["type"] for entry in told] == ["chats_listed", "notification", "chats_listed"]
    assert told[1]["message"] == "ada shared “A chat” with you."
    assert told[1]["notification"]["link"] == f"/chats/{chat['id']}"
    assert [entry["chats"][0]["role"] for entry in (told[0], told[2])] == ["viewer", "editor"]
    library.published.clear()
    library.do(ada, "chat_unshare", chat={"id": chat["id"]}, userId=ben)
    assert library.entries(f"user:{ben}")[-1]["type"] == "chat_unlisted"
    (closed,) = [each for each in library.published if isinstance(each, ChannelClosed)]
    assert (closed.channel, closed.user_id) == (chat["channel"], ben)
    with pytest.raises(Refused):
        library.chat(ben, chat["id"])


def test_a_member_may_leave_and_take_nobody_along(library: OwnLibrary) -> None:
    ada, ben, cleo = library.person("ada"), library.person("ben"), library.person("cleo")
    chat = library.new_chat(ada, "one")
    for name in ("ben", "cleo"):
        share(library, ada, chat["id"], name, "viewer")
    assert tried(library, ben, {"type_": "chat_unshare", "chat": {"id": chat["id"]}, "userId": cleo}) is NO
    assert tried(library, ben, {"type_": "chat_unshare", "chat": {"id": chat["id"]}, "userId": ben}) is DONE
    assert {member["userId"] for member in library.chat(ada, chat["id"])["members"]} == {ada, cleo}


def test_the_owner_stays(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada, "one")
    unshare: JsonDict = {"type_": "chat_unshare", "chat": {"id": chat["id"]}, "userId": ada}
    assert tried(library, ada, unshare) is ErrorCode.CONFLICT
    again: JsonDict = {"type_": "chat_share", "chat": {"id": chat["id"]}, "email": "ada@example.org", "role": "viewer"}
    assert tried(library, ada, again) is ErrorCode.CONFLICT
    assert library.chat(ada, chat["id"])["role"] == "owner"


def test_nobody_who_has_no_account_or_a_disabled_one_gets_a_right(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "one")
    library.writer.run(lambda unit: service.disable(unit, service.account_numbered(unit.db, ben)))
    for email in ("nobody@example.org", "ben@example.org", "% OR 1=1", "not an address"):
        frame: JsonDict = {"type_": "chat_share", "chat": {"id": chat["id"]}, "email": email, "role": "viewer"}
        assert tried(library, ada, frame) is HIDDEN
    assert library.chat(ada, chat["id"]) == chat


def test_an_address_may_be_written_as_at_signing_in(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "one")
    frame: JsonDict = {"type_": "chat_share", "chat": {"id": chat["id"]}, "role": "viewer"}
    assert tried(library, ada, {**frame, "email": " \uff22EN@example\uff0eorg"}) is DONE
    assert [member["userId"] for member in library.chat(ada, chat["id"])["members"]] == [ada, ben]


def test_whoever_is_not_in_the_chat_cannot_be_taken_out(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "one")
    assert tried(library, ada, {"type_": "chat_unshare", "chat": {"id": chat["id"]}, "userId": ben}) is HIDDEN
