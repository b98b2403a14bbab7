"""What whoever runs the server should look after, in words. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from chatsynth.database.integrity import Integrity
from chatsynth.operations.files import FileSizes
from chatsynth.operations.recent import Recent
from chatsynth.operations.wire import HealthWarning

GIB = 1024**3
MIB = 1024**2
LITTLE_DISK_BYTES = GIB
LITTLE_DISK_SHARE = 0.05
LARGE_WAL_BYTES = 512 * MIB
CLOCK_STEP_S = 5.0
MANY_FILES_SHARE = 0.8
SLOW_WRITES_S = 1.0
OLD_CHECK_MS = 90 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """`clock_step_s` is how far the clock was set while the server ran."""

    now_ms: int
    library_since_ms: int
    files: FileSizes
    integrity: Integrity | None
    recent: Recent
    clock_step_s: float
    open_files: int
    most_files: int
    comes_without_https: bool
    comes_through_unknown_proxy: bool
    metrics_are_open: bool


def warnings_of(facts: Facts) -> tuple[HealthWarning, ...]:
    found = ((code, sentence_of(facts)) for code, sentence_of in _CHECKS.items())
    return tuple(HealthWarning(code=code, sentence=sentence) for code, sentence in found if sentence)


def _damaged(facts: Facts) -> str | None:
    if facts.integrity is None or facts.integrity.is_sound:
        return None
    return f"The database is damaged ({facts.integrity.found}). Stop the server and put back a backup."


def _write_failures(facts: Facts) -> str | None:
    if not facts.recent.write_failures:
        return None
    return f"Changes could not be stored {facts.recent.write_failures} times in the last hour; see the last failure."


def _little_disk(facts: Facts) -> str | None:
    free, whole = facts.files.disk_free_bytes, facts.files.disk_bytes
    if free >= LITTLE_DISK_BYTES and free >= LITTLE_DISK_SHARE * whole:
        return None
    return f"Only {free // MIB} MiB are free on the disk of the database. When it is full, nothing more can be stored."


def _large_wal(facts: Facts) -> str | None:
    if facts.files.wal_bytes < LARGE_WAL_BYTES:
        return None
    size = facts.files.wal_bytes // MIB
    return (
        f"{size} MiB of changes wait to be merged into the database file: some program has held it open for reading "
        "for a long time. End that program, such as a database browser or a backup that hangs."
    )


def _slow_writes(facts: Facts) -> str | None:
    p99_s = facts.recent.write_p99_s
    if p99_s is None or p99_s < SLOW_WRITES_S:
        return None
    return (
        f"One change in a hundred took {p99_s:g} seconds or more to store in the last hour: the disk is slow or busy."
    )


def _dropped(facts: Facts) -> str | None:
    reasons = ", ".join(f"{count} × {reason}" for reason, count in sorted(facts.recent.drops.items()))
    mistakes = facts.recent.drops.get("mistake", 0)
    return f"The server made {mistakes} mistakes with connections in the last hour ({reasons})." if mistakes else None


def _clock(facts: Facts) -> str | None:
    if abs(facts.clock_step_s) < CLOCK_STEP_S:
        return None
    return (
        f"The clock of this machine was set by {facts.clock_step_s:+.0f} seconds while the server ran. The times of "
        "entries and the ends of sign-ins follow that clock; let a time service keep it."
    )


def _files(facts: Facts) -> str | None:
    if facts.open_files < MANY_FILES_SHARE * facts.most_files:
        return None
    return (
        f"{facts.open_files} of at most {facts.most_files} files and connections are open; more are refused by the "
        "system. Raise the limit (`ulimit -n`, or LimitNOFILE in a systemd unit)."
    )


def _no_https(facts: Facts) -> str | None:
    if not facts.comes_without_https:
        return None
    return (
        "You reached this server without HTTPS: passwords and chats can be read on the way. Put HTTPS in front of it."
    )


def _unknown_proxy(facts: Facts) -> str | None:
    if not facts.comes_through_unknown_proxy:
        return None
    return (
        "A proxy seems to be in front of this server, but CHATSYNTH_TRUST_PROXY is not set: everybody counts as one "
        "address when attempts to sign in are limited."
    )


def _open_metrics(facts: Facts) -> str | None:
    return "Everybody who reaches this server can read /metrics." if facts.metrics_are_open else None


def _old_check(facts: Facts) -> str | None:
    sound_since_ms = facts.library_since_ms if facts.integrity is None else facts.integrity.at_ms
    if facts.now_ms - sound_since_ms < OLD_CHECK_MS:
        return None
    return "The database has not been checked for damage in the last 90 days; check it here or with `chatsynth doctor`."


_CHECKS: dict[str, Callable[[Facts], str | None]] = {
    "damaged": _damaged,
    "write_failures": _write_failures,
    "little_disk": _little_disk,
    "large_wal": _large_wal,
    "slow_writes": _slow_writes,
    "mistakes": _dropped,
    "clock": _clock,
    "open_files": _files,
    "no_https": _no_https,
    "unknown_proxy": _unknown_proxy,
    "open_metrics": _open_metrics,
    "old_check": _old_check,
}
