"""What one person can fill another's list of notifications with, and their own, is bounded (promise P7)."""

import pytest

from chatsynth.features.notifications.allowance import MINUTE_MS, Allowance
from chatsynth.features.notifications.service import list_notifications
from chatsynth.log.execute import once
from chatsynth.log.ops import Outcome
from chatsynth.node import command_handlers
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.identity import Identity, Origin
from chatsynth.web.problems import RateLimited
from tests.harness.own_library import OwnLibrary, command_of

A_MINUTE = 3


def test_so_many_a_minute_and_then_a_wait_that_is_long_enough() -> None:
    allowance = Allowance(A_MINUTE)
    for at_ms in (0, 10_000, 20_000):
        allowance.take(1, at_ms)
    for at_ms, wait_s in ((20_000, 40), (59_001, 1), (59_999, 1)):
        with pytest.raises(RateLimited) as refused:
            allowance.take(1, at_ms)
        assert (refused.value.code, refused.value.retry_after_s) == (ErrorCode.RATE_LIMITED, wait_s)
    allowance.take(2, 59_999)
    allowance.take(1, MINUTE_MS)
    with pytest.raises(RateLimited):
        allowance.take(1, MINUTE_MS)


def test_nothing_is_remembered_of_who_caused_none_for_a_minute() -> None:
    allowance = Allowance(A_MINUTE)
    for user_id in range(1000):
        allowance.take(user_id, user_id)
    allowance.take(500, 2 * MINUTE_MS)
    assert allowance.people == 1


class _Limited:
    """Changes of people of whom each may cause few notifications."""

    def __init__(self, library: OwnLibrary) -> None:
        self._library = library
        self._handlers = command_handlers(1000, A_MINUTE)

    def do(self, user_id: int, type_: str, **fields: object) -> Outcome:
        command = command_of({"type": type_, **fields})
        origin = Origin(Identity(user_id, "", "token:1", None), "tests", None)
        return self._library.writer.run(lambda unit: once(unit, self._handlers[type(command)], origin, command))

    def refused(self, user_id: int, type_: str, **fields: object) -> bool:
        with pytest.raises(Refused) as refused:
            self.do(user_id, type_, **fields)
        return refused.value.code is ErrorCode.RATE_LIMITED

    def notifications(self, user_id: int) -> int:
        with self._library.reading() as db:
            return len(list_notifications(db, user_id, 100, None).items)


def test_sharing_and_unsharing_in_turns_does_not_fill_the_others_list(library: OwnLibrary) -> None:
    limited, ada, ben = _Limited(library), library.person("ada"), library.person("ben")
    chat = {"id": library.new_chat(ada, "one")["id"]}
    for _ in range(A_MINUTE):
        limited.do(ada, "chat_share", chat=chat, email="ben@example.org", role="viewer")
        limited.do(ada, "chat_unshare", chat=chat, userId=ben)
    before = library.entries(f"user:{ben}")
    assert limited.refused(ada, "chat_share", chat=chat, email="ben@example.org", role="viewer")
    assert limited.notifications(ben) == A_MINUTE
    assert library.entries(f"user:{ben}") == before
    library.now_ms += MINUTE_MS
    limited.do(ada, "chat_share", chat=chat, email="ben@example.org", role="viewer")
    assert limited.notifications(ben) == A_MINUTE + 1


def test_a_role_that_changes_notifies_nobody_and_takes_nothing(library: OwnLibrary) -> None:
    limited, ada, _ = _Limited(library), library.person("ada"), library.person("ben")
    chat = {"id": library.new_chat(ada, "one")["id"]}
    for role in ("viewer", "editor") * (2 * A_MINUTE):
        limited.do(ada, "chat_share", chat=chat, email="ben@example.org", role=role)


def test_ones_own_notifications_count_and_others_do_not(library: OwnLibrary) -> None:
    limited, ada, ben = _Limited(library), library.person("ada"), library.person("ben")
    for number in range(A_MINUTE):
        limited.do(ada, "notification", op=f"n-{number}", message="hello")
    assert limited.refused(ada, "notification", op="n-more", message="hello")
    limited.do(ada, "notification", op="n-0", message="hello")  # sent again, it is no other one
    limited.do(ben, "notification", message="hello")
    assert limited.notifications(ada) == A_MINUTE
    library.now_ms += MINUTE_MS
    limited.do(ada, "notification", op="n-more", message="hello")
