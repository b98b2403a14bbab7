"""Texts that are edited against old versions, and what is stored beside them."""

from random import Random

import pytest

from chatsynth.changes import ChangeSet, Text, apply, rebase
from chatsynth.realtime.errors import ErrorCode, Refused
from tests.changes.samples import make, random_edit, random_text
from tests.harness.own_library import OwnLibrary


@pytest.mark.parametrize("seed", range(10))
def test_late_changes_are_rebased_over_exactly_what_was_committed_since(library: OwnLibrary, seed: int) -> None:
    random = Random(seed)
    ada = library.person("ada")
    chat = library.new_chat(ada, random_text(random, 20), "another")
    first, other = (message["id"] for message in chat["messages"])
    texts = {chat["offset"]: str(chat["messages"][0]["content"])}
    committed: dict[int, ChangeSet] = {}
    for _ in range(30):
        base = random.choice(sorted(texts))
        change = make(texts[base], random_edit(random))
        target = {"id": chat["id"], "messageId": first, "base": base, "changes": change.to_json()}
        head = library.do(ada, "chat_update", chat=target).offset
        moved = rebase(change, [each for offset, each in sorted(committed.items()) if offset > base])
        texts[head] = str(apply(moved, Text.of(texts[max(texts)])))
        committed[head] = moved
        assert library.chat(ada, chat["id"])["messages"][0]["content"] == texts[head]
        if random.random() < 0.3:  # what happens elsewhere in the chat moves the offset and no text
            noise = {"id": chat["id"], "messageId": other, "content": random_text(random, 5)}
            texts[library.do(ada, "chat_update", chat=noise).offset] = texts[head]


@pytest.mark.parametrize("seed", range(10))
def test_whole_contents_against_old_versions_wipe_out_nobodys_words(library: OwnLibrary, seed: int) -> None:
    """Each puts in a word of its own, against any version; in the end all words are there, once."""
    random = Random(seed)
    ada = library.person("ada")
    chat = library.new_chat(ada, "\n".join(f"line {number}" for number in range(6)))
    message_id = chat["messages"][0]["id"]
    texts = {chat["offset"]: str(chat["messages"][0]["content"])}
    for number in range(20):
        base = random.choice(sorted(texts))
        lines = texts[base].split("\n")
        lines[random.randrange(len(lines))] += f" <{number}>"
        target = {"id": chat["id"], "messageId": message_id, "base": base, "content": "\r\n".join(lines)}
        head = library.do(ada, "chat_update", chat=target).offset
        texts[head] = str(library.chat(ada, chat["id"])["messages"][0]["content"])
    assert all(texts[max(texts)].count(f"<{number}>") == 1 for number in range(20))


def test_a_text_may_not_grow_beyond_what_a_message_holds(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada, "x" * 3_999_999)
    target = {"id": chat["id"], "messageId": chat["messages"][0]["id"], "base": chat["offset"]}
    library.do(ada, "chat_update", chat={**target, "changes": [3_999_999, [0, "y"]]})
    with pytest.raises(Refused) as refused:
        library.do(ada, "chat_update", chat={**target, "changes": [3_999_999, [0, "z"]]})
    assert refused.value.code is ErrorCode.TOO_LARGE


def test_a_title_is_one_line_of_printable_text(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat_id = library.new_chat(ada)["id"]
    for given, kept in (
        ("  a\r\nb\t\0c\x07 ", "a b c"),
        ("", "Untitled chat"),
        ("\n", "Untitled chat"),
        ("漢😀", "漢😀"),
    ):
        library.do(ada, "chat_retitle", chat={"id": chat_id, "title": given})
        assert library.chat(ada, chat_id)["title"] == kept
