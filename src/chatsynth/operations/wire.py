"""The health of the server, for an administrator."""

from typing import Annotated

from pydantic import Field

from chatsynth.kit.wire_model import WireModel

Milliseconds = Annotated[int, Field(description="Milliseconds since 1970 UTC.")]


class DatabaseHealth(WireModel):
    """`walBytes` is what was committed and not yet merged into the database file; both are the database."""

    schema_version: str
    bytes: int
    wal_bytes: int
    disk_free_bytes: int
    disk_bytes: int


class IntegrityCheck(WireModel):
    """The last time somebody looked whether the database file is undamaged."""

    at: Milliseconds
    is_sound: bool
    found: str


class LiveHealth(WireModel):
    """`behind`: subscriptions that are fed from the log now. `drops`: of the last hour, by reason."""

    connections: int
    people: int
    subscriptions: int
    behind: int
    outbox_bytes: int
    drops: dict[str, int]


class WriteFailure(WireModel):
    at: Milliseconds
    sentence: str


class WriteHealth(WireModel):
    """Of the last hour: from when a change was handed over until it was on disk; the bound that it did not exceed."""

    p50_ms: float | None
    p99_ms: float | None
    failures: int
    waiting: int
    last_failure: WriteFailure | None


class HealthWarning(WireModel):
    """`code` is stable and for programs, `sentence` says what is wrong and what to do."""

    code: str
    sentence: str


class ServerHealth(WireModel):
    version: str
    started_at: Milliseconds
    now: Milliseconds
    database: DatabaseHealth
    integrity: IntegrityCheck | None
    live: LiveHealth
    writes: WriteHealth
    import_jobs: dict[str, int]
    warnings: tuple[HealthWarning, ...]
