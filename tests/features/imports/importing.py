"""A library on a real database file, and exports to import into it."""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from chatsynth.database.migrate import migrate
from chatsynth.features.accounts.repository import insert_account
from chatsynth.features.chats.access import Access, require
from chatsynth.features.chats.snapshot import read_chat
from chatsynth.features.chats.wire import Chat
from chatsynth.features.imports.job_record import job_of
from chatsynth.features.imports.limits import Limits
from chatsynth.features.imports.runner import Progressed, Runner, Wish
from chatsynth.features.imports.service import create_job, own_job
from chatsynth.features.imports.wire import Counts, ImportJob, Report
from chatsynth.features.imports.worker import open_context
from chatsynth.log.append import Authorship
from chatsynth.web.context import Context
from tests.features.imports.exports import JsonDict

LEASE = "test"
MOST_MESSAGES = 1000
UNTOUCHED_TABLES = ("chats", "messages", "chat_sources", "members")


@dataclass
class Library:
    context: Context
    database: Path
    user_id: int
    progressed: list[Progressed] = field(default_factory=list)

    def queue(self, path: Path, lease: str | None = None) -> int:
        return self.context.writer.run(
            lambda unit: create_job(unit, self.user_id, path.name, path, keeps_file=True, lease=lease)
        ).id

    def run(self, job_id: int, wish: Wish = "go on", lease: str = LEASE, limits: Limits | None = None) -> ImportJob:
        runner = Runner(
            self.context, job_id, lease, wish=lambda: wish, on_progress=self.progressed.append, limits=limits
        )
        runner.run()
        return self.job(job_id)

    def import_file(self, path: Path, limits: Limits | None = None) -> Report:
        job = self.run(self.queue(path, LEASE), limits=limits)
        assert job.report is not None
        assert_adds_up(job.report)
        return job.report

    def import_chats(self, path: Path, *chats: JsonDict) -> Report:
        path.write_text(json.dumps(chats))
        return self.import_file(path)

    def job(self, job_id: int) -> ImportJob:
        with self.context.reading() as db:
            return job_of(own_job(db, self.user_id, job_id))

    def chat(self, source_id: str) -> Chat:
        (chat_id,) = self.column("SELECT id FROM chats WHERE source_id = ?", source_id)
        assert isinstance(chat_id, int)
        return self.chat_numbered(chat_id)

    def chat_numbered(self, chat_id: int) -> Chat:
        with self.context.reading() as db:
            return read_chat(db, self.user_id, chat_id, MOST_MESSAGES, None)

    @property
    def by(self) -> Authorship:
        return Authorship(self.user_id)

    def access(self, chat_id: int) -> Access:
        with self.context.reading() as db:
            return require(db, self.user_id, chat_id, "own")

    # The file itself

    def column(self, query: str, *values: object) -> list[object]:
        return [row[0] for row in self.rows(query, *values)]

    def sources(self, source_id: str) -> list[JsonDict]:
        """The JSON that is kept of a chat."""
        query = "SELECT raw FROM chat_sources s JOIN chats c ON c.id = s.chat_id WHERE c.source_id = ? ORDER BY s.id"
        return [json.loads(zlib.decompress(cast("bytes", raw))) for raw in self.column(query, source_id)]

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(query, values).fetchall()

    def count(self, table: str) -> int:
        (number,) = self.column(f"SELECT count(*) FROM {table}")
        assert isinstance(number, int)
        return number

    def contents(self) -> list[object]:
        """Everything that an import without effect leaves as it was."""
        tables = [self.rows(f"SELECT * FROM {table}") for table in UNTOUCHED_TABLES]
        return [tables, self.rows("SELECT name, head FROM channels WHERE name LIKE 'chat:%'"), self.listed()]

    def listed(self) -> list[object]:
        return self.column("SELECT body FROM entries WHERE kind = 'chats_listed' ORDER BY channel_id, offset")

    def entries(self, chat_id: int) -> list[tuple[object, ...]]:
        return self.rows(
            "SELECT offset, kind, body, by_user_id FROM entries JOIN channels ON channels.id = channel_id"
            " WHERE name = ? ORDER BY offset",
            f"chat:{chat_id}",
        )


@contextmanager
def library_at(database: Path) -> Iterator[Library]:
    migrate(database)
    with open_context(database) as context:
        user_id = context.writer.run(
            lambda unit: insert_account(unit.db, "ann@example.org", "Ann", "", unit.now_ms, is_admin=True)
        )
        yield Library(context, database, user_id)


def assert_adds_up(report: Report) -> None:
    for counts in (report.conversations, report.messages):
        assert counts.found == counts.imported + counts.updated + counts.unchanged + counts.skipped
    assert report.conversations.skipped == sum(skip.count for skip in report.skips)
    assert report.messages.skipped == sum(skip.messages for skip in report.skips)


def counts(found: int = 0, imported: int = 0, updated: int = 0, unchanged: int = 0, skipped: int = 0) -> Counts:
    return Counts(found=found, imported=imported, updated=updated, unchanged=unchanged, skipped=skipped)


def texts(chat: Chat) -> Sequence[str]:
    return [message.content for message in chat.messages]
