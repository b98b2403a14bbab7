"""Statements on the tables of accounts."""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, delete, func, insert, select, update

from chatsynth.database.prepared import Prepared, Row
from chatsynth.features.accounts.tables import api_tokens, invitations, logins, users
from chatsynth.kit.ids import fingerprint


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    email: str
    name: str
    password_hash: str
    is_admin: bool
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class SignIn:
    """A login or a token that is in the database, and whose it is."""

    id: int
    user_id: int
    name: str
    disabled_at: int | None
    expires_at: int | None


# Accounts ---------------------------------------------------------------------------------------


def account_by_email(db: Connection, email: str) -> Account | None:
    return _one_account(db, users.c.email == email)


def account_by_id(db: Connection, user_id: int) -> Account | None:
    return _one_account(db, users.c.id == user_id)


def all_accounts(db: Connection) -> list[Account]:
    return [Account(*row) for row in db.execute(select(users).order_by(users.c.id))]


def has_accounts(db: Connection) -> bool:
    return db.execute(select(users.c.id).limit(1)).first() is not None


def active_admins(db: Connection) -> int:
    return db.execute(
        select(func.count()).where(users.c.is_admin.is_(True), users.c.disabled_at.is_(None)).select_from(users)
    ).scalar_one()


def insert_account(db: Connection, email: str, name: str, password_hash: str, now_ms: int, *, is_admin: bool) -> int:
    statement = (
        insert(users)
        .values(email=email, name=name, password_hash=password_hash, is_admin=is_admin, created_at=now_ms)
        .returning(users.c.id)
    )
    return int(db.execute(statement).scalar_one())


def update_account(db: Connection, user_id: int, **values: object) -> None:
    db.execute(update(users).where(users.c.id == user_id).values(**values))


def _one_account(db: Connection, which: ColumnElement[bool]) -> Account | None:
    row = db.execute(select(users).where(which)).one_or_none()
    return None if row is None else Account(*row)


# Logins -----------------------------------------------------------------------------------------


def insert_login(db: Connection, user_id: int, secret: str, now_ms: int, expires_at: int, device: str) -> int:
    statement = (
        insert(logins)
        .values(
            user_id=user_id, token_hash=fingerprint(secret), created_at=now_ms, expires_at=expires_at, device=device
        )
        .returning(logins.c.id)
    )
    return int(db.execute(statement).scalar_one())


def login_by_secret(db: Connection, secret: str) -> SignIn | None:
    return _to_sign_in(_LOGIN.one(db, token_hash=fingerprint(secret)))


def login_numbered(db: Connection, login_id: int) -> SignIn | None:
    return _to_sign_in(_LOGIN_NUMBERED.one(db, id=login_id))


def renew_login(db: Connection, login_id: int, expires_at: int) -> None:
    db.execute(update(logins).where(logins.c.id == login_id).values(expires_at=expires_at))


def delete_login(db: Connection, login_id: int) -> bool:
    return db.execute(delete(logins).where(logins.c.id == login_id)).rowcount > 0


def delete_logins_of(db: Connection, user_id: int, except_id: int | None = None) -> list[int]:
    """The ids of those that were."""
    statement = delete(logins).where(logins.c.user_id == user_id).returning(logins.c.id)
    return list(db.execute(statement if except_id is None else statement.where(logins.c.id != except_id)).scalars())


def logins_before(db: Connection, user_id: int, newest: int) -> list[int]:
    """The ids of all but so many of the newest."""
    of_person = select(logins.c.id).where(logins.c.user_id == user_id)
    return list(db.execute(of_person.order_by(logins.c.id.desc()).offset(newest)).scalars())


def delete_expired(db: Connection, now_ms: int) -> None:
    db.execute(delete(logins).where(logins.c.expires_at <= now_ms))


# Tokens -----------------------------------------------------------------------------------------


def insert_token(db: Connection, user_id: int, name: str, secret: str, now_ms: int, expires_at: int | None) -> int:
    statement = (
        insert(api_tokens)
        .values(user_id=user_id, name=name, token_hash=fingerprint(secret), created_at=now_ms, expires_at=expires_at)
        .returning(api_tokens.c.id)
    )
    return int(db.execute(statement).scalar_one())


