"""A client in which somebody types: what it shows, what is on its way and what waits (rules TXT3 to TXT5)."""

import copy
from dataclasses import dataclass, field

from chatsynth.changes import ChangeSet, Text, apply, compose, diff, invert, map_changes
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op
from tests.harness.replica import Replica


@dataclass
class Typed:
    """What was put in, what was taken out, and what was shown afterwards, to one who looked at it.

    `is_vague`: it was moved over the difference to a snapshot, or done while nobody knew whether what is on its way is
    in the text already; only what was put in is sure then.
    """

    before: str
    start: int
    end: int
    insert: str
    is_vague: bool = False

    @property
    def after(self) -> str:
        units = self.before.encode("utf-16-le")
        return (units[: 2 * self.start] + self.insert.encode("utf-16-le") + units[2 * self.end :]).decode("utf-16-le")

    @property
    def taken(self) -> str:
        return self.before.encode("utf-16-le")[2 * self.start : 2 * self.end].decode("utf-16-le")


@dataclass
class OnItsWay:
    """`changes` and `base` move on with each entry; `first_changes` and `first_base` are what was sent first."""

    op: str
    changes: ChangeSet
    first_changes: ChangeSet
    first_base: int
    typed: list[Typed]
    crossed_a_gap: bool = False
    """Moved over the difference to a snapshot: the server, which has the entries, may have moved it otherwise."""


@dataclass
class MessageEdits:
    sent: OnItsWay | None = None
    waiting: ChangeSet | None = None
    typed: list[Typed] = field(default_factory=list)
    """What makes up `waiting`."""


class Editor(Replica):
    """Never has more than one change of a message on its way."""

    def __init__(self, snapshot: JsonDict, user_id: int) -> None:
        super().__init__(snapshot, user_id)
        self.edits: dict[int, MessageEdits] = {}
        self.confirmed: list[str] = []
        """The ops of its changes whose entries came back, in their order."""

    @property
    def is_settled(self) -> bool:
        return all(each.sent is None and each.waiting is None for each in self.edits.values())

    def shown(self, message_id: int) -> str:
        """The text on the screen: what the server has said and what was typed here since."""
        text = Text.of(self.text(message_id))
        edits = self.edits.get(message_id, MessageEdits())
        for change in (edits.sent.changes if edits.sent else None, edits.waiting):
            text = apply(change, text) if change is not None else text
        return str(text)

    def type(self, message_id: int, start: int, end: int, insert: str) -> None:
        """Puts `insert` in place of a range, counted in UTF-16 code units of what is shown."""
        shown = self.shown(message_id)
        change = ChangeSet.replace(len(Text.of(shown)), start, end, insert)
        edits = self.edits.setdefault(message_id, MessageEdits())
        is_vague = edits.sent is not None and edits.sent.crossed_a_gap
        edits.typed.append(Typed(shown, start, end, insert, is_vague))
        edits.waiting = change if edits.waiting is None else compose(edits.waiting, change)

    def take_off(self, message_id: int) -> JsonDict | None:
        """The command that is to be sent now, if any."""
        edits = self.edits.get(message_id, MessageEdits())
        if edits.sent is not None or edits.waiting is None:
            return None
        edits.sent = OnItsWay(new_op(), edits.waiting, edits.waiting, self.offset, edits.typed)
        edits.waiting, edits.typed = None, []
        return self._command(message_id, edits.sent.op, edits.sent.changes, self.offset)

    def sent_again(self, message_id: int, *, as_it_was: bool) -> JsonDict | None:
        """What was on its way when the connection was lost, as it was first sent or mapped to where we are now."""
        sent = self.edits.get(message_id, MessageEdits()).sent
        if sent is None:
            return None
        changes, base = (sent.first_changes, sent.first_base) if as_it_was else (sent.changes, self.offset)
        return self._command(message_id, sent.op, changes, base)

    def acked(self, op: str, offset: int) -> None:
        """An answer says where the change stands. If that is behind us, it is in the text already (after a gap)."""
        for message_id, edits in self.edits.items():
            if edits.sent is not None and edits.sent.op == op and offset <= self.offset:
                self.edits[message_id] = self._without_sent(message_id, edits.sent)

    def _without_sent(self, message_id: int, sent: OnItsWay) -> MessageEdits:
        """What waits, as it reads without what is on its way."""
        undone = MessageEdits(waiting=self.edits[message_id].waiting, typed=self.edits[message_id].typed)
        _step_over(undone, invert(sent.changes, Text.of(self.text(message_id))))
        return undone

    def refused(self, op: str, *, is_too_old: bool) -> bool:
        """Gives up what was typed into the message, unless only the base was no longer kept (rule TXT6)."""
        for message_id, edits in self.edits.items():
            if edits.sent is not None and edits.sent.op == op:
                if is_too_old:
                    edits.sent.first_changes, edits.sent.first_base = edits.sent.changes, self.offset
                else:
                    del self.edits[message_id]
                return True
        return False

    def begin_anew(self, snapshot: JsonDict) -> None:
        """The log cannot continue (rule SUB3): the difference to the snapshot counts as one foreign change."""
        texts = {message["id"]: message["content"] for message in snapshot["messages"]}
        for message_id, edits in list(self.edits.items()):
            if message_id in texts and self.knows(message_id):
                _step_over(edits, diff(Text.of(self.text(message_id)), texts[message_id]))
            else:
                del self.edits[message_id]
        self.chat = copy.deepcopy(snapshot)
        self.removed.clear()
        self.needs_snapshot = False
        for edits in self.edits.values():
            if edits.sent is not None:
                edits.sent.first_changes, edits.sent.first_base = edits.sent.changes, self.offset
                edits.sent.crossed_a_gap = True
            for typed in (*edits.typed, *(edits.sent.typed if edits.sent else ())):
                typed.is_vague = True

    def _command(self, message_id: int, op: str, changes: ChangeSet, base: int) -> JsonDict:
        target = {"id": self.chat["id"], "messageId": message_id, "base": base, "changes": changes.to_json()}
        return {"type": "chat_update", "op": op, "chat": target}

    def _on_chat_updated(self, entry: JsonDict) -> None:
        message_id = entry["chat"]["messageId"]
        edits = self.edits.get(message_id)
        if edits is None:
            super()._on_chat_updated(entry)
            return
        sent = edits.sent
        is_own = sent is not None and entry["op"] == sent.op and entry["by"] == self.user_id
        if is_own and sent is not None and sent.crossed_a_gap:
            self.confirmed.append(sent.op)
            edits = self.edits[message_id] = self._without_sent(message_id, sent)
            is_own = False
        shown = self.shown(message_id)
        super()._on_chat_updated(entry)
        if is_own and edits.sent is not None:
            self.confirmed.append(edits.sent.op)
            edits.sent = None
            assert self.shown(message_id) == shown, "the own entry changes nothing that is shown"
        else:
            remote = ChangeSet.from_json(entry["chat"]["changes"], max_parts=None, max_inserted=None)
            on_screen = _step_over(edits, remote)
            assert self.shown(message_id) == str(apply(on_screen, Text.of(shown)))


def _step_over(edits: MessageEdits, remote: ChangeSet) -> ChangeSet:
    """Moves what is pending over a foreign entry; the entry as it reads on the screen."""
    if edits.sent is not None:
        moved = map_changes(edits.sent.changes, remote)
        remote = map_changes(remote, edits.sent.changes, before=True)
        edits.sent.changes = moved
    if edits.waiting is not None:
        moved = map_changes(edits.waiting, remote)
        remote = map_changes(remote, edits.waiting, before=True)
        edits.waiting = moved
    return remote
