from typing import get_args

from sqlalchemy import Connection, func, select

from chatsynth.features.imports.tables import imports
from chatsynth.features.imports.wire import ImportState


def jobs_by_state(db: Connection) -> dict[str, int]:
    """How many imports there are in each state, those that ended included."""
    rows = db.execute(select(imports.c.state, func.count()).group_by(imports.c.state))
    return dict.fromkeys(get_args(ImportState), 0) | {row.state: row[1] for row in rows}
