"""A flood of sign-ins waits for itself, and not without end."""

import asyncio

import pytest

from chatsynth.features.accounts.passwords import PasswordThreads, password_matches
from chatsynth.realtime.errors import ErrorCode, Refused

pytestmark = pytest.mark.anyio


async def test_more_than_may_wait_are_refused_and_the_others_are_served() -> None:
    threads = PasswordThreads(at_once=1, most_waiting=1)
    answers = await asyncio.gather(*(threads.hash("secret") for _ in range(5)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [each.code for each in refused] == [ErrorCode.UNAVAILABLE] * 3
    assert all(password_matches(answer, "secret") for answer in answers if isinstance(answer, str))
    assert isinstance(await threads.hash("secret"), str)


async def test_a_password_belongs_to_its_hash_alone() -> None:
    threads = PasswordThreads()
    stored = await threads.hash("secret")
    assert stored.startswith("$argon2id$")
    assert await threads.matches(stored, "secret") is True
    assert await threads.matches(stored, "Secret") is False
    assert await threads.matches(None, "nobody’s password") is False
    assert await threads.matches("no hash", "secret") is False
