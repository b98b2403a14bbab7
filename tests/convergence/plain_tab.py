"""A client that never says `hello`: it saves a message as it last heard of it, changed (rules PLN1 to PLN4)."""

from dataclasses import dataclass, field

from tests.harness.editor import Typed
from tests.harness.history import ConnectionRecord
from tests.harness.json_types import JsonDict
from tests.harness.live_client import new_op


@dataclass
class PlainTab:
    """What it has of one chat. Until it has heard something, it knows what it loaded, and says so with `base`."""

    user_id: int
    loaded: JsonDict
    record: ConnectionRecord
    heard: dict[int, str] = field(default_factory=dict)
    has_heard: bool = False
    saved: dict[str, tuple[int, Typed]] = field(default_factory=dict)
    """What was done to which message, by the change's name."""
    unanswered: set[str] = field(default_factory=set)

    @property
    def texts(self) -> dict[int, str]:
        if self.has_heard:
            return self.heard
        return {message["id"]: message["content"] for message in self.loaded["messages"]}

    def take(self, frame: JsonDict) -> None:
        self.record.received(frame)
        match frame["type"]:
            case "chat_updated" if frame["chat"]["id"] == self.loaded["id"]:
                self._hear(frame["chat"])
            case "chat_updated" | "notification":
                pass
            case "ack" | "error":
                self.unanswered.discard(frame["op"])
            case other:
                raise AssertionError(f"a plain connection gets nothing of the full protocol: {other}")

    def _hear(self, chat: JsonDict) -> None:
        self.has_heard = True
        if "messages" in chat:
            self.heard = {message["id"]: message["content"] for message in chat["messages"]}
        elif chat.get("removed"):
            self.heard.pop(chat["messageId"], None)
        elif "content" in chat:
            self.heard[chat["messageId"]] = chat["content"]

    def save(self, message_id: int, typed: Typed) -> JsonDict:
        """The frame that saves a message with this done to it."""
        chat: JsonDict = {"id": self.loaded["id"], "messageId": message_id, "content": typed.after}
        if not self.has_heard:
            chat["base"] = self.loaded["offset"]
        frame: JsonDict = {"type": "chat_update", "op": new_op(), "chat": chat}
        self.saved[frame["op"]] = (message_id, typed)
        self.unanswered.add(frame["op"])
        self.record.sent(frame)
        return frame
