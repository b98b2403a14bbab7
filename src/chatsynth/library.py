"""The library without the web: for commands that work on the data, beside a running server or without one."""

from collections.abc import Iterator
from contextlib import contextmanager

from chatsynth.config import Settings
from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.migrate import migrate
from chatsynth.database.writer import Writer
from chatsynth.kit.clock import Clock, system_clock
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context


@contextmanager
def open_library(settings: Settings, clock: Clock = system_clock) -> Iterator[Context]:
    """Migrates first. What is written reaches the clients of a running server, which follows the log.

    Raises DatabaseNotUsable.
    """
    migrate(settings.database)
    readers = open_readers(settings.database)
    writer: Writer[AfterCommit] = Writer(
        open_writer(settings.database), clock, _nobody_listens_here, lock_timeout_s=settings.lock_timeout_s
    )
    writer.start()
    try:
        yield Context(clock, readers, writer)
    finally:
        writer.stop()
        readers.dispose()


def _nobody_listens_here(_: list[AfterCommit]) -> None:
    """The connections are those of the server's process."""
