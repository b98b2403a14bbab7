"""Every kind of ended right comes out of the log as it went in, for processes that read it there."""

from pathlib import Path

from chatsynth.config import Settings
from chatsynth.database.unit import Unit
from chatsynth.library import open_library
from chatsynth.log.rights import log_rights_change, rights_changes_after
from chatsynth.realtime.errors import CloseCode
from chatsynth.realtime.publication import AfterCommit, ChannelClosed, CredentialEnded, Publication, UserEnded

CHANGES = (
    CredentialEnded("token:9", 7, CloseCode.REVOKED),
    UserEnded(7, CloseCode.DISABLED),
    ChannelClosed("chat:42", 7, "Ann no longer shares this chat with you."),
)


def test_what_ends_is_told_here_and_logged_for_the_others(tmp_path: Path) -> None:
    def work(unit: Unit[AfterCommit]) -> list[AfterCommit]:
        for change in CHANGES:
            log_rights_change(unit, change)
        return unit.after_commit

    with open_library(Settings(data_dir=tmp_path), may_create=True) as library:
        told = library.writer.run(work)
        with library.reading() as db:
            assert rights_changes_after(db, 0) == (list(CHANGES), 3)
            assert rights_changes_after(db, 2) == ([CHANGES[2]], 3)
    assert [each for each in told if not isinstance(each, Publication)] == list(CHANGES)
