"""Everybody who can ask a server for something, and the chat that they ask about."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from argon2 import PasswordHasher
from sqlalchemy import delete, insert, update

from chatsynth.database.unit import Unit
from chatsynth.features.accounts import repository, service
from chatsynth.features.accounts.tables import api_tokens, invitations
from chatsynth.features.chats import lifecycle, structure
from chatsynth.features.chats.access import Access, require
from chatsynth.features.chats.tables import members
from chatsynth.features.chats.wire import MemberRole, NewChat, NewMessage
from chatsynth.features.imports.service import MOST_WAITING, create_job
from chatsynth.features.imports.tables import imports
from chatsynth.features.notifications.allowance import Allowance
from chatsynth.features.sharing.service import share, unshare
from chatsynth.kit.ids import random_secret
from chatsynth.log.append import Authorship
from chatsynth.realtime.publication import AfterCommit
from tests.harness.people import Person, page_headers, sign_up
from tests.harness.running_server import RunningServer

PASSWORD = "correct horse battery"
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
SIGNED_IN = ("owner", "editor", "viewer", "former", "stranger", "admin")


@dataclass(frozen=True)
class Cast:
    """`people` are the signed-in columns of the tables; `ended` are headers that sign nobody in, by what ended."""

    server: RunningServer
    people: Mapping[str, Person]
    guest: Person
    disabled: Person
    ended: Mapping[str, Mapping[str, str]]
    rows: "EveryRow"


@dataclass(frozen=True)
class Scene:
    """Numbers of things of the owner; `removed_id` is a message that was removed."""

    chat_id: int
    message_id: int
    removed_id: int
    token_id: int
    invitation_id: int
    job_id: int

    @property
    def channel(self) -> str:
        return f"chat:{self.chat_id}"


NOWHERE = Scene(*(9_000_000_001 + number for number in range(6)))
"""Nothing of it exists."""


def assemble(server: RunningServer) -> Cast:
    people = {name: sign_up(server, "Admin" if name == "admin" else name.title()) for name in SIGNED_IN}
    guest, disabled = sign_up(server, "Guest"), sign_up(server, "Disabled")
    for person in (*people.values(), guest):
        _set_password(server, person.id)
    ended = _ended(server, people["owner"], disabled)
    return Cast(server, MappingProxyType(people), guest, disabled, ended, EveryRow(server.database))


def _set_password(server: RunningServer, user_id: int) -> None:
    server.library().writer.run(lambda unit: repository.update_account(unit.db, user_id, password_hash=QUICK_HASH))


def _ended(server: RunningServer, owner: Person, disabled: Person) -> Mapping[str, Mapping[str, str]]:

    def end(unit: Unit[AfterCommit]) -> tuple[str, str, str]:
        service.disable(unit, service.account_numbered(unit.db, disabled.id))
        expired_id, expired, _ = service.create_token(unit, owner.id, "expired", 1)
        unit.db.execute(update(api_tokens).where(api_tokens.c.id == expired_id).values(expires_at=unit.now_ms - 1))
        revoked_id, revoked, _ = service.create_token(unit, owner.id, "revoked", None)
        service.revoke_token(unit, owner.id, revoked_id)
        login = service.log_in(unit, owner.id, QUICK_HASH, 10**9, "tests")
        service.log_out_everywhere(unit, owner.id)
        return expired, revoked, login.secret

    expired, revoked, signed_out = server.library().writer.run(end)
    return {
        "account disabled": disabled.bearer,
        "token expired": _bearer(expired),
        "token revoked": _bearer(revoked),
        "signed out": page_headers(server, signed_out),
        "wrong token": _bearer("chatsynth_guess"),
        "disabled, with a cookie": page_headers(server, disabled.cookie),
        "nobody": {},
    }


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def new_cookie(cast: Cast, person: Person) -> str:
    """Of a login of its own: others may have been signed out meanwhile."""
    secret, write = random_secret(), cast.server.library().writer.run
    write(lambda unit: repository.insert_login(unit.db, person.id, secret, unit.now_ms, unit.now_ms + 10**9, "tests"))
    return secret


def set_scene(cast: Cast) -> Scene:
    """A chat of the owner with messages, an editor and a viewer, a former editor and an editor who is disabled; a token
    and an import of the owner, and an invitation."""
    return cast.server.library().writer.run(lambda unit: _set_scene(unit, cast))


def _set_scene(unit: Unit[AfterCommit], cast: Cast) -> Scene:
    owner = cast.people["owner"].id
    by = Authorship(owner)
    new = NewChat(title="A chat", messages=(NewMessage(content="one"), NewMessage(content="two")))
    chat_id, _ = lifecycle.create(unit, owner, new, by)
    _share_with_all(unit, cast, require(unit.db, owner, chat_id, "own"), by)
    access = require(unit.db, owner, chat_id, "own")
    message_id, _ = structure.add_at_end(unit, access, NewMessage(content="three"), by)
    removed_id, _ = structure.add_at_end(unit, access, NewMessage(content="four"), by)
    structure.remove(unit, access, removed_id, by)
    _make_room(unit)
    token_id, _, _ = service.create_token(unit, owner, "of the owner", None)
    invitation_id, _, _ = service.create_invitation(unit, cast.people["admin"].id)
    end_imports(unit)
    job_id = begin_import(unit, owner)
    return Scene(chat_id, message_id, removed_id, token_id, invitation_id, job_id)


def _make_room(unit: Unit[AfterCommit]) -> None:
    """Of the scenes before this one: nobody may have any number of them."""
    unit.db.execute(delete(api_tokens).where(api_tokens.c.name == "of the owner"))
    unit.db.execute(delete(invitations).where(invitations.c.used_at.is_(None)))


def _share_with_all(unit: Unit[AfterCommit], cast: Cast, access: Access, by: Authorship) -> None:
    roles: Mapping[str, MemberRole] = {"editor": "editor", "viewer": "viewer", "former": "editor"}
    for name, role in roles.items():
        share(unit, access, cast.people[name].email, role, by, Allowance(10**9))
    share(unit, access, cast.guest.email, "viewer", by, Allowance(10**9))
    disabled = {"chat_id": access.chat_id, "user_id": cast.disabled.id, "role": "editor", "created_at": unit.now_ms}
    unit.db.execute(insert(members).values(disabled))
    owner = cast.people["owner"].id
    unshare(unit, require(unit.db, owner, access.chat_id, "own"), owner, cast.people["former"].id, by)


def begin_import(unit: Unit[AfterCommit], user_id: int) -> int:
    """One that the server leaves alone, because it seems to be under way elsewhere."""
    return create_job(unit, user_id, "export.zip", Path("/nowhere"), keeps_file=True, lease="tests").id


def begin_many_imports(unit: Unit[AfterCommit], user_ids: Iterable[int]) -> None:
    """As many as one may have."""
    end_imports(unit)
    for user_id in user_ids:
        for _ in range(MOST_WAITING):
            begin_import(unit, user_id)


def end_imports(unit: Unit[AfterCommit]) -> None:
    unit.db.execute(update(imports).values(state="cancelled", finished_at=unit.now_ms))


class EveryRow:
    """Every row of every table, but the count of sign-ins that failed and the names that one's own refused changes have
    used up (rule OP5). Read anew when anybody has committed."""

    def __init__(self, database: Path) -> None:
        self._db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._db.text_factory = bytes
        self._version: object = None
        self._rows: dict[str, list[tuple[object, ...]]] = {}

    def now(self) -> dict[str, list[tuple[object, ...]]]:
        version = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version, self._rows = version, {name: self._rows_of(name) for name in self._tables()}
        return self._rows

    def _tables(self) -> list[str]:
        every = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*_fts_*'"
        return [name.decode() for (name,) in self._db.execute(every) if name != b"login_failures"]

    def _rows_of(self, table: str) -> list[tuple[object, ...]]:
        some = "WHERE channel != ''" if table == "ops" else ""
        return self._db.execute(f"SELECT * FROM {table} {some}").fetchall()

    def close(self) -> None:
        self._db.close()
