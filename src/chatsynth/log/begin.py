"""Beginning many logs at once, for channels that nobody can listen to yet."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import Connection, func, select

from chatsynth.database.bulk import insert_rows
from chatsynth.database.prepared import Prepared
from chatsynth.kit.ids import random_id
from chatsynth.kit.wire_model import WireModel
from chatsynth.log.append import Authorship
from chatsynth.log.tables import channels, entries

_LAST_ID = Prepared(select(func.max(channels.c.id)))
_CHANNEL_COLUMNS = ("id", "name", "epoch", "head")
_ENTRY_COLUMNS = ("channel_id", "offset", "kind", "by_user_id", "at", "body")


def begin_logs(db: Connection, firsts: Sequence[tuple[str, WireModel]], by: Authorship, now_ms: int) -> None:
    """New channels, each with its first entry. The caller's transaction holds the write lock, and none exists yet."""
    if not firsts:
        return
    (last_id,) = cast("tuple[int | None]", _LAST_ID.one(db))
    names = [((last_id or 0) + number, name) for number, (name, _) in enumerate(firsts, start=1)]
    insert_rows(db, channels, _CHANNEL_COLUMNS, [(id_, name, random_id(), 1) for id_, name in names])
    bodies = [
        (id_, 1, getattr(body, "type"), by.user_id, now_ms, body.wire_json().decode())  # noqa: B009
        for (id_, _), (_, body) in zip(names, firsts, strict=True)
    ]
    insert_rows(db, entries, _ENTRY_COLUMNS, bodies)
