"""The rules of accounts and sign-ins. Each function runs in the caller's transaction and checks before it writes."""

from dataclasses import dataclass

from sqlalchemy import Connection

from chatsynth.database.unit import Unit
from chatsynth.features.accounts import repository
from chatsynth.features.accounts.channel import user_channel
from chatsynth.features.accounts.repository import Account
from chatsynth.features.accounts.settings import Signup
from chatsynth.kit.ids import random_secret
from chatsynth.log.append import create_channel
from chatsynth.log.rights import log_rights_change
from chatsynth.realtime.errors import CloseCode, ErrorCode, Refused
from chatsynth.realtime.publication import AfterCommit, CredentialEnded, CredentialRenewed, UserEnded

EMAIL_TAKEN = "There is already an account with this e-mail address. Sign in with it instead."
NEEDS_INVITATION = "This server takes new accounts by invitation only. Ask somebody who runs it for a link."
BAD_INVITATION = "This invitation was used already, or is no longer valid. Ask for a new one."
WRONG_LOGIN = "This e-mail address and password do not belong together. Please check both."
WRONG_PASSWORD = "The current password is not right."  # noqa: S105
PASSWORD_CHANGED = "The password was changed elsewhere at this moment. Please sign in again."  # noqa: S105
ACCOUNT_DISABLED = "This account is disabled. Ask whoever runs this server."
NO_SUCH_ACCOUNT = "There is no account “{}” on this server."
LAST_ADMIN = "This is the last administrator who is not disabled, so it must stay."
NO_SUCH_TOKEN = "You have no such access token."  # noqa: S105
NO_SUCH_INVITATION = "You have made no such invitation."
MOST_LOGINS = 200
"""Of one person. One more ends the oldest."""
MOST_TOKENS = 200
MOST_INVITATIONS = 200
"""Of one person, and valid."""
TOO_MANY_TOKENS = f"You have {MOST_TOKENS} access tokens. Please delete one that you do not need any more."
TOO_MANY_INVITATIONS = f"You have {MOST_INVITATIONS} invitations that nobody has used. Please withdraw one of them."
INVITATION_DAYS = 7
DAY_MS = 24 * 60 * 60 * 1000
TOKEN_PREFIX = "chatsynth_"  # noqa: S105

UnitOfWork = Unit[AfterCommit]


@dataclass(frozen=True, slots=True)
class NewLogin:
    """`secret` goes into the cookie and is stored nowhere."""

    user_id: int
    secret: str


# Accounts ---------------------------------------------------------------------------------------


def sign_up(unit: UnitOfWork, email: str, name: str, password_hash: str, signup: Signup, invitation: str | None) -> int:
    """The id of the new account. The first one of a server needs nothing and becomes its administrator.

    Writers take turns, so of two that come at once one is the first and the other needs what all others need.
    """
    if not repository.has_accounts(unit.db):
        return add_account(unit, email, name, password_hash, is_admin=True)
    if invitation is not None:
        return _sign_up_invited(unit, email, name, password_hash, invitation)
    if signup == "invitation":
        raise Refused(ErrorCode.FORBIDDEN, NEEDS_INVITATION)
    return add_account(unit, email, name, password_hash, is_admin=False)


def _sign_up_invited(unit: UnitOfWork, email: str, name: str, password_hash: str, invitation: str) -> int:
    """The invitation comes first: who has none does not get to know whose addresses have accounts here."""
    invitation_id = repository.open_invitation(unit.db, invitation, unit.now_ms)
    if invitation_id is None:
        raise Refused(ErrorCode.FORBIDDEN, BAD_INVITATION)
    user_id = add_account(unit, email, name, password_hash, is_admin=False)
    repository.use_invitation(unit.db, invitation_id, user_id, unit.now_ms)
    return user_id


def add_account(unit: UnitOfWork, email: str, name: str, password_hash: str, *, is_admin: bool) -> int:
    if repository.account_by_email(unit.db, email) is not None:
        raise Refused(ErrorCode.CONFLICT, EMAIL_TAKEN)
    user_id = repository.insert_account(unit.db, email, name, password_hash, unit.now_ms, is_admin=is_admin)
    create_channel(unit.db, user_channel(user_id))  # from the first moment, so that every client knows its epoch
    return user_id


def account_named(db: Connection, email: str) -> Account:
    """Raises Refused when there is none."""
    account = repository.account_by_email(db, email)
    if account is None:
        raise Refused(ErrorCode.NOT_FOUND, NO_SUCH_ACCOUNT.format(email))
    return account


def account_numbered(db: Connection, user_id: int) -> Account:
    """Raises Refused when there is none."""
    account = repository.account_by_id(db, user_id)
    if account is None:
        raise Refused(ErrorCode.NOT_FOUND, NO_SUCH_ACCOUNT.format(user_id))
    return account


