"""One command's share of a transaction: its connection, its time, and what is told to others after the commit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import Connection

Event = TypeVar("Event")
T = TypeVar("T")


@dataclass(slots=True)
class Unit(Generic[Event]):
    """`after_commit` reaches the live core only once the transaction is on disk, in the order of the commits."""

    db: Connection
    now_ms: int
    after_commit: list[Event] = field(default_factory=list)


Work = Callable[[Unit[Event]], T]
