"""A writer on a database file of its own, and small commands for it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from chatsynth.database.engine import open_writer
from chatsynth.database.unit import Unit
from chatsynth.database.writer import Writer

ROW = "INSERT INTO login_failures (email, address, at) VALUES (:email, :address, 0)"


class Store:
    """A writer on a file, what it published, and a gate that makes many commands wait for one group."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.published: list[str] = []
        self.foreign = threading.Event()
        self.looks_fail = False
        self.looked_before: list[str] = []
        """What had been published when others' commits were last looked at."""
        self.writer: Writer[str] = Writer(open_writer(path), lambda: 5, self.published.extend, self._note_foreign)

    def _note_foreign(self, _: Connection) -> None:
        self.foreign.set()
        if self.looks_fail:
            raise OSError("the disk is gone")
        self.looked_before = list(self.published)

    def rows(self) -> list[str]:
        with closing(sqlite3.connect(self.path)) as db:
            return [email for (email,) in db.execute("SELECT email FROM login_failures ORDER BY id")]

    @contextmanager
    def as_one_group(self) -> Iterator[None]:
        """What is submitted in the block is committed together."""
        entered, gate = threading.Event(), threading.Event()

        def hold(_: Unit[str]) -> None:
            entered.set()
            gate.wait()

        self.writer.submit(hold)
        entered.wait()
        try:
            yield
        finally:
            gate.set()


def put(email: str, size: int = 0) -> Callable[[Unit[str]], str]:
    def work(unit: Unit[str]) -> str:
        unit.db.execute(text(ROW), {"email": email, "address": "x" * size})
        unit.after_commit.append(email)
        return email

    return work


def put_and_fail(email: str) -> Callable[[Unit[str]], str]:
    def work(unit: Unit[str]) -> str:
        put(email)(unit)
        raise ValueError(email)

    return work


def run_sql(statement: str) -> Callable[[Unit[str]], object]:
    return lambda unit: unit.db.exec_driver_sql(statement)
