"""How the writer answers from its thread: another thread at once, an event loop for a whole group in one call.

A concurrent future for each command, and one wake-up of the loop for each, cost as much as all else that the loop does.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass

AnyFuture = Future[object] | asyncio.Future[object]


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome` is raised from the future if it is an error of this program's making (`is_error`), else its result."""

    future: AnyFuture
    outcome: object
    is_error: bool


def refusal(future: AnyFuture, error: Exception) -> Answer:
    return Answer(future, error, is_error=True)


def is_wanted(future: AnyFuture) -> bool:
    """False when whoever asked gave up before the work began."""
    if isinstance(future, Future):
        return future.set_running_or_notify_cancel()
    return not future.cancelled()


def tell(answers: Iterable[Answer]) -> None:
    """From any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Answer]] = {}
    for answer in answers:
        if isinstance(answer.future, Future):
            _settle(answer)
        else:
            by_loop.setdefault(answer.future.get_loop(), []).append(answer)
    for loop, of_loop in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all who waited
            loop.call_soon_threadsafe(_settle_all, of_loop)


def _settle_all(answers: Iterable[Answer]) -> None:
    for answer in answers:
        if not answer.future.done():
            _settle(answer)


def _settle(answer: Answer) -> None:
    if answer.is_error:
        assert isinstance(answer.outcome, Exception)
        answer.future.set_exception(answer.outcome)
    else:
        answer.future.set_result(answer.outcome)
