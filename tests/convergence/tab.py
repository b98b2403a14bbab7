"""A tab that follows one chat and its person's own channel, by docs/reference/protocol.md; it does no I/O of its own.

What goes out is in `outgoing`, what is to be asked over HTTP in `wants`; frames and answers come in by `take` and
`loaded`.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from tests.convergence.seen_presence import SeenPresence
from tests.harness.editor import Editor, Typed
from tests.harness.history import ConnectionRecord
from tests.harness.json_types import JsonDict
from tests.harness.person_list import follow

What = Literal["chat", "lists"]


@dataclass
class Line:
    """The tab's end of one connection."""

    record: ConnectionRecord
    welcome: bool = False
    following: set[str] = field(default_factory=set)
    """The channels that were asked for on this connection."""
    leaving: Counter[str] = field(default_factory=Counter)
    """How often each channel was left without an answer yet; what comes before it belongs to what was left."""
    is_tangled: bool = False
    """The chat was left, or asked for without a right: answers that are still to come may belong to either."""
    presence: SeenPresence = field(default_factory=SeenPresence)


class Tab:
    """`lists` and `editor` are None until their snapshots came; `editor` also without a right to the chat.

    One that `is_impatient` asks for the chat again at once when it has lost the right.
    """

    def __init__(self, name: str, user_id: int, chat_id: int, *, is_impatient: bool = False) -> None:
        self.name = name
        self.user_id = user_id
        self.chat_id = chat_id
        self.is_impatient = is_impatient
        self.line: Line | None = None
        self.editor: Editor | None = None
        self.lists: JsonDict | None = None
        self.held: JsonDict | None = None
        """A snapshot that is ahead of the entries; it counts when they have reached it."""
        self.commands: dict[str, JsonDict] = {}
        """Changes of the structure that are not answered, by their ops, in the order of sending."""
        self.outgoing: deque[JsonDict] = deque()
        self.wants: set[What] = {"lists"}
        self.records: list[ConnectionRecord] = []
        self.loaded_chats: list[JsonDict] = []
        self.typed: dict[str, tuple[int, list[Typed]]] = {}
        """What was typed in each change of a text that was sent, by its op, with the number of the message."""

    @property
    def chat_channel(self) -> str:
        return f"chat:{self.chat_id}"

    @property
    def list_channel(self) -> str:
        return f"user:{self.user_id}"

    @property
    def is_settled(self) -> bool:
        """Nothing of this tab is on its way, and nothing is to be loaded."""
        quiet = self.line is not None and self.line.welcome and not self.wants and self.held is None
        saved = self.editor is None or (self.editor.is_settled and not self.editor.needs_snapshot)
        return quiet and saved and self.lists is not None and not self.commands and not self.outgoing

    # The connection

    def connect(self, random: Random) -> None:
        """Resumes what it has, and sends again what is not answered, by the same names (rules HEL1, TXT5)."""
        record = ConnectionRecord(f"{self.name}, connection {len(self.records) + 1}", self.user_id)
        self.records.append(record)
        self.line = Line(record)
        self.outgoing.clear()
        positions = [each for each in (self._chat_position, self._list_position) if each is not None]
        self.line.following = {each["channel"] for each in positions}
        self._send({"type": "hello", "v": 1, "client": "tests", "channels": positions})
        for command in self.commands.values():
            self._send(command)
        for message_id in list(self.editor.edits) if self.editor else ():
            assert self.editor is not None
            again = self.editor.sent_again(message_id, as_it_was=random.random() < 0.5)
            if again is not None:
                self._send(again)

    def disconnect(self) -> None:
        self.line = None
        self.outgoing.clear()

    @property
    def _chat_position(self) -> JsonDict | None:
        return None if self.editor is None or "chat" in self.wants else self.editor.position

    @property
    def _list_position(self) -> JsonDict | None:
        if self.lists is None or "lists" in self.wants:
            return None
        return {key: self.lists[key] for key in ("channel", "epoch", "offset")}

    def _send(self, frame: JsonDict) -> None:
        assert self.line is not None
        self.line.record.sent(frame)
        self.outgoing.append(frame)

    def ask(self, command: JsonDict) -> None:
        """A change of the structure."""
        self.commands[command["op"]] = command
        if self.line is not None:
            self._send(command)

    def send_what_waits(self) -> None:
        if self.line is None or self.editor is None:
            return
        for message_id in list(self.editor.edits):
            command = self.editor.take_off(message_id)
            sent = self.editor.edits[message_id].sent
            if command is not None and sent is not None:
                self.typed[sent.op] = (message_id, sent.typed)
                self._send(command)

    def beat(self) -> None:
        if self.line is not None and self.line.welcome:
            self._send({"type": "heartbeat"})

    def show_presence(self, state: JsonDict | None) -> None:
        """Where this tab is in the chat."""
        if self.line is not None and self.line.presence.is_here:
            self.line.presence.own = state
            self._send({"type": "presence", "channel": self.chat_channel, "state": state})

    def leave_chat(self) -> None:
        """Looks at something else; `follow_chat` comes back."""
        if self.line is not None and self.line.welcome and self.chat_channel in self.line.following:
            self._leave(self.line)

    def follow_chat(self) -> None:
        if self.line is not None and self.line.welcome and self.chat_channel not in self.line.following:
            self._subscribe(self._chat_position)
            self._resend_if_following()

    def _leave(self, line: Line) -> None:
        line.is_tangled = True
        line.following.discard(self.chat_channel)
        line.leaving[self.chat_channel] += 1
        line.presence.left()
        self._send({"type": "unsubscribe", "channel": self.chat_channel})

    # Snapshots

    def loaded(self, what: What, snapshot: JsonDict | None) -> None:
        """An answer over HTTP; None: no such chat for this person."""
        if what not in self.wants:
            return
        if what == "lists":
            assert snapshot is not None
            self.lists = snapshot
            self.wants.discard("lists")
            self._subscribe(self._list_position)
            self._look_for_the_chat()
        elif snapshot is None:
            self._no_right()
        else:
            self._chat_loaded(snapshot)

    def _chat_loaded(self, snapshot: JsonDict) -> None:
        self.loaded_chats.append(snapshot)
        is_following = not self._is_leaving and self.line is not None and self.chat_channel in self.line.following
        if self.editor is not None and is_following:
            self._hold(snapshot)  # another branch is shown: the log goes on beside it
            return
        if self.editor is None:
            self.editor = Editor(snapshot, self.user_id)
        elif self.editor.needs_snapshot and snapshot["offset"] == self.editor.offset:
            self.editor.reload(snapshot)
        else:
            self.editor.begin_anew(snapshot)
        if self.line is not None and self.line.is_tangled:
            self._leave(self.line)  # entries that are needed now may have been passed over
        self.wants.discard("chat")
        self._subscribe(self._chat_position)
        self._resend()

    def _hold(self, snapshot: JsonDict) -> None:
        assert self.editor is not None
        if snapshot["offset"] >= self.editor.offset:
            self.held = snapshot
            self.wants.discard("chat")
            self._take_held()

    def _take_held(self) -> None:
        """A snapshot counts where the log has reached it; one that was overtaken is loaded again."""
        if self.held is None or self.editor is None:
            return
        if self.held["offset"] == self.editor.offset:
            self.editor.reload(self.held)
            self.held = None
        elif self.held["offset"] < self.editor.offset:
            self.held = None
            self.wants.add("chat")

    def _subscribe(self, position: JsonDict | None) -> None:
        if position is None or self.line is None or not self.line.welcome:
            return
        if position["channel"] not in self.line.following:
            self.line.following.add(position["channel"])
            self._send({"type": "subscribe", **position})

    def _resend_if_following(self) -> None:
        """Otherwise the snapshot comes first."""
        if self.line is not None and self.chat_channel in self.line.following:
            self._resend()

    def _resend(self) -> None:
        """After a gap: only the answers can say what of it is in the snapshot already."""
        if self.line is None or self.editor is None:
            return
        for message_id in list(self.editor.edits):
            again = self.editor.sent_again(message_id, as_it_was=False)
            if again is not None:
                self._send(again)

    # Frames

    def take(self, frame: JsonDict) -> None:
        assert self.line is not None
        self.line.record.received(frame)
        match frame["type"]:
            case "ack":
                self._acked(frame)
            case "error":
                self._refused(frame)
            case "welcome":
                self.line.welcome = True
                self.line.presence.session = frame["session"]
                self._subscribe(self._chat_position)
                self._subscribe(self._list_position)
            case "presence":
                self.line.presence.take(frame)
            case "heartbeat" | "draining":
                pass
            case "subscribed" | "unsubscribed" | "snapshot_needed" | "revoked":
                self._of_subscription(frame["type"], frame["channel"])
            case _:
                self._entry(frame)

    def _of_subscription(self, type_: str, channel: str) -> None:
        assert self.line is not None
        if type_ == "unsubscribed":
            self.line.leaving[channel] -= 1
        elif type_ == "revoked":
            self._revoked()
        elif self._is_leaving and channel == self.chat_channel:
            pass  # an answer to what this side has ended
        elif type_ == "snapshot_needed":
            self._lost(channel)
        else:
            self._subscribed(channel)

    def _acked(self, ack: JsonDict) -> None:
        self.commands.pop(ack["op"], None)
        if self.editor is not None:
            self.editor.acked(ack["op"], ack["offset"])

    def _refused(self, error: JsonDict) -> None:
        op, code = error["op"], error["code"]
        if error["channel"] == self.chat_channel:
            assert code in ("forbidden", "not_subscribed"), error
            if code == "forbidden" and not self._is_leaving:
                self._no_right()
            return  # if not: the presence came after the end of the subscription, which is told as well
        assert code in ("forbidden", "not_found", "conflict", "invalid", "too_old"), error
        assert op is not None, error
        if self.commands.pop(op, None) is not None or self.editor is None:
            return
        if self.editor.refused(op, is_too_old=code == "too_old"):
            assert code != "invalid", f"every edit fits: {error}"
            self._resend_if_following()

    def _subscribed(self, channel: str) -> None:
        assert self.line is not None
        if channel != self.chat_channel:
            return
        if channel in self.line.following:
            self.line.presence.came()
        else:
            self._leave(self.line)  # the right was lost and given again in between: the chat is to be loaded

    @property
    def _is_leaving(self) -> bool:
        """What comes of the chat belongs to a subscription that this side has ended."""
        return self.line is not None and self.line.leaving[self.chat_channel] > 0

    def _revoked(self) -> None:
        last = None if self.editor is None else self.editor.position
        self._no_right()
        if self.is_impatient and self.line is not None:
            self.line.is_tangled = True
            self._subscribe(last)

    def _lost(self, channel: str) -> None:
        assert self.line is not None
        self.line.following.discard(channel)
        if channel == self.chat_channel:
            self.held = None
            self.line.presence.left()
        self.wants.add("chat" if channel == self.chat_channel else "lists")

    def _no_right(self) -> None:
        """What was on its way cannot be saved any more."""
        self.editor = None
        self.held = None
        self.wants.discard("chat")
        if self.line is not None:
            self.line.following.discard(self.chat_channel)
            self.line.presence.left()
        self._look_for_the_chat()

    def _look_for_the_chat(self) -> None:
        """The list of chats says whether there is one to load."""
        if self.lists is None or self.editor is not None:
            return
        if self.chat_id in self.lists["chats"]:
            self.wants.add("chat")
        else:
            self.wants.discard("chat")

    def _entry(self, entry: JsonDict) -> None:
        assert self.line is not None
        if "at" not in entry:
            assert not self.line.welcome, f"plain words come before `welcome` only: {entry}"
        elif entry["channel"] == self.list_channel:
            if self.lists is not None:
                follow(self.lists, entry)
                self._look_for_the_chat()
        elif self.editor is not None and entry["channel"] in self.line.following and not self._is_leaving:
            self.editor.apply(entry)
            if self.editor.needs_snapshot and self.held is None:
                self.wants.add("chat")
            self._take_held()
