"""New lives for logs that were put back to an earlier state: nobody can go on from what they have (rule SUB3)."""

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select, update

from chatsynth.kit.ids import random_id
from chatsynth.log.tables import channels

_SET_EPOCH = update(channels).where(channels.c.id == bindparam("channel_id")).values(epoch=bindparam("new_epoch"))


def new_epochs(db: Connection, epoch: Callable[[], str] = random_id) -> None:
    """Offsets that a client holds may since have been given to other entries, so every channel gets a new epoch."""
    ids = db.execute(select(channels.c.id)).scalars().all()
    if ids:
        db.execute(_SET_EPOCH, [{"channel_id": each, "new_epoch": epoch()} for each in ids])