def token_by_secret(db: Connection, secret: str) -> SignIn | None:
    return _to_sign_in(_TOKEN.one(db, token_hash=fingerprint(secret)))


def token_numbered(db: Connection, token_id: int) -> SignIn | None:
    return _to_sign_in(_TOKEN_NUMBERED.one(db, id=token_id))


def tokens_of(db: Connection, user_id: int) -> list[tuple[int, str, int, int | None]]:
    """Id, name, creation and end of each, the newest first."""
    columns = (api_tokens.c.id, api_tokens.c.name, api_tokens.c.created_at, api_tokens.c.expires_at)
    rows = db.execute(select(*columns).where(api_tokens.c.user_id == user_id).order_by(api_tokens.c.id.desc()))
    return [(row.id, row.name, row.created_at, row.expires_at) for row in rows]


def count_tokens(db: Connection, user_id: int) -> int:
    return db.execute(select(func.count()).where(api_tokens.c.user_id == user_id)).scalar_one()


def delete_token(db: Connection, user_id: int, token_id: int) -> bool:
    statement = delete(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.user_id == user_id)
    return db.execute(statement).rowcount > 0


# Invitations ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredInvitation:
    id: int
    created_at: int
    expires_at: int
    used_at: int | None
    used_by_name: str | None


def insert_invitation(db: Connection, created_by: int, secret: str, now_ms: int, expires_at: int) -> int:
    statement = (
        insert(invitations)
        .values(created_by=created_by, token_hash=fingerprint(secret), created_at=now_ms, expires_at=expires_at)
        .returning(invitations.c.id)
    )
    return int(db.execute(statement).scalar_one())


def open_invitation(db: Connection, secret: str, now_ms: int) -> int | None:
    """Its id; None for one that was used, has expired or never was."""
    return db.execute(
        select(invitations.c.id).where(
            invitations.c.token_hash == fingerprint(secret),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > now_ms,
        )
    ).scalar_one_or_none()


def use_invitation(db: Connection, invitation_id: int, user_id: int, now_ms: int) -> None:
    values = {"used_by": user_id, "used_at": now_ms}
    db.execute(update(invitations).where(invitations.c.id == invitation_id).values(values))


def count_open_invitations(db: Connection, user_id: int, now_ms: int) -> int:
    is_open = and_(invitations.c.used_at.is_(None), invitations.c.expires_at > now_ms)
    return db.execute(select(func.count()).where(invitations.c.created_by == user_id, is_open)).scalar_one()


def invitations_by(db: Connection, user_id: int) -> list[StoredInvitation]:
    columns = (invitations.c.id, invitations.c.created_at, invitations.c.expires_at, invitations.c.used_at)
    rows = db.execute(
        select(*columns, users.c.name)
        .outerjoin(users, users.c.id == invitations.c.used_by)
        .where(invitations.c.created_by == user_id)
        .order_by(invitations.c.id.desc())
    )
    return [StoredInvitation(*row) for row in rows]


def delete_invitation(db: Connection, user_id: int, invitation_id: int) -> bool:
    statement = delete(invitations).where(invitations.c.id == invitation_id, invitations.c.created_by == user_id)
    return db.execute(statement).rowcount > 0


def _sign_in(table: Table, known_by: str) -> Prepared:
    """By the fingerprint of its secret with every request and connection, by its number with every change."""
    return Prepared(
        select(table.c.id, table.c.user_id, users.c.name, users.c.disabled_at, table.c.expires_at)
        .join(users, users.c.id == table.c.user_id)
        .where(table.c[known_by] == bindparam(known_by))
    )


_LOGIN, _LOGIN_NUMBERED = _sign_in(logins, "token_hash"), _sign_in(logins, "id")
_TOKEN, _TOKEN_NUMBERED = _sign_in(api_tokens, "token_hash"), _sign_in(api_tokens, "id")


def _to_sign_in(row: Row | None) -> SignIn | None:
    return None if row is None else SignIn(*cast("tuple[int, int, str, int | None, int | None]", row))
