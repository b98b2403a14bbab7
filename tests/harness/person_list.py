"""A person's own channel as a client keeps it: the list of chats and the notifications (rule ENT2)."""

import json

from pydantic import TypeAdapter
from sqlalchemy import Connection

from chatsynth.features.chats.listing import View, list_chats
from chatsynth.features.notifications.service import list_notifications
from chatsynth.log.append import channel_position
from tests.harness.json_types import JsonDict

VIEWS: tuple[View, ...] = ("library", "archived", "trash")
_JSON: TypeAdapter[JsonDict] = TypeAdapter(dict)


def read_lists(db: Connection, user_id: int) -> JsonDict:
    """What the HTTP side says of one person, at one moment."""
    channel = f"user:{user_id}"
    epoch, offset = channel_position(db, channel)
    chats = [each for view in VIEWS for each in list_chats(db, user_id, view, 1000, None).items]
    notifications = list_notifications(db, user_id, 1000, None).items
    return {
        "channel": channel,
        "epoch": epoch,
        "offset": offset,
        "chats": {each.id: json.loads(each.wire_json()) for each in chats},
        "notifications": {each.id: json.loads(each.wire_json()) for each in notifications},
    }


def comparable_lists(lists: JsonDict) -> JsonDict:
    """What a list that is followed and a fresh one agree in."""
    return {key: lists[key] for key in ("offset", "chats", "notifications")}


def follow(lists: JsonDict, entry: JsonDict) -> None:
    """Entries that are there already are passed over; a gap is a mistake of the server."""
    if entry["offset"] <= lists["offset"]:
        return
    assert entry["offset"] == lists["offset"] + 1, f"a gap: {entry['offset']} follows {lists['offset']}"
    lists["offset"] = entry["offset"]
    match entry["type"]:
        case "chats_listed":
            lists["chats"].update({chat["id"]: chat for chat in entry["chats"]})
        case "chat_unlisted":
            lists["chats"].pop(entry["chatId"], None)
        case "notification":
            lists["notifications"][entry["notification"]["id"]] = dict(entry["notification"])
        case "notifications_were_read":
            for notification in lists["notifications"].values():
                if notification["id"] <= entry["upTo"] and notification["readAt"] is None:
                    notification["readAt"] = entry["readAt"]
        case unknown:
            raise AssertionError(f"the protocol does not know the entry {unknown}")
