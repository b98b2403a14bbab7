"""Conversations of ChatGPT: the conversation, its tree, and what is hidden in it."""

from collections.abc import Mapping
from typing import cast

import pytest

from chatsynth.features.imports.canonical import (
    Conversation,
)
from tests.features.imports.conversations import links
from tests.features.imports.conversations import message_of_chatgpt as read_one
from tests.features.imports.conversations import read_chatgpt as read
from tests.features.imports.exports import (
    JsonDict,
    chatgpt_chain,
    chatgpt_message,
    chatgpt_tree,
)

# The conversation -------------------------------------------------------------------------------


def test_a_conversation_is_read_with_its_titles_times_and_ids() -> None:
    source = chatgpt_chain(
        "c-1",
        [
            chatgpt_message("u", "user", "Hi"),
            chatgpt_message("a", "assistant", "Hello", metadata={"model_slug": "gpt-5"}),
        ],
        title="Greeting",
        create_time=1_700_000_000.5,
        update_time=1_700_000_100,
        is_archived=True,
    )
    conversation = read(source)
    assert (conversation.platform, conversation.source_id, conversation.title) == ("chatgpt", "c-1", "Greeting")
    assert (conversation.created_at, conversation.updated_at) == (1_700_000_000_500, 1_700_000_100_000)
    assert conversation.archived
    assert links(conversation) == [("u", None), ("a", "u")]
    assert [(m.role, m.text, m.model, m.hidden) for m in conversation.messages] == [
        ("user", "Hi", None, False),
        ("assistant", "Hello", "gpt-5", False),
    ]
    assert conversation.active_leaf == "a"
    assert not conversation.unknown


def test_the_hash_survives_another_export_of_the_same_chat() -> None:
    def exported(**metadata: object) -> str:
        fields: JsonDict = {"metadata": metadata, "update_time": metadata.get("request_id")}
        return read_one("assistant", "Hello", **fields).content_hash

    assert exported(request_id="1") == exported(request_id="2", timestamp_="absolute")
    assert exported() != read_one("assistant", "Hello!").content_hash


@pytest.mark.parametrize("ids", [{"id": "i", "conversation_id": "k"}, {"id": "k", "conversation_id": None}])
def test_the_conversation_id_names_the_chat(ids: JsonDict) -> None:
    assert read(chatgpt_chain("x", [chatgpt_message("m", "user", "a")], **ids)).source_id == "k"


NOTHING: JsonDict = {"id": None, "conversation_id": ""}
UNIQUE = "0b3c6a6e-2f1a-4c55-9d57-0c8f3f8f8f01"


def test_without_an_id_a_first_message_that_is_unique_in_the_world_names_the_chat() -> None:
    grown = [chatgpt_message(UNIQUE, "user", "a"), chatgpt_message("n", "assistant", "b")]
    before = read(chatgpt_chain("x", grown[:1], **NOTHING))
    assert read(chatgpt_chain("x", grown, **NOTHING)).source_id == before.source_id
    assert read(chatgpt_chain("x", [], **NOTHING)).source_id.startswith("content:")


def test_chats_without_ids_whose_messages_are_merely_numbered_stay_apart() -> None:
    one, other = ([chatgpt_message("node-1", "user", text)] for text in ("a", "b"))
    assert read(chatgpt_chain("x", one, **NOTHING)).source_id != read(chatgpt_chain("x", other, **NOTHING)).source_id
    assert read(chatgpt_chain("x", one, **NOTHING)).source_id == read(chatgpt_chain("x", one, **NOTHING)).source_id


def test_a_missing_title_comes_from_the_first_question() -> None:
    messages = [chatgpt_message("s", "system", ""), chatgpt_message("u", "user", "What  is\nGo?")]
    assert read(chatgpt_chain("c", messages, title=None)).title == "What is Go?"


# The tree ---------------------------------------------------------------------------------------


def test_branches_are_all_there_and_the_current_one_is_active() -> None:
    nodes: list[tuple[str | None, JsonDict]] = [
        (None, chatgpt_message("u", "user", "Hi")),
        ("u", chatgpt_message("a1", "assistant", "First")),
        ("u", chatgpt_message("a2", "assistant", "Second")),
        ("a1", chatgpt_message("u2", "user", "More")),
    ]
    conversation = read(chatgpt_tree("c", nodes, current_node="a2"))
    assert links(conversation) == [("u", None), ("a1", "u"), ("u2", "a1"), ("a2", "u")]
    assert conversation.active_leaf == "a2"


def mapping(nodes: Mapping[str, tuple[str | None, bool]], **children: list[str]) -> JsonDict:
    """A mapping of key -> (parent, whether it holds a message named after the key)."""
    return {
        key: {
            "id": key,
            "parent": parent,
            "children": children.get(key, []),
            "message": chatgpt_message(key, "user", key) if holds else None,
        }
        for key, (parent, holds) in nodes.items()
    }


def read_mapping(nodes: Mapping[str, tuple[str | None, bool]], **children: list[str]) -> Conversation:
    return read({"mapping": mapping(nodes, **children), "current_node": None, "id": "c"})


def test_parent_links_count_although_children_are_empty() -> None:
    assert links(read_mapping({"r": (None, False), "a": ("r", True), "b": ("a", True)})) == [("a", None), ("b", "a")]


def test_children_count_where_parent_links_are_missing() -> None:
    conversation = read_mapping({"r": (None, True), "a": (None, True), "b": (None, True)}, r=["b", "a"])
    assert links(conversation) == [("r", None), ("b", "r"), ("a", "r")]


