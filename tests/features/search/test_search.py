"""Search finds what stands in one's own chats now, and nothing else."""

from random import Random

import pytest

from chatsynth.features.search.service import search
from chatsynth.features.search.wire import Hit
from tests.features.chats.random_commands import act
from tests.harness.own_library import OwnLibrary

WORDS = ["fox", "dog", "Köln", "naïve", "quick", "日本", "東京", "emoji😀word", "snake_case"]


def found(library: OwnLibrary, user_id: int, typed: str, limit: int = 100) -> list[Hit]:
    with library.reading() as db:
        return list(search(db, user_id, typed, limit, None).items)


def texts_found(library: OwnLibrary, user_id: int, typed: str) -> set[int]:
    return {hit.message_id for hit in found(library, user_id, typed) if hit.message_id is not None}


@pytest.mark.parametrize("seed", range(6))
def test_the_index_equals_the_rows_after_every_change(library: OwnLibrary, seed: int) -> None:
    random = Random(seed)
    ada, _ = library.person("ada"), library.person("ben")
    chat_id = library.new_chat(ada, "fox", "dog")["id"]
    for _ in range(25):
        act(random, library, ada, chat_id)
        messages = library.chat(ada, chat_id)["messages"]
        if messages:
            text = " ".join(random.choices(WORDS, k=4))
            target = {"id": chat_id, "messageId": random.choice(messages)["id"], "content": text}
            library.do(ada, "chat_update", chat=target)
    if library.chat(ada, chat_id)["deletedAt"] is not None:
        library.do(ada, "chat_restore", chat={"id": chat_id})
    with library.reading() as db:
        rows = db.exec_driver_sql("SELECT id, text FROM messages WHERE removed_at IS NULL").all()
    for word in WORDS:
        assert texts_found(library, ada, word) == {row.id for row in rows if word in row.text}
    library.writer.run(
        lambda unit: unit.db.exec_driver_sql(
            "INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)"
        )
    )


def test_only_chats_that_one_may_see_are_searched(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    chat = library.new_chat(ada, "a fox 東京")
    library.do(ada, "chat_retitle", chat={"id": chat["id"], "title": "Fox hunting 東京"})
    for typed in ("fox", "hunting", "東京"):
        assert found(library, ben, typed) == []
    library.do(ada, "chat_share", chat={"id": chat["id"]}, email="ben@example.org", role="viewer")
    for typed in ("fox", "hunting", "東京"):
        assert {hit.chat_id for hit in found(library, ben, typed)} == {chat["id"]}
    library.do(ada, "chat_unshare", chat={"id": chat["id"]}, userId=ben)
    for typed in ("fox", "hunting", "東京"):
        assert found(library, ben, typed) == []


def test_what_is_in_the_trash_or_removed_is_not_found(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada, "fox", "fox 東京")
    library.do(ada, "message_remove", chat={"id": chat["id"], "messageId": chat["messages"][1]["id"]})
    assert texts_found(library, ada, "fox") == {chat["messages"][0]["id"]}
    assert texts_found(library, ada, "東京") == set()
    library.do(ada, "chat_delete", chat={"id": chat["id"]})
    assert found(library, ada, "fox") == []


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("quick fox", True),
        ("fox quick", True),
        ("QUI", True),
        ("quick fo", True),
        ("qui fox", False),
        ("quick dog", False),
        ("koln", True),
        ("KÖLN", True),
        ("Ko\u0308ln", True),
        ("京都", True),
        ("都に", True),
        ("京都 行く", True),
        ("行く 京都", True),
        ("京都 fox", True),
        ("京都 dog", False),
        ("大阪", False),
        ("😀", False),
        ('"quick', True),
        ("quick OR dog", False),
        ("fox*", True),
        ("100%", True),
        ("%", False),
        ("", False),
        ("   ", False),
        ("\"'()*:^-+{}", False),
    ],
)
def test_every_word_must_occur_and_the_last_may_be_unfinished(library: OwnLibrary, typed: str, is_found: bool) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada, "The quick fox, 100% in Köln. 明日は京都に行く。😀")
    assert texts_found(library, ada, typed) == ({chat["messages"][0]["id"]} if is_found else set())


@pytest.mark.parametrize("typed", ["résumé", "re\u0301sume\u0301", "resume", "re\u0301su"])
def test_accents_that_are_characters_of_their_own_are_found_however_they_are_typed(
    library: OwnLibrary, typed: str
) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada, "re\u0301sume\u0301", "sume")
    assert texts_found(library, ada, typed) == {chat["messages"][0]["id"]}


def test_titles_come_first_and_pages_have_no_gap(library: OwnLibrary) -> None:
    ada = library.person("ada")
    chat = library.new_chat(ada, *[f"fox {number}" for number in range(25)])
    library.do(ada, "chat_retitle", chat={"id": chat["id"], "title": "The fox"})
    ids: list[int | None] = []
    cursor: str | None = None
    with library.reading() as db:
        while True:
            page = search(db, ada, "fox", 10, cursor)
            ids += [hit.message_id for hit in page.items]
            cursor = page.next
            if cursor is None:
                break
    assert ids == [None, *sorted((message["id"] for message in chat["messages"]), reverse=True)]


def test_a_hit_shows_where_it_was_found(library: OwnLibrary) -> None:
    ada = library.person("ada")
    library.new_chat(ada, f"{'before ' * 50}fox{' after' * 50}", f"{'前' * 100}東京{'後' * 100}")
    for typed in ("fox", "東京"):
        (hit,) = found(library, ada, typed)
        assert f"\ue000{typed}\ue001" in hit.snippet
        assert len(hit.snippet) < 300
