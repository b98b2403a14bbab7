"""Nothing but ExportError comes out of any file, and whatever is parsed is what the database relies on."""

import io
import json
import random
import zipfile
from pathlib import Path
from typing import IO, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatsynth.features.imports.errors import ExportError
from chatsynth.features.imports.json_values import parse
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.reader import Parsed, Summary, check_export
from tests.features.imports.exports import (
    JsonDict,
    chatgpt_conversation,
)
from tests.features.imports.reading import (
    CHAT,
    found_in,
    nested,
    refusal_of,
    titled,
    written,
)


def read_quietly(path: Path) -> Summary | None:
    """Reads an export that may be broken; nothing but ExportError may come out."""
    limits = Limits(max_total_bytes=2**24)
    try:
        found_in(path, limits)
        return check_export(path, limits)
    except ExportError:
        refusal_of(path, limits)
        return None


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["user", "assistant", "tool", "text", "code", "thoughts", "a", "b", "\ud800", "x\0", "human", "create"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["a", "b", "text", "type", "id", "content", "url"]) | st.text(max_size=4), inner, max_size=4
        )
    ),
    max_leaves=10,
)


def words(text: str) -> list[str]:
    return text.split()


content_types = st.sampled_from(
    words(
        """text multimodal_text code execution_output tether_quote tether_browsing_display sonic_webpage system_error
        thoughts reasoning_recap user_editable_context model_editable_context computer_output citable_code_output new"""
    )
)
content_keys = words(
    "parts text result summary thoughts content language url title state screenshot output_str user_profile"
)
message_keys = words("author create_time recipient metadata update_time")
metadata_keys = words("attachments aggregate_result citations content_references is_user_system_message model_slug")
block_types = st.sampled_from(words("text thinking tool_use tool_result voice_note image token_budget new"))
block_keys = words("text thinking summaries citations input content name display_content is_error source")


def maybe(keys: list[str], **given_keys: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, anything) | given_keys)


nodes = maybe(
    ["id", "children"],
    parent=st.sampled_from(["a", "b", "d", "x"]) | anything,
    message=maybe(
        message_keys,
        id=st.sampled_from(["a", "b"]) | anything,
        content=maybe(content_keys, content_type=content_types | anything) | anything,
        metadata=maybe(metadata_keys) | anything,
        author=maybe(["name", "metadata"], role=st.sampled_from(["user", "assistant", "tool", "system"]) | anything),
    )
    | anything,
)
chatgpt_like = maybe(
    ["title", "id", "create_time", "current_node", "conversation_id", "is_archived"],
    mapping=st.dictionaries(st.sampled_from(["a", "b", "d", "e", ""]), nodes | anything, max_size=5) | anything,
)
claude_like = maybe(
    ["uuid", "name", "created_at", "model", "current_leaf_message_uuid"],
    chat_messages=st.lists(
        maybe(
            ["uuid", "text", "created_at", "attachments", "files", "sender"],
            parent_message_uuid=st.sampled_from(["a", "b"]) | anything,
            content=st.lists(maybe(block_keys, type=block_types | anything) | anything, max_size=4) | anything,
        )
        | anything,
        max_size=5,
    )
    | anything,
)
quickly = settings(
    max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None
)


@quickly
@given(st.lists(chatgpt_like | claude_like | anything, max_size=3))
def test_any_json_in_place_of_conversations_is_parsed_or_skipped(tmp_path: Path, items: list[object]) -> None:
    path = written(tmp_path / "a.json", [CHAT, *items])
    found = found_in(path)
    assert len(found) == len(items) + 1
    for one in found:
        if isinstance(one, Parsed):
            check_conversation(one)


def check_conversation(found: Parsed) -> None:
    """What the database relies on."""
    conversation = found.conversation
    before: set[str | None] = {None}
    for message in conversation.messages:
        assert message.parent in before
        assert message.source_id not in before
        before.add(message.source_id)
        message.text.encode()
        assert "\0" not in message.text
        assert all(0 <= part.at <= len(message.text.encode("utf-16-le")) // 2 for part in message.parts)
    assert conversation.active_leaf in before - {None}
    assert parse(conversation.raw)
    conversation.title.encode()
    conversation.source_id.encode()
    assert conversation.source_id


@quickly
@given(st.data())
def test_any_damage_to_json_is_told_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    text = bytearray(json.dumps([CHAT, titled("b")]).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        change = data.draw(
            st.sampled_from([b"", b'"', b"{", b"}", b"[", b"]", b"\\", b",", b":", b"\0", b"\xff", b"u"])
        )
        text[place : place + data.draw(st.integers(0, 2))] = change
    read_quietly(written(tmp_path / "a.json", bytes(text)))


@quickly
@given(st.data())
def test_any_damage_to_a_zip_is_told_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(cast("IO[bytes]", buffer), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps([CHAT]))
        archive.writestr("a.png", "x")
    packed = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(packed) - 1))
        packed[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    read_quietly(written(tmp_path / "a.zip", bytes(packed)))


@given(st.binary(max_size=200))
@quickly
def test_any_bytes_are_refused_in_words(tmp_path: Path, content: bytes) -> None:
    assert read_quietly(written(tmp_path / "a.json", content)) is None
    assert read_quietly(written(tmp_path / "b.zip", b"PK\x03\x04" + content)) is None


def test_items_are_cut_where_a_parser_would_cut_them(tmp_path: Path) -> None:
    """Against the json module: the scanner must find the same items, whatever is in strings and wherever reads end."""
    rng = random.Random(11)
    chats: list[JsonDict] = []
    for n in range(60):
        lures = [{"title": number} for number in range(rng.randrange(4))]  # as if another chat began
        noise = "".join(rng.choice('{}[]",:\\\n 😀é') for _ in range(rng.randrange(6000)))
        chats.append(
            titled(str(n))
            | {
                "noise": noise,
                "lures": lures,
                "nest": nested(rng.randrange(60)),
                "more": chatgpt_conversation(rng, turns=2),
            }
        )
    path = written(tmp_path / "a.json", json.dumps(chats, ensure_ascii=False, indent=rng.choice([None, 1])).encode())
    raws = [json.loads(one.conversation.raw) for one in found_in(path) if isinstance(one, Parsed)]
    assert raws == chats
