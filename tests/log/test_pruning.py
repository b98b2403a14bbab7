"""What a server forgets by itself: old entries of people's lists, and nothing of any chat."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from chatsynth.config import Settings
from chatsynth.database.migrate import migrate
from chatsynth.features.accounts.service import add_account
from chatsynth.features.chats.lifecycle import create
from chatsynth.features.chats.wire import NewChat
from chatsynth.features.notifications.service import notify
from chatsynth.log.append import NOBODY
from chatsynth.log.recover import heads, read_page
from chatsynth.log.tables import channels, entries
from chatsynth.node import Node

pytestmark = pytest.mark.anyio


async def test_a_server_forgets_old_entries_of_lists_and_none_of_a_chat(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", list_history_days=1)
    migrate(settings.database)
    node = Node(settings)
    async with node.running():
        write = node.context.write
        ada = await write(lambda unit: add_account(unit, "ada@example.org", "Ada", "no hash", is_admin=True))
        chat_id, _ = await write(lambda unit: create(unit, ada, NewChat(title="old"), NOBODY))
        await write(lambda unit: unit.db.execute(update(entries).values(at=0)))
        await write(lambda unit: notify(unit, ada, "info", "new", None))
        await node.prune()
        with node.context.reading() as db:
            assert [each.offset for each in read_page(db, f"user:{ada}", 0).entries] == [2]
            assert [each.offset for each in read_page(db, f"chat:{chat_id}", 0).entries] == [1]
            assert heads(db, [f"user:{ada}"])[f"user:{ada}"].pruned_to == 1
            assert set(db.scalars(select(channels.c.name).where(channels.c.pruned_to > 0))) == {f"user:{ada}"}
