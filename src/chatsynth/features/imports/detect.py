"""Tells by its content which platform an export comes from; names of files only say what never to open."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from chatsynth.features.imports.canonical import Platform
from chatsynth.features.imports.source_values import fields, items


@dataclass(frozen=True, slots=True)
class Supported:
    """A conversation that can be imported."""

    platform: Platform


@dataclass(frozen=True, slots=True)
class Foreign:
    """A chat of a format that is known but not supported yet."""

    format_name: str


@dataclass(frozen=True, slots=True)
class Companion:
    """Something else that a supported platform puts into its exports, such as projects."""

    what: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing that is known."""


Detected = Supported | Foreign | Companion | Unclear
_Item = Mapping[str, object]


def detect(item: object) -> Detected:
    """What an item of an export is."""
    found = fields(item)
    return next((detected for fits, detected in _RULES if fits(found)), Unclear())


def detect_all(found: Iterable[Detected]) -> Detected:
    """What a list of such items is: what the first supported one is, else the first that is known at all."""
    known: Detected = Unclear()
    for detected in found:
        if isinstance(detected, Supported):
            return detected
        if isinstance(known, Unclear):
            known = detected
    return known


def detect_head(head: bytes) -> str | None:
    """What a file that is no JSON is, by its first bytes: words for a sentence, or None when it may be JSON."""
    for magic, words in _MAGIC.items():
        if head.startswith(magic):
            return words
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    lowered = start[:200].lower()
    if lowered.startswith(b"<"):
        return "a web page. Export your data as JSON, or choose the zip that the page came in"
    if start[:1] in (b"{", b"["):
        return None
    if lowered.startswith((b"conversation,time,author", b"createdat,messagecontent")):
        return "a Microsoft Copilot export (CSV), which is not supported yet"
    return "neither a zip nor JSON"


_MAGIC: Mapping[bytes, str] = {
    b"\x1f\x8b": "a gzip file. Unpack it and import what is in it",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive. Unpack it and import what is in it",
    b"Rar!": "a RAR archive. Unpack it and import what is in it",
    b"BZh": "a bzip2 file. Unpack it and import what is in it",
    b"\xfd7zXZ": "an xz file. Unpack it and import what is in it",
    b"\x28\xb5\x2f\xfd": "a zstd file. Unpack it and import what is in it",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
}


# Rules: the first that fits decides, so what shares keys with another format stands before it ------


def _has(*keys: str) -> Callable[[_Item], bool]:
    return lambda item: all(key in item for key in keys)


def _is_deepseek(item: _Item) -> bool:
    nodes = islice(fields(item.get("mapping")).values(), 8)
    fragments = any("fragments" in fields(fields(node).get("message")) for node in nodes)
    return fragments or ("mapping" in item and "inserted_at" in item)


def _is_open_webui(item: _Item) -> bool:
    chat = fields(item.get("chat")) or item
    return isinstance(fields(chat.get("history")).get("messages"), dict) or ("chat" in item and "messages" in chat)


def _is_chatgpt(item: _Item) -> bool:
    # Entries of projects have no mapping, but are listed like conversations.
    listed = "title" in item and "create_time" in item and ("conversation_id" in item or "gizmo_type" in item)
    return isinstance(item.get("mapping"), dict) or listed


def _is_takeout(item: _Item) -> bool:
    return "header" in item and "time" in item and ("title" in item or "products" in item)


def _is_share_gpt(item: _Item) -> bool:
    turns = items(item.get("conversations"))
    first = fields(turns[0]) if turns else item
    return "from" in first and "value" in first


def _is_openai_messages(item: _Item) -> bool:
    messages = items(item.get("messages"))
    return ("role" in item and "content" in item) or (bool(messages) and "role" in fields(messages[0]))


_RULES: tuple[tuple[Callable[[_Item], bool], Detected], ...] = (
    (_is_deepseek, Foreign("DeepSeek")),
    (lambda item: "biz_data" in fields(item.get("data")), Foreign("DeepSeek")),
    (_has("success", "request_id", "data"), Foreign("Qwen Chat")),
    (_is_open_webui, Foreign("Open WebUI")),
    (_is_chatgpt, Supported("chatgpt")),
    (_has("chat_messages"), Supported("claude")),
    (_has("conversation", "responses"), Foreign("Grok")),
    (_has("conversationId", "messages"), Foreign("LibreChat")),
    (lambda item: "chatId" in item and ("contentChunks" in item or "content" in item), Foreign("Mistral Le Chat")),
    (_is_takeout, Foreign("Gemini (Google Takeout)")),
    (_has("chunkedPrompt"), Foreign("Google AI Studio")),
    (lambda item: "thread_metadata" in item or "thread_url" in fields(item.get("metadata")), Foreign("Perplexity")),
    (_has("history", "folders", "prompts"), Foreign("Chatbot UI")),
    (_has("project", "messages"), Foreign("Claude Design")),
    (_is_share_gpt, Foreign("ShareGPT")),
    (_is_openai_messages, Foreign("a list of OpenAI messages")),
    (_has("prompt_template", "docs"), Companion("projects")),
    (_has("account_uuid", "conversations_memory"), Companion("memories")),
    (_has("conversation_id", "is_anonymous"), Companion("shared links")),
    (_has("full_name", "email_address"), Companion("account data")),
    (lambda item: bool(items(item.get("chats"))), Companion("group chats")),
)
