"""Whether the logs are what they promise to be: gapless up to their heads, and nothing beyond them."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

MOST_NAMED = 5

_UNSOUND = text(
    """
    SELECT name, head, pruned_to, count("offset") AS entries, min("offset") AS first, max("offset") AS last
    FROM channels LEFT JOIN entries ON channel_id = channels.id
    GROUP BY channels.id
    HAVING entries != head - pruned_to OR (entries > 0 AND (last != head OR first != pruned_to + 1)) OR epoch = ''
    ORDER BY name
    """
)


def unsound_logs(db: Connection) -> Iterator[str]:
    """A sentence for each log, of the first few."""
    rows = db.execute(_UNSOUND).all()
    for row in rows[:MOST_NAMED]:
        last = "none" if row.last is None else row.last
        yield f"{row.name} has its head at {row.head} and {row.entries} entries, the last at {last}"
    if len(rows) > MOST_NAMED:
        yield f"… and {len(rows) - MOST_NAMED} more logs"
