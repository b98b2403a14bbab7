"""Random changes of a chat, made through the real services: what people do, and what makes no sense."""

from random import Random

from chatsynth.realtime.errors import Refused
from tests.changes.samples import random_text
from tests.harness.json_types import JsonDict
from tests.harness.own_library import OwnLibrary

ROLES = ["editor", "viewer"]
STRUCTURE = ["message_add", "message_remove", "message_restore", "message_move", "content", "content"]
REST = ["branch", "branch_select", "chat_retitle", "chat_archive", "chat_delete", "chat_restore", "members", "whole"]


def act(random: Random, library: OwnLibrary, user_id: int, chat_id: int, *, branches: bool = True) -> None:
    """One change, also of messages that are removed or on another branch; it may be refused."""
    kind = random.choice(STRUCTURE + REST if branches else STRUCTURE)
    frame = _frame(random, library, user_id, chat_id, kind)
    try:
        library.do(user_id, **frame)
    except Refused:
        assert kind in ("message_move", "members"), frame


def _frame(random: Random, library: OwnLibrary, user_id: int, chat_id: int, kind: str) -> JsonDict:
    every = _message_ids(library, chat_id)
    shown = [message["id"] for message in library.chat(user_id, chat_id)["messages"]]
    chat, message = {"id": chat_id}, {"id": chat_id, "messageId": random.choice(every)}
    text, said = random_text(random, 12), {"content": random_text(random, 5), "role": "assistant"}
    shares = {"type_": "chat_share", "chat": chat, "email": "ben@example.org", "role": random.choice(ROLES)}
    unshares = {"type_": "chat_unshare", "chat": chat, "userId": user_id + 1}
    frames: dict[str, JsonDict] = {
        "message_add": {"chat": chat, "message": said, "after": random.choice([None, "end", *shown])},
        "branch": {"type_": "message_add", "chat": chat, "message": said, "after": random.choice(every)},
        "message_move": {"chat": message, "after": random.choice([None, *every])},
        "content": {"type_": "chat_update", "chat": {**message, "content": text}},
        "whole": {"type_": "chat_update", "chat": {**chat, "content": f"{text}\n\n## Assistant\n\nyes"}},
        "chat_retitle": {"chat": {**chat, "title": text}},
        "chat_archive": {"chat": chat, "archived": random.random() < 0.5},
        "chat_delete": {"chat": chat},
        "chat_restore": {"chat": chat},
        "members": random.choice([shares, unshares]),
    }
    return {"type_": kind, **frames.get(kind, {"chat": message})}


def _message_ids(library: OwnLibrary, chat_id: int) -> list[int]:
    with library.reading() as db:
        rows = db.exec_driver_sql("SELECT id FROM messages WHERE chat_id = ? ORDER BY id", (chat_id,))
        return [row.id for row in rows]
