"""A chat as a client keeps it: a snapshot and the entries after it, by the tables of docs/reference/protocol.md."""

import copy
from collections.abc import Sequence

from chatsynth.changes import ChangeSet, Text, apply, map_pos
from tests.harness.json_types import JsonDict

COMPARED = (
    "id",
    "title",
    "role",
    "channel",
    "offset",
    "archivedAt",
    "deletedAt",
    "members",
    "messages",
)


def comparable(snapshot: JsonDict) -> JsonDict:
    """What a snapshot and a replica of it agree in; lists of chats tell the rest."""
    return {key: snapshot[key] for key in COMPARED}


class Replica:
    """`removed` holds messages that are out of sight: their texts go on, for whoever still has edits of them."""

    def __init__(self, snapshot: JsonDict, user_id: int) -> None:
        self.chat = copy.deepcopy(snapshot)
        self.user_id = user_id
        self.removed: dict[int, JsonDict] = {}
        self._was_imported = False
        self.needs_snapshot = False
        """The order of the messages is not known until a snapshot was loaded; their texts are."""

    @property
    def offset(self) -> int:
        return int(self.chat["offset"])

    @property
    def position(self) -> JsonDict:
        return {key: self.chat[key] for key in ("channel", "epoch", "offset")}

    @property
    def messages(self) -> list[JsonDict]:
        found: list[JsonDict] = self.chat["messages"]
        return found

    def text(self, message_id: int) -> str:
        return str(self._known(message_id)["content"])

    def _known(self, message_id: int) -> JsonDict:
        for message in self.messages:
            if message["id"] == message_id:
                return message
        return self.removed[message_id]

    def knows(self, message_id: int) -> bool:
        return message_id in self.removed or any(message["id"] == message_id for message in self.messages)

    # Entries

    def apply(self, entry: JsonDict) -> None:
        """Entries that the snapshot has already are passed over; a gap is a mistake of the server."""
        assert entry["channel"] == self.chat["channel"]
        if entry["offset"] <= self.offset:
            return
        assert entry["offset"] == self.offset + 1, f"a gap: {entry['offset']} follows {self.offset}"
        self.chat["offset"] = entry["offset"]
        getattr(self, f"_on_{entry['type']}")(entry)

    def reload(self, snapshot: JsonDict) -> None:
        """A snapshot at the replica's own offset takes the place of all that was known."""
        assert snapshot["offset"] == self.offset
        for message in snapshot["messages"]:
            if self.knows(message["id"]):
                self._compare(message, self._known(message["id"]))
        shown = {message["id"] for message in snapshot["messages"]}
        left = [message for message in self.messages if message["id"] not in shown]
        self.removed = {key: each for key, each in self.removed.items() if key not in shown}
        self.removed.update({message["id"]: message for message in left})
        self.chat = copy.deepcopy(snapshot)
        self.needs_snapshot = self._was_imported = False

    def _compare(self, fresh: JsonDict, known: JsonDict) -> None:
        """What a snapshot says of a message that was followed; an import also brings new parts of known messages."""
        assert fresh["content"] == known["content"]
        if not self._was_imported:
            assert (fresh["parts"], fresh["editedAt"]) == (known["parts"], known["editedAt"])

    def _on_chat_updated(self, entry: JsonDict) -> None:
        update = entry["chat"]
        if not self.knows(update["messageId"]):
            return
        message = self._known(update["messageId"])
        change = ChangeSet.from_json(update["changes"], max_parts=None, max_inserted=None)
        message["content"] = str(apply(change, Text.of(message["content"])))
        message["editedAt"] = entry["at"]
        for part in message["parts"]:
            part["at"] = map_pos(change, part["at"], 1)

    def _on_message_added(self, entry: JsonDict) -> None:
        self._put(copy.deepcopy(entry["message"]), entry["after"])

    _on_message_restored = _on_message_added

    def _on_message_removed(self, entry: JsonDict) -> None:
        message_id = entry["messageId"]
        if any(message["id"] == message_id for message in self.messages):
            self.removed[message_id] = self._known(message_id)
            self._take_out(message_id)

    def _on_message_moved(self, entry: JsonDict) -> None:
        if any(message["id"] == entry["messageId"] for message in self.messages):
            self._put(self._known(entry["messageId"]), entry["after"])

    def _on_branch_selected(self, _: JsonDict) -> None:
        self.needs_snapshot = True

    def _on_messages_imported(self, _: JsonDict) -> None:
        self.needs_snapshot = self._was_imported = True

    def _on_chat_created(self, entry: JsonDict) -> None:
        self.chat["title"] = entry["title"]

    _on_chat_retitled = _on_chat_created

    def _on_chat_archived(self, entry: JsonDict) -> None:
        self.chat["archivedAt"] = entry["archivedAt"]

    def _on_chat_deleted(self, entry: JsonDict) -> None:
        self.chat["deletedAt"] = entry["deletedAt"]

    def _on_chat_restored(self, _: JsonDict) -> None:
        self.chat["deletedAt"] = None

    def _on_members_changed(self, entry: JsonDict) -> None:
        self.chat["members"] = entry["members"]
        for member in entry["members"]:
            if member["userId"] == self.user_id:
                self.chat["role"] = member["role"]

    def _put(self, message: JsonDict, after: int | None) -> None:
        if self.knows(message["id"]):
            assert message["content"] == self.text(message["id"])
        self._take_out(message["id"])
        self.removed.pop(message["id"], None)
        ids = [each["id"] for each in self.messages]
        if after is None:
            self.messages.insert(0, message)
        elif after in ids:
            self.messages.insert(ids.index(after) + 1, message)
        else:
            assert self.needs_snapshot, f"{after} is not shown, so nothing can follow it"
            self.messages.append(message)

    def _take_out(self, message_id: int) -> None:
        self.messages[:] = [message for message in self.messages if message["id"] != message_id]


def apply_all(replica: Replica, entries: Sequence[JsonDict]) -> None:
    for entry in entries:
        replica.apply(entry)
