"""The library without the web: for commands that work on the data, beside a running server or without one."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from chatsynth.config import Settings
from chatsynth.database.claim import shared_use
from chatsynth.database.engine import open_readers, open_writer
from chatsynth.database.migrate import DatabaseNotUsable, make_folder, migrate
from chatsynth.database.writer import Writer
from chatsynth.kit.clock import Clock, system_clock
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import Context

log = structlog.get_logger(__name__)


@contextmanager
def using_library(settings: Settings, *, may_create: bool = False) -> Iterator[None]:
    """The database is there, at the newest schema, and nobody exchanges it meanwhile.

    Only who may create a library makes one where none is, and says so: the folder may have been mistyped.
    Raises DatabaseNotUsable and InUse.
    """
    is_missing = not settings.database.exists()
    if is_missing and not may_create:
        raise DatabaseNotUsable(
            f"There is no library in {settings.data_dir}. Please check --data and CHATSYNTH_DATA; "
            "“chatsynth serve” and “chatsynth user add” create one."
        )
    make_folder(settings.database)
    with shared_use(settings.database):
        migrate(settings.database)
        if is_missing:
            log.warning("there was no library here: a new one was created", data=str(settings.data_dir))
        yield


@contextmanager
def open_library(settings: Settings, clock: Clock = system_clock, *, may_create: bool = False) -> Iterator[Context]:
    """What is written reaches the clients of a running server, which follows the log. Raises as `using_library`."""
    with using_library(settings, may_create=may_create):
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
