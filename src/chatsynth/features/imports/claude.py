"""Reads a conversation of Claude's data export, and of captures of its API, which have the same form."""

from collections.abc import Mapping, Sequence

from chatsynth.features.imports.canonical import Conversation, Message, Role, newest_leaf, title_of
from chatsynth.features.imports.claude_artifacts import Documents
from chatsynth.features.imports.claude_content import read_content
from chatsynth.features.imports.message_body import Body, Ledger, kind_of_role, unique_ids
from chatsynth.features.imports.message_tree import arrange
from chatsynth.features.imports.source_values import fields, first_name, items, name, text, time_ms
from chatsynth.features.imports.unnamed import id_of_unnamed

_ROLES: Mapping[str, Role] = {
    "human": "user",
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
}
_NO_PARENT = frozenset({"00000000-0000-4000-8000-000000000000", "00000000-0000-0000-0000-000000000000"})


def count_messages(source: Mapping[str, object]) -> int:
    """How many messages `read_conversation` gives, without reading them."""
    return len(items(source.get("chat_messages")))


def read_conversation(source: Mapping[str, object], raw: bytes) -> Conversation:
    """The conversation with all its branches. The export does not say which one was shown: the newest is.

    `raw` is the JSON that `source` was. Raises Overgrown, whatever the source holds nothing else.
    """
    listed = items(source.get("chat_messages"))
    given_ids = [text(fields(message).get("uuid")) or text(fields(message).get("id")) for message in listed]
    ids = unique_ids([(name(given), "") for given in given_ids])
    parents = _parents(listed, dict(zip(reversed(given_ids), reversed(ids), strict=True)), ids)
    by_id = dict(zip(ids, listed, strict=True))
    reader = _MessageReader(name(source.get("model")) or None)
    tree = arrange(parents, lambda _: ())
    messages = tuple(reader.read(key, tree.parents[key], by_id[key]) for key in tree.order)
    current = name(source.get("current_leaf_message_uuid"))
    title = title_of(text(source.get("name")) or text(source.get("title")), messages)
    created_at = time_ms(source.get("created_at"))
    named = first_name(source.get("uuid"), source.get("id"), source.get("conversation_id"))
    return Conversation(
        platform="claude",
        source_id=named or id_of_unnamed(title, created_at, messages, raw),
        title=title,
        created_at=created_at,
        updated_at=time_ms(source.get("updated_at")),
        archived=source.get("is_archived") is True,
        messages=messages,
        active_leaf=current if current in by_id else newest_leaf(messages),
        raw=raw,
        unknown=reader.ledger.unknown,
    )


def _parents(listed: Sequence[object], id_of: Mapping[str, str], ids: Sequence[str]) -> Mapping[str, str | None]:
    """The parent of each message. Where an export names none, as older ones do, it is the message before."""
    parents: dict[str, str | None] = {}
    before: str | None = None
    for message, message_id in zip(listed, ids, strict=True):
        given = fields(message).get("parent_message_uuid")
        if isinstance(given, str) and given:
            parents[message_id] = None if given in _NO_PARENT else id_of.get(text(given))
        else:
            parents[message_id] = before
        before = message_id
    return parents


class _MessageReader:
    """Reads the messages of one conversation, parents first, and knows the artifacts at each."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._documents = Documents()
        self.ledger = Ledger()

    def read(self, message_id: str, parent: str | None, source: object) -> Message:
        message = fields(source)
        body = Body(self.ledger)
        self._documents.enter(message_id, parent)
        read_content(body, message, self._documents)
        if not message:
            body.add_unknown("message", source)
        role = self._role(message, body)
        model = name(message.get("model")) or (self._model if role == "assistant" else None)
        return body.message(
            source_id=message_id,
            parent=parent,
            role=role,
            author=None,
            model=model or None,
            created_at=time_ms(message.get("created_at")) or time_ms(message.get("updated_at")),
            hidden=not message,
        )

    def _role(self, message: Mapping[str, object], body: Body) -> Role:
        given = first_name(message.get("sender"), message.get("role"))
        role = _ROLES.get(given)
        if role is None:
            body.count(kind_of_role(given))
        return role or "assistant"
