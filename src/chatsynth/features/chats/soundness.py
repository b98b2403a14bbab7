"""Whether the rows of chats fit together, beyond what the database itself keeps true."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

MOST_NAMED = 5

_CHECKS = {
    "chats count their messages wrongly": """
        SELECT chats.id FROM chats WHERE message_count !=
        (SELECT count(*) FROM messages WHERE chat_id = chats.id AND removed_at IS NULL)""",
    "chats have no owner among their members": """
        SELECT chats.id FROM chats WHERE NOT EXISTS
        (SELECT 1 FROM members WHERE chat_id = chats.id AND user_id = owner_id AND role = 'owner')""",
    "chats have no log": """
        SELECT chats.id FROM chats WHERE NOT EXISTS (SELECT 1 FROM channels WHERE name = 'chat:' || chats.id)""",
    "chats show a branch that ends at a message of no such chat": """
        SELECT chats.id FROM chats WHERE active_leaf_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM messages WHERE messages.id = active_leaf_id AND chat_id = chats.id)""",
    "messages follow a message that is not in their chat": """
        SELECT messages.id FROM messages WHERE parent_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM messages AS above WHERE above.id = messages.parent_id AND above.chat_id = messages.chat_id)""",
}


def unsound_chats(db: Connection) -> Iterator[str]:
    """A sentence for each thing that does not fit, with some of the numbers that it is about."""
    for wrong, statement in _CHECKS.items():
        ids = db.execute(text(statement)).scalars().all()
        if ids:
            some = ", ".join(str(each) for each in ids[:MOST_NAMED])
            yield f"{len(ids)} {wrong} (numbers {some}{', …' if len(ids) > MOST_NAMED else ''})"
