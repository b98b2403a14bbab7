"""What a chat showed at an earlier offset: undone from what it shows now, it equals what it showed then."""

from random import Random

import pytest

from tests.features.chats.random_commands import act
from tests.harness.own_library import OwnLibrary


@pytest.mark.parametrize("seed", range(8))
def test_a_save_against_any_earlier_offset_that_changes_nothing_changes_nothing(library: OwnLibrary, seed: int) -> None:
    """The save lists what was shown at that offset; nothing of it is the difference of anything."""
    random = Random(seed)
    ada = library.person("ada")
    chat_id = library.new_chat(ada, "one", "two", "three", "four")["id"]
    states = [library.chat(ada, chat_id)]
    for _ in range(25):
        act(random, library, ada, chat_id, branches=False)
        states.append(library.chat(ada, chat_id))
    now = states[-1]
    for state in states:
        listed = [{"id": each["id"], "role": each["role"], "content": each["content"]} for each in state["messages"]]
        library.do(ada, "chat_update", chat={"id": chat_id, "base": state["offset"], "content": listed})
        after = library.chat(ada, chat_id)
        assert [(each["id"], each["content"]) for each in after["messages"]] == [
            (each["id"], each["content"]) for each in now["messages"]
        ]