def disable(unit: UnitOfWork, account: Account) -> None:
    """Ends every connection of the person; their tokens are kept for when the account is enabled again."""
    if account.disabled_at is not None:
        return
    if account.is_admin and repository.active_admins(unit.db) == 1:
        raise Refused(ErrorCode.CONFLICT, LAST_ADMIN)
    repository.update_account(unit.db, account.id, disabled_at=unit.now_ms)
    repository.delete_logins_of(unit.db, account.id)
    log_rights_change(unit, UserEnded(account.id, CloseCode.DISABLED))


def enable(unit: UnitOfWork, account: Account) -> None:
    repository.update_account(unit.db, account.id, disabled_at=None)


# Logins -----------------------------------------------------------------------------------------


def log_in(unit: UnitOfWork, user_id: int, checked_hash: str, session_ms: int, device: str) -> NewLogin:
    """`checked_hash` is the one that the password was compared with, outside of the transaction."""
    account = account_numbered(unit.db, user_id)
    if account.disabled_at is not None:
        raise Refused(ErrorCode.FORBIDDEN, ACCOUNT_DISABLED)
    if account.password_hash != checked_hash:
        raise Refused(ErrorCode.CONFLICT, PASSWORD_CHANGED)
    secret = random_secret()
    repository.delete_expired(unit.db, unit.now_ms)
    repository.insert_login(unit.db, user_id, secret, unit.now_ms, unit.now_ms + session_ms, device[:200])
    for login_id in repository.logins_before(unit.db, user_id, newest=MOST_LOGINS):
        log_out(unit, login_id, user_id)
    return NewLogin(user_id, secret)


def renew_login(unit: UnitOfWork, login_id: int, user_id: int, expires_at_ms: int) -> None:
    """Its open connections go on as well."""
    repository.renew_login(unit.db, login_id, expires_at_ms)
    unit.after_commit.append(CredentialRenewed(f"login:{login_id}", user_id, expires_at_ms))


def log_out(unit: UnitOfWork, login_id: int, user_id: int) -> None:
    if repository.delete_login(unit.db, login_id):
        log_rights_change(unit, CredentialEnded(f"login:{login_id}", user_id, CloseCode.SIGNED_OUT))


def log_out_everywhere(unit: UnitOfWork, user_id: int, except_login: int | None = None) -> None:
    """Tokens stay: they belong to programs, and are deleted one by one."""
    for login_id in repository.delete_logins_of(unit.db, user_id, except_login):
        log_rights_change(unit, CredentialEnded(f"login:{login_id}", user_id, CloseCode.SIGNED_OUT))


def change_password(unit: UnitOfWork, account: Account, new_hash: str, except_login: int | None = None) -> None:
    """Ends all other logins: one of them may be the reason for the change."""
    replace_hash(unit, account, new_hash)
    log_out_everywhere(unit, account.id, except_login)


def replace_hash(unit: UnitOfWork, account: Account, new_hash: str) -> None:
    """Raises Refused when the stored hash is not the one of `account` any more, which was checked."""
    if account_numbered(unit.db, account.id).password_hash != account.password_hash:
        raise Refused(ErrorCode.CONFLICT, PASSWORD_CHANGED)
    repository.update_account(unit.db, account.id, password_hash=new_hash)


# Tokens and invitations -------------------------------------------------------------------------


def create_token(unit: UnitOfWork, user_id: int, name: str, days: int | None) -> tuple[int, str, int | None]:
    """Its id, its secret, and when it ends. Raises Refused when there are too many."""
    if repository.count_tokens(unit.db, user_id) >= MOST_TOKENS:
        raise Refused(ErrorCode.CONFLICT, TOO_MANY_TOKENS)
    secret = TOKEN_PREFIX + random_secret()
    expires_at = None if days is None else unit.now_ms + days * DAY_MS
    return repository.insert_token(unit.db, user_id, name, secret, unit.now_ms, expires_at), secret, expires_at


def revoke_token(unit: UnitOfWork, user_id: int, token_id: int) -> None:
    if not repository.delete_token(unit.db, user_id, token_id):
        raise Refused(ErrorCode.NOT_FOUND, NO_SUCH_TOKEN)
    log_rights_change(unit, CredentialEnded(f"token:{token_id}", user_id, CloseCode.REVOKED))


def create_invitation(unit: UnitOfWork, user_id: int) -> tuple[int, str, int]:
    """Its id, its secret, and when it ends. Raises Refused when there are too many."""
    if repository.count_open_invitations(unit.db, user_id, unit.now_ms) >= MOST_INVITATIONS:
        raise Refused(ErrorCode.CONFLICT, TOO_MANY_INVITATIONS)
    secret = random_secret()
    expires_at = unit.now_ms + INVITATION_DAYS * DAY_MS
    return repository.insert_invitation(unit.db, user_id, secret, unit.now_ms, expires_at), secret, expires_at


def withdraw_invitation(unit: UnitOfWork, user_id: int, invitation_id: int) -> None:
    if not repository.delete_invitation(unit.db, user_id, invitation_id):
        raise Refused(ErrorCode.NOT_FOUND, NO_SUCH_INVITATION)
