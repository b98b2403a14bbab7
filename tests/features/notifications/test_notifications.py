"""Notifications are kept until read, each for one person."""

from chatsynth.features.notifications.service import count_unread, list_notifications, mark_read, notify
from chatsynth.log.append import NOBODY
from tests.harness.own_library import OwnLibrary


def _notify(library: OwnLibrary, user_id: int, count: int) -> list[int]:
    return [
        library.writer.run(lambda unit, n=n: notify(unit, user_id, "info", f"{n}", None))[0].id  # type: ignore[misc]
        for n in range(count)
    ]


def test_the_newest_come_first_in_pages_without_a_gap(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    made = _notify(library, ada, 7)
    _notify(library, ben, 3)
    listed: list[int] = []
    cursor: str | None = None
    with library.reading() as db:
        for expected in (3, 3, 1):
            page = list_notifications(db, ada, 3, cursor)
            assert len(page.items) == expected
            listed += [each.id for each in page.items]
            cursor = page.next_cursor
    assert (listed, cursor) == (made[::-1], None)


def test_reading_is_for_ones_own_up_to_one_and_keeps_when_it_was_read_first(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    mine, _ = _notify(library, ada, 4), _notify(library, ben, 2)
    first = library.do(ada, "notifications_read", upTo=mine[1])
    library.do(ada, "notifications_read", upTo=mine[2])
    with library.reading() as db:
        assert (count_unread(db, ada), count_unread(db, ben)) == (1, 2)
        read_at = {each.id: each.read_at for each in list_notifications(db, ada, 10, None).items}
    entries = {entry["offset"]: entry for entry in library.entries(f"user:{ada}")}
    assert read_at[mine[0]] == read_at[mine[1]] == entries[first.offset]["readAt"]
    assert read_at[mine[2]] == entries[first.offset + 1]["readAt"]
    assert read_at[mine[3]] is None


def test_reading_what_others_have_or_nobody_has_is_harmless(library: OwnLibrary) -> None:
    ada, ben = library.person("ada"), library.person("ben")
    _notify(library, ben, 1)
    library.writer.run(lambda unit: mark_read(unit, ada, 2**53, NOBODY))
    with library.reading() as db:
        assert count_unread(db, ben) == 1
