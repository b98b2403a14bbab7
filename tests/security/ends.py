"""Every way in which somebody loses a right: over HTTP, by another process on the same data, on the command line."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chatsynth.features.accounts import repository, service
from chatsynth.features.chats.access import require
from chatsynth.features.sharing.service import unshare
from chatsynth.log.append import Authorship
from tests.harness.people import Person, page_headers, request
from tests.security.cast import PASSWORD, QUICK_HASH


@dataclass(frozen=True)
class Case:
    """A chat of the owner, in which the victim is an editor."""

    owner: Person
    victim: Person
    admin: Person
    chat_id: int

    @property
    def channel(self) -> str:
        return f"chat:{self.chat_id}"


End = Callable[[Case], None]


def _post_as_the_page(case: Case, path: str) -> None:
    answer = request(case.victim.server, "POST", path, None, page_headers(case.victim.server, case.victim.cookie))
    assert answer.status_code == 204, answer.text


def _sign_out(case: Case) -> None:
    _post_as_the_page(case, "/api/logout")


def _sign_out_everywhere(case: Case) -> None:
    _post_as_the_page(case, "/api/logout-everywhere")


def _change_password(case: Case) -> None:
    """With an access token, so every login ends."""
    write = case.victim.server.library().writer.run
    write(lambda unit: repository.update_account(unit.db, case.victim.id, password_hash=QUICK_HASH))
    case.victim.post("/api/me/password", {"current": PASSWORD, "new": "another good one"})


def _set_password_on_the_command_line(case: Case) -> None:
    _command_line(case, "user", "password", case.victim.email, stdin="another good one\n")


def _sign_out_everywhere_beside(case: Case) -> None:
    case.victim.server.library().writer.run(lambda unit: service.log_out_everywhere(unit, case.victim.id))


def _revoke_token(case: Case) -> None:
    case.victim.delete(f"/api/tokens/{case.victim.token_id}")


def _revoke_token_beside(case: Case) -> None:
    write = case.victim.server.library().writer.run
    write(lambda unit: service.revoke_token(unit, case.victim.id, case.victim.token_id))


def _disable(case: Case) -> None:
    case.admin.patch(f"/api/users/{case.victim.id}", {"disabled": True})


def _disable_on_the_command_line(case: Case) -> None:
    _command_line(case, "user", "disable", case.victim.email)


def _unshare(case: Case) -> None:
    case.owner.unshare(case.chat_id, case.victim)


def _leave(case: Case) -> None:
    case.victim.unshare(case.chat_id, case.victim)


def _unshare_beside(case: Case) -> None:
    owner = case.owner.id
    case.owner.server.library().writer.run(
        lambda unit: unshare(
            unit, require(unit.db, owner, case.chat_id, "own"), owner, case.victim.id, Authorship(owner)
        )
    )


def _command_line(case: Case, *words: str, stdin: str = "") -> None:
    command = [sys.executable, "-m", "chatsynth", *words, "--data", str(case.victim.server.data)]
    subprocess.run(command, input=stdin, text=True, check=True, capture_output=True)


OF_THE_LOGIN: Mapping[str, tuple[End, int]] = {
    "signed out": (_sign_out, 4500),
    "signed out everywhere": (_sign_out_everywhere, 4500),
    "signed out everywhere, beside": (_sign_out_everywhere_beside, 4500),
    "password changed": (_change_password, 4500),
    "password set, command line": (_set_password_on_the_command_line, 4500),
    "account disabled": (_disable, 4503),
    "account disabled, command line": (_disable_on_the_command_line, 4503),
}
"""With the code with which connections by the session cookie close."""

OF_THE_TOKEN: Mapping[str, tuple[End, int]] = {
    "token revoked": (_revoke_token, 4502),
    "token revoked, beside": (_revoke_token_beside, 4502),
}

OF_THE_CHAT: Mapping[str, End] = {
    "unshared": _unshare,
    "unshared, beside": _unshare_beside,
    "left": _leave,
}
