"""Reads a conversation of ChatGPT's data export, and of captures of its API, which have the same form."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from chatsynth.features.imports.canonical import (
    Conversation,
    Message,
    Role,
    content_hash,
    newest_leaf,
    title_of,
)
from chatsynth.features.imports.chatgpt_canvas import Canvas
from chatsynth.features.imports.chatgpt_content import Source, plain_text, read_content, read_tool_call
from chatsynth.features.imports.chatgpt_research import report_in
from chatsynth.features.imports.message_body import Body, Ledger, kind_of_role, unique_ids
from chatsynth.features.imports.message_tree import Tree, arrange
from chatsynth.features.imports.source_values import fields, first_name, items, name, text, time_ms
from chatsynth.features.imports.unnamed import id_of_unnamed

_Nodes = Mapping[str, Mapping[str, object]]

_ROLES: Mapping[str, Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
}
_CONTEXT = frozenset({"user_editable_context", "model_editable_context"})
_LAST = 2**62


def count_messages(source: Mapping[str, object]) -> int:
    """How many messages `read_conversation` gives, without reading them."""
    return sum(fields(node).get("message") is not None for node in fields(source.get("mapping")).values())


def read_conversation(source: Mapping[str, object], raw: bytes) -> Conversation:
    """The conversation with every message of its tree, those that the platform does not show flagged as hidden.

    `raw` is the JSON that `source` was. Raises Overgrown, whatever the source holds nothing else.
    """
    mapping = fields(source.get("mapping"))
    nodes = {key: fields(node) for key, node in mapping.items()}
    tree = arrange(_parents(nodes), _SiblingOrder(nodes).rank)
    nearest = _nearest_messages(nodes, tree)
    ids = _message_ids(nodes, tree)
    reader = _MessageReader(nodes, tree, ids, nearest)
    messages = tuple(map(reader.read, ids))
    unknown = reader.ledger.unknown + Counter("node" for node in mapping.values() if not isinstance(node, dict))
    current = nearest.get(text(source.get("current_node")))
    title, created_at = title_of(text(source.get("title")), messages), time_ms(source.get("create_time"))
    named = first_name(source.get("conversation_id"), source.get("id"))
    return Conversation(
        platform="chatgpt",
        source_id=named or id_of_unnamed(title, created_at, messages, raw),
        title=title,
        created_at=created_at,
        updated_at=time_ms(source.get("update_time")),
        archived=source.get("is_archived") is True,
        messages=messages,
        active_leaf=ids[current] if current is not None else newest_leaf(messages),
        raw=raw,
        unknown=unknown,
    )


# The tree ---------------------------------------------------------------------------------------


def _parents(nodes: _Nodes) -> Mapping[str, str | None]:
    """The parent of each node. `children` is often empty although `parent` is there, so it only fills gaps."""
    parents: dict[str, str | None] = {}
    for key, node in nodes.items():
        parent = node.get("parent")
        parents[key] = parent if isinstance(parent, str) and parent in nodes else None
    if sum(parent is None for parent in parents.values()) > 1:
        for key, node in nodes.items():
            for child in items(node.get("children")):
                if isinstance(child, str) and child != key and parents.get(child, key) is None:
                    parents[child] = key
    return parents


class _SiblingOrder:
    """As their parent lists them, else by time."""

    def __init__(self, nodes: _Nodes) -> None:
        self._nodes = nodes

    def rank(self, key: str) -> tuple[int, ...]:
        sent_at = time_ms(fields(self._nodes[key].get("message")).get("create_time"))
        return self._places.get(key, _LAST), sent_at or 0

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {
            child: place
            for key, node in self._nodes.items()
            for place, child in enumerate(items(node.get("children")))
            if isinstance(child, str) and self._nodes.get(child, {}).get("parent") in (key, None)
        }


def _nearest_messages(nodes: _Nodes, tree: Tree) -> Mapping[str, str | None]:
    """For each node itself when it holds a message, else the nearest node above that does: empty nodes collapse."""
    nearest: dict[str, str | None] = {}
    for key in tree.order:
        parent = tree.parents[key]
        above = nearest[parent] if parent is not None else None
        nearest[key] = key if nodes[key].get("message") is not None else above
    return nearest


def _message_ids(nodes: _Nodes, tree: Tree) -> Mapping[str, str]:
    """The id of the message of each node that holds one, in the order of the tree.

    A node's key is not always the id of its message, and the id is what another export of the chat has as well.
    Where several nodes claim one id, the node of that very key has it, and the others go by their keys.
    """
    keys = [key for key in tree.order if nodes[key].get("message") is not None]
    claimed = {key: name(fields(nodes[key]["message"]).get("id")) for key in keys}
    often = Counter(claimed.values())
    if len(often) == len(keys) and "" not in often:
        return claimed
    wanted = [
        (claimed[key] if often[claimed[key]] == 1 or claimed[key] == key else name(key), name(key)) for key in keys
    ]
    return dict(zip(keys, unique_ids(wanted), strict=True))


# A message --------------------------------------------------------------------------------------


class _MessageReader:
    """Reads the messages of one conversation, parents first, and knows the canvas document at each."""

    def __init__(self, nodes: _Nodes, tree: Tree, ids: Mapping[str, str], nearest: Mapping[str, str | None]) -> None:
        self._nodes = nodes
        self._tree = tree
        self._ids = ids
        self._nearest = nearest
        self._canvas = Canvas()
        self.ledger = Ledger()

    def read(self, key: str) -> Message:
        above = self._tree.parents[key]
        parent = self._nearest[above] if above is not None else None
        self._canvas.inherit(key, parent)
        message = fields(self._nodes[key]["message"])
        source = self._source(message)
        report = report_in(source.metadata)
        if report:
            source = _source_of_report(report)
        written = plain_text(source)
        if written is None:
            body = self._body(key, message, source)
            hidden, written, parts = body.empty or _is_hidden(source, body), body.text, tuple(body.parts)
        else:
            hidden, parts = not written or written.isspace() or _is_hidden(source), ()
        return Message(
            self._ids[key],
            None if parent is None else self._ids[parent],
            source.role,
            source.author,
            name(source.metadata.get("model_slug")) or None,
            time_ms(message.get("create_time")) or time_ms(message.get("update_time")),
            hidden or not message,
            written,
            parts,
            content_hash(source.role, written, parts),
        )

    def _body(self, key: str, message: Mapping[str, object], source: Source) -> Body:
        body = Body(self.ledger)
        if not message:
            body.add_unknown("message", self._nodes[key]["message"])
        elif source.is_tool_call:
            read_tool_call(body, source, self._canvas, key)
        else:
            read_content(body, source)
        return body

    def _source(self, message: Mapping[str, object]) -> Source:
        author = fields(message.get("author"))
        content = message.get("content")
        content = {"parts": [content]} if isinstance(content, str) else fields(content)
        return Source(
            content=content,
            content_type=name(content.get("content_type")),
            metadata=fields(message.get("metadata")),
            role=self._role(author.get("role")),
            recipient=name(message.get("recipient")),
            author=first_name(author.get("name"), fields(author.get("metadata")).get("real_author")) or None,
        )

    def _role(self, value: object) -> Role:
        role = _ROLES.get(value) if isinstance(value, str) else None
        if role is None:
            self.ledger.unknown[kind_of_role(name(value))] += 1
        return role or "assistant"


def _source_of_report(report: Mapping[str, object]) -> Source:
    """A report is an answer, whatever the message is that carries it."""
    metadata = fields(report.get("metadata"))
    kept = {key: metadata.get(key) for key in ("citations", "content_references", "search_result_groups", "model_slug")}
    return Source(fields(report.get("content")), "text", kept, "assistant", "all", None)


def _is_hidden(source: Source, body: Body | None = None) -> bool:
    """Whether the message is none of the chat. ChatGPT's own page also leaves out the steps of its work, thinking and
    tools (the rule is convoviz', docs/dev/chatgpt-spec.md section 7); they are parts here, which are shown folded."""
    if source.metadata.get("is_visually_hidden_from_conversation") or source.content_type in _CONTEXT:
        return True
    if source.role == "system":
        return not source.metadata.get("is_user_system_message")
    is_addressed = source.role == "assistant" and source.recipient not in ("", "all")
    return is_addressed and body is not None and body.text != ""
