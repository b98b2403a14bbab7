"""A change set as JSON text, made in steps: a paste of a million lines at once would hold up everybody (promise P7)."""

from pydantic_core import to_json

from chatsynth.changes import ChangeJson

AT_ONCE = 5_000
"""So many values take about a millisecond; between two steps other threads have their turn."""


def changes_json(changes: ChangeJson) -> bytes:
    if len(changes) + sum(len(part) for part in changes if isinstance(part, list)) <= AT_ONCE:
        return to_json(changes)
    return b"[" + b",".join(_part_json(part) for part in changes) + b"]"


def _part_json(part: int | list[int | str]) -> bytes:
    if isinstance(part, int) or len(part) <= AT_ONCE:
        return to_json(part)
    steps = (to_json(part[start : start + AT_ONCE])[1:-1] for start in range(0, len(part), AT_ONCE))
    return b"[" + b",".join(steps) + b"]"
