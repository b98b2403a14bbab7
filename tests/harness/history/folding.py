"""A snapshot of a chat with entries applied to it, by the table of rule ENT2; it knows nothing of the server's code."""

import copy
from collections.abc import Sequence

from tests.harness.json_types import JsonDict

Change = Sequence[int | list[int | str]]
COMPARED = ("id", "title", "role", "channel", "offset", "archivedAt", "deletedAt", "members", "messages")


class CannotFold(Exception):
    """An entry says to load the snapshot again."""


class DoesNotFit(Exception):
    """An entry does not fit what came before it."""


def fold(snapshot: JsonDict, entries: Sequence[JsonDict], user_id: int) -> JsonDict:
    """What a person who loaded `snapshot` sees after these entries. Raises CannotFold and DoesNotFit."""
    chat = {key: copy.deepcopy(snapshot[key]) for key in COMPARED}
    out_of_sight: dict[int, JsonDict] = {}
    for entry in entries:
        if entry["offset"] <= chat["offset"]:
            continue
        if entry["offset"] != chat["offset"] + 1:
            raise DoesNotFit(f"{entry['offset']} follows {chat['offset']}")
        _apply(chat, out_of_sight, copy.deepcopy(entry), user_id)
        chat["offset"] = entry["offset"]
    return chat


def _apply(chat: JsonDict, out_of_sight: dict[int, JsonDict], entry: JsonDict, user_id: int) -> None:
    match entry["type"]:
        case "chat_updated":
            _edit(chat, out_of_sight, entry)
        case "message_added" | "message_restored":
            out_of_sight.pop(entry["message"]["id"], None)
            _put(chat, entry["message"], entry["after"])
        case "message_removed":
            message = _take_out(chat, entry["messageId"])
            if message is not None:
                out_of_sight[entry["messageId"]] = message
        case "message_moved":
            message = _take_out(chat, entry["messageId"])
            if message is not None:
                _put(chat, message, entry["after"])
        case "branch_selected" | "messages_imported":
            raise CannotFold(entry["type"])
        case _:
            _apply_to_chat(chat, entry, user_id)


def _apply_to_chat(chat: JsonDict, entry: JsonDict, user_id: int) -> None:
    match entry["type"]:
        case "chat_created" | "chat_retitled":
            chat["title"] = entry["title"]
        case "chat_archived":
            chat["archivedAt"] = entry["archivedAt"]
        case "chat_deleted":
            chat["deletedAt"] = entry["deletedAt"]
        case "chat_restored":
            chat["deletedAt"] = None
        case "members_changed":
            chat["members"] = entry["members"]
            roles = {member["userId"]: member["role"] for member in entry["members"]}
            chat["role"] = roles.get(user_id, chat["role"])
        case unknown:
            raise DoesNotFit(f"the table of rule ENT2 does not tell what to do with {unknown}")


def _edit(chat: JsonDict, out_of_sight: dict[int, JsonDict], entry: JsonDict) -> None:
    message_id, changes = entry["chat"]["messageId"], entry["chat"]["changes"]
    shown = [message for message in chat["messages"] if message["id"] == message_id]
    for message in (*shown, *filter(None, [out_of_sight.get(message_id)])):
        message["content"] = apply_change(changes, message["content"])
        message["editedAt"] = entry["at"]
        for part in message["parts"]:
            part["at"] = moved_position(changes, part["at"])


def _put(chat: JsonDict, message: JsonDict, after: int | None) -> None:
    _take_out(chat, message["id"])
    ids = [each["id"] for each in chat["messages"]]
    if after is not None and after not in ids:
        raise DoesNotFit(f"message {message['id']} is to follow {after}, which is not shown")
    chat["messages"].insert(0 if after is None else ids.index(after) + 1, message)


def _take_out(chat: JsonDict, message_id: int) -> JsonDict | None:
    for index, message in enumerate(chat["messages"]):
        if message["id"] == message_id:
            found: JsonDict = chat["messages"].pop(index)
            return found
    return None


def apply_change(changes: Change, text: str) -> str:
    """A change set in its JSON form (docs/reference/change-sets.md), counted in UTF-16 code units."""
    units, out, at = text.encode("utf-16-le"), bytearray(), 0
    for part in changes:
        count = part if isinstance(part, int) else part[0]
        assert isinstance(count, int)
        if isinstance(part, int):
            out += units[at : at + 2 * count]
        else:
            out += "\n".join(str(line) for line in part[1:]).encode("utf-16-le")
        at += 2 * count
    if at != len(units):
        raise DoesNotFit(f"a change for {at // 2} units meets a text of {len(units) // 2}")
    return out.decode("utf-16-le")


def moved_position(changes: Change, position: int) -> int:
    """Where a position stands afterwards; what is inserted at it goes before it (rule CS11, assoc 1)."""
    before = after = 0
    for part in changes:
        count = part if isinstance(part, int) else part[0]
        assert isinstance(count, int)
        inserted = count if isinstance(part, int) else len("\n".join(map(str, part[1:])).encode("utf-16-le")) // 2
        if position < before + count:
            if isinstance(part, int):
                return after + position - before
            return after if position == before else after + inserted
        before, after = before + count, after + inserted
    return after
