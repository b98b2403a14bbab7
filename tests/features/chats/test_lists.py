"""An edited chat moves up in the lists of all who see it, and who types on does not tell them again with each key."""

from chatsynth.features.chats.editing import LISTED_AGAIN_MS
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary


def _edit(library: OwnLibrary, user_id: int, chat: JsonDict, content: str) -> None:
    library.do(
        user_id, "chat_update", chat={"id": chat["id"], "messageId": chat["messages"][0]["id"], "content": content}
    )


def _listed(library: OwnLibrary, user_id: int) -> list[JsonDict]:
    """The chat as each entry of this person's list tells it."""
    entries = library.entries(f"user:{user_id}")
    return [chat for entry in entries if entry["type"] == "chats_listed" for chat in entry["chats"]]


def test_an_edit_moves_the_chat_up_for_everybody_once_a_minute(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "one")
    library.do(ada, "chat_share", chat={"id": chat["id"]}, email="ben@example.org", role="editor")
    library.now_ms += LISTED_AGAIN_MS
    before = {user: len(_listed(library, user)) for user in (ada, ben)}
    for number in range(20):
        _edit(library, ben, chat, f"two {number}")
    for user in (ada, ben):
        (told,) = _listed(library, user)[before[user] :]
        assert told["updatedAt"] == library.chat(user, chat["id"])["updatedAt"]
    library.now_ms += LISTED_AGAIN_MS
    _edit(library, ada, chat, "three")
    assert [len(_listed(library, user)) - before[user] for user in (ada, ben)] == [2, 2]


def test_what_a_list_was_told_last_is_what_the_list_is(library: OwnLibrary) -> None:
    """Also between two edits of the same minute."""
    ada = library.person("ada")
    chat = library.new_chat(ada, "one")
    _edit(library, ada, chat, "two")
    assert _listed(library, ada)[-1]["updatedAt"] == library.chat(ada, chat["id"])["updatedAt"]
