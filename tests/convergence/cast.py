"""The library that a history begins with."""

from pathlib import Path

from tests.convergence.again import FIRST, conversation, import_into
from tests.convergence.world import Cast
from tests.harness.own_library import own_library

_GIVE_PARTS = "UPDATE messages SET parts = ? WHERE source_id = 'm0'"


def beginning(folder: Path) -> Cast:
    """A chat with a fork, a part in a text, and members."""
    with own_library(folder) as library:
        people = {name: library.person(name) for name in ("ada", "ben", "cleo", "dan")}
        import_into(library.path, folder, people["ada"], conversation(FIRST))
        with library.reading() as db:
            chat_id = db.exec_driver_sql("SELECT id FROM chats").scalar_one()
        for name, role in (("ben", "editor"), ("cleo", "viewer"), ("dan", "editor")):
            library.do(people["ada"], "chat_share", chat={"id": chat_id}, email=f"{name}@example.org", role=role)
        parts = '[{"type": "badge", "at": 0, "text": "a"}, {"type": "badge", "at": 3, "text": "b"}]'
        library.writer.run(lambda unit: unit.db.exec_driver_sql(_GIVE_PARTS, (parts,)))
    return Cast(library.path, people, chat_id, folder)
