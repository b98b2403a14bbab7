"""Passwords: argon2id, never on the event loop, and never so many at once that others have to wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chatsynth.realtime.errors import ErrorCode, Refused

T = TypeVar("T")
AT_ONCE = 2
MOST_WAITING = 64
TOO_BUSY = "Too many people are signing in at this moment. Please try again in a few seconds."

_HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106, section 4, second choice
_COSTS = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
_UNKNOWABLE = f"$argon2id$v=19${_COSTS}${'A' * 22}${'A' * 43}"
"""The hash of no password that anybody knows. To be compared with, it takes the same work as any other; to be made,
none: or the first stranger to sign in would wait twice as long as somebody who has an account."""


def hash_password(password: str) -> str:
    """Takes tens of milliseconds and 64 MiB."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Takes as long for an account that does not exist (None) as for one that does."""
    try:
        _HASHER.verify(stored or _UNKNOWABLE, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """True for a hash that was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(stored)


class PasswordThreads:
    """A few threads of their own, so that a flood of sign-ins does not take everybody else's."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._free = at_once + most_waiting

    async def hash(self, password: str) -> str:
        return await self._run(lambda: hash_password(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        return await self._run(lambda: password_matches(stored, password))

    async def _run(self, work: Callable[[], T]) -> T:
        """Raises Refused when too many wait already."""
        if self._free == 0:
            raise Refused(ErrorCode.UNAVAILABLE, TOO_BUSY)
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free += 1


PASSWORD_THREADS = PasswordThreads()
"""One for the process, whose processors and memory it spares."""
