"""Reads a conversation of ChatGPT's data export, and of captures of its API, which have the same form."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property

from chatsynth.features.imports.canonical import Conversation, Message, Role, newest_leaf, title_of
from chatsynth.features.imports.chatgpt_content import Source, read_content
from chatsynth.features.imports.message_body import Body, Ledger, unique_ids
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
_HIDDEN_CONTENT = frozenset(
    {"tether_browsing_display", "thoughts", "reasoning_recap", "user_editable_context", "model_editable_context"}
)
_SHOWN_OF_TOOLS = frozenset({"execution_output", "tether_quote", "multimodal_text"})
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
    ledger = Ledger(Counter("node" for node in mapping.values() if not isinstance(node, dict)))
    tree = arrange(_parents(nodes), _SiblingOrder(nodes).rank)
    nearest = _nearest_messages(nodes, tree)
    ids = _message_ids(nodes, tree)
    messages = tuple(_read_message(nodes[key], ids, tree, nearest, key, ledger) for key in ids)
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
        unknown=ledger.unknown,
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


def _read_message(
    node: Mapping[str, object],
    ids: Mapping[str, str],
    tree: Tree,
    nearest: Mapping[str, str | None],
    key: str,
    ledger: Ledger,
) -> Message:
    message = fields(node["message"])
    body = Body(ledger)
    source = _source(message, body)
    if message:
        read_content(body, source)
    else:
        body.add_unknown("message", node["message"])
    above = tree.parents[key]
    parent = nearest[above] if above is not None else None
    return body.message(
        source_id=ids[key],
        parent=ids[parent] if parent is not None else None,
        role=source.role,
        author=source.author,
        model=name(source.metadata.get("model_slug")) or None,
        created_at=time_ms(message.get("create_time")) or time_ms(message.get("update_time")),
        hidden=_is_hidden(source) or not message,
    )


def _source(message: Mapping[str, object], body: Body) -> Source:
    author = fields(message.get("author"))
    content = message.get("content")
    content = {"parts": [content]} if isinstance(content, str) else fields(content)
    return Source(
        content=content,
        content_type=name(content.get("content_type")),
        metadata=fields(message.get("metadata")),
        role=_role(author.get("role"), body),
        recipient=name(message.get("recipient")),
        author=first_name(author.get("name"), fields(author.get("metadata")).get("real_author")) or None,
    )


def _role(value: object, body: Body) -> Role:
    role = _ROLES.get(value) if isinstance(value, str) else None
    if role is None:
        body.count(f"role: {name(value) or 'none'}")
    return role or "assistant"


def _is_hidden(source: Source) -> bool:
    """Whether ChatGPT's own page leaves the message out; the rule is convoviz', docs/dev/chatgpt-spec.md section 7."""
    if source.metadata.get("is_visually_hidden_from_conversation"):
        return True
    match source.role:
        case "system" if not source.metadata.get("is_user_system_message"):
            return True
        case "tool":
            return source.content_type not in _SHOWN_OF_TOOLS
        case _:
            return source.is_tool_call or source.content_type in _HIDDEN_CONTENT