def test_siblings_stand_as_their_parent_lists_them() -> None:
    conversation = read_mapping({"r": (None, True), "a": ("r", True), "b": ("r", True)}, r=["b", "a"])
    assert links(conversation) == [("r", None), ("b", "r"), ("a", "r")]


def test_empty_nodes_collapse_into_the_message_above() -> None:
    nodes = {"r": (None, False), "a": ("r", True), "x": ("a", False), "y": ("x", False), "b": ("y", True)}
    assert links(read_mapping(nodes)) == [("a", None), ("b", "a")]


def test_orphans_and_several_roots_are_roots() -> None:
    nodes = {"a": ("gone", True), "b": (None, True), "c": ("c", True), "d": ("a", True)}
    assert sorted(links(read_mapping(nodes))) == [("a", None), ("b", None), ("c", None), ("d", "a")]


def test_circles_are_opened() -> None:
    assert links(read_mapping({"a": ("b", True), "b": ("a", True), "c": ("b", True)})) == [
        ("a", None),
        ("b", "a"),
        ("c", "b"),
    ]


def test_current_node_may_be_an_empty_node_or_be_missing() -> None:
    source = {"mapping": mapping({"a": (None, True), "x": ("a", False), "b": ("x", True)}), "id": "c"}
    assert read(source | {"current_node": "x"}).active_leaf == "a"
    assert read(source | {"current_node": "gone"}).active_leaf == "b"
    assert read(source).active_leaf == "b"


def test_without_a_current_node_the_newest_leaf_is_active() -> None:
    nodes: list[tuple[str | None, JsonDict]] = [
        (None, chatgpt_message("u", "user", "Hi", create_time=1_700_000_000)),
        ("u", chatgpt_message("new", "assistant", "x", create_time=1_700_000_900)),
        ("u", chatgpt_message("old", "assistant", "y", create_time=1_700_000_100)),
    ]
    assert read(chatgpt_tree("c", nodes, current_node=None)).active_leaf == "new"


def test_messages_go_by_their_own_ids_where_the_keys_differ() -> None:
    source = chatgpt_chain("c", [chatgpt_message("k1", "user", "a"), chatgpt_message("k2", "assistant", "b")])
    nodes = cast("dict[str, dict[str, JsonDict]]", source["mapping"])
    nodes["k2"]["message"]["id"] = "server-id"
    conversation = read(source)
    assert links(conversation) == [("k1", None), ("server-id", "k1")]
    assert conversation.active_leaf == "server-id"


def test_nodes_that_claim_one_id_are_told_apart_by_their_keys() -> None:
    source = chatgpt_chain("c", [chatgpt_message(key, "user", key) for key in ("a", "b", "d")])
    nodes = cast("dict[str, dict[str, JsonDict]]", source["mapping"])
    nodes["a"]["message"]["id"] = nodes["d"]["message"]["id"] = "b"
    assert [(m.source_id, m.text) for m in read(source).messages] == [("a", "a"), ("b", "b"), ("d", "d")]
    del nodes["a"]["message"]["id"]
    nodes["d"]["message"]["id"] = {"not": "an id"}
    assert [m.source_id for m in read(source).messages] == ["a", "b", "d"]


def test_nodes_that_are_no_objects_are_counted() -> None:
    conversation = read({"mapping": {"a": "text", "b": None, "c": {"message": "text", "parent": "a"}}})
    assert conversation.unknown == {"node": 2, "message": 1, "messages without a role": 1}
    assert [(m.source_id, m.hidden) for m in conversation.messages] == [("c", True)]


# What is hidden ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "content_type", "fields", "hidden"),
    [
        ("user", "text", {}, False),
        ("user", "text", {"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ("user", "user_editable_context", {}, True),
        ("assistant", "text", {}, False),
        ("assistant", "text", {"recipient": None}, False),
        ("assistant", "text", {"recipient": "browser"}, False),
        ("assistant", "code", {"recipient": "python"}, False),
        ("assistant", "multimodal_text", {"recipient": "python"}, True),
        ("assistant", "code", {}, False),
        ("assistant", "thoughts", {}, False),
        ("assistant", "thoughts", {"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ("assistant", "reasoning_recap", {}, False),
        ("assistant", "model_editable_context", {}, True),
        ("assistant", "brand_new", {}, False),
        ("system", "text", {}, True),
        ("system", "text", {"metadata": {"is_user_system_message": True}}, False),
        ("tool", "text", {}, False),
        ("tool", "text", {"metadata": {"is_visually_hidden_from_conversation": True}}, True),
        ("tool", "system_error", {}, False),
        ("tool", "tether_browsing_display", {}, False),
        ("tool", "execution_output", {}, False),
        ("tool", "tether_quote", {}, False),
        ("tool", "multimodal_text", {}, False),
        ("critic", "text", {}, False),
    ],
)
def test_what_is_none_of_the_chat_is_hidden_and_its_steps_are_not(
    role: str, content_type: str, fields: JsonDict, hidden: bool
) -> None:
    content = {
        "content_type": content_type,
        "parts": ["words"],
        "text": "words",
        "result": "words",
        "user_profile": "words",
        "model_set_context": "words",
        "content": "words",
        "thoughts": [{"content": "words"}],
    }
    message = read_one(role, content, **fields)
    assert message.hidden is hidden
    assert message.text or message.parts


@pytest.mark.parametrize(
    "content", ["", " \n ", None, [], {}, {"content_type": "text"}, {"content_type": "text", "parts": None}]
)
def test_a_message_without_content_is_kept_hidden(content: object) -> None:
    message = read_one("assistant", content)
    assert message.hidden
    assert not message.text.strip()
    assert not message.parts
