"""Who is asking: by an access token or by the session cookie, for HTTP and for the WebSocket alike."""

from dataclasses import replace

from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from chatsynth.database.writer import WriteFailed
from chatsynth.features.accounts import repository, service
from chatsynth.features.accounts.repository import SignIn
from chatsynth.features.accounts.settings import AccountSettings
from chatsynth.realtime.identity import Identity
from chatsynth.web.context import Context
from chatsynth.web.request_limit import recognised
from chatsynth.web.security import bears_token

COOKIE = "chatsynth_session"


async def authenticate(context: Context, connection: HTTPConnection) -> Identity | None:
    """None for everybody who may do nothing: not signed in, sign-in ended, account disabled.

    A token that is wrong is not made up for by a cookie: the program would go on as somebody that it does not mean.
    Raises RateLimited when this person has too many requests under way.
    """
    identity = await _found(context, connection)
    if identity is not None:
        recognised(connection, identity.user_id)
    return identity


async def _found(context: Context, connection: HTTPConnection) -> Identity | None:
    if bears_token(connection.headers):
        token = connection.headers["authorization"][len("bearer ") :].strip()
        return await context.read(lambda db: _by_token(db, token, context.clock()))
    secret = connection.cookies.get(COOKIE)
    if not secret:
        return None
    identity = await context.read(lambda db: _by_cookie(db, secret, context.clock()))
    session_ms = account_settings_of(connection).session_ms
    return None if identity is None else await _renewed(context, identity, session_ms)


def account_settings_of(connection: HTTPConnection) -> AccountSettings:
    settings = connection.app.state.accounts
    assert isinstance(settings, AccountSettings)
    return settings


def login_of(identity: Identity) -> int | None:
    """The number of the login; None for a token."""
    kind, _, number = identity.credential.partition(":")
    return int(number) if kind == "login" else None


def is_signed_in(db: Connection, identity: Identity, now_ms: int) -> bool:
    """Whether what this person signed in with still holds, for whoever asks again within a transaction."""
    kind, _, number = identity.credential.partition(":")
    numbered = repository.login_numbered if kind == "login" else repository.token_numbered
    return _identity(kind, numbered(db, int(number)), now_ms) is not None


def _by_token(db: Connection, token: str, now_ms: int) -> Identity | None:
    return _identity("token", repository.token_by_secret(db, token), now_ms)


def _by_cookie(db: Connection, secret: str, now_ms: int) -> Identity | None:
    return _identity("login", repository.login_by_secret(db, secret), now_ms)


def _identity(kind: str, found: SignIn | None, now_ms: int) -> Identity | None:
    if found is None or found.disabled_at is not None:
        return None
    if found.expires_at is not None and found.expires_at <= now_ms:
        return None
    return Identity(found.user_id, found.name, f"{kind}:{found.id}", found.expires_at)


async def _renewed(context: Context, identity: Identity, session_ms: int) -> Identity:
    """A login that is used goes on: it is renewed once half of its time is over, and not at each request."""
    login_id, now_ms = login_of(identity), context.clock()
    if login_id is None or identity.expires_at_ms is None or identity.expires_at_ms - now_ms > session_ms // 2:
        return identity
    expires_at, me = now_ms + session_ms, identity.user_id
    try:
        await context.write(lambda unit: service.renew_login(unit, login_id, me, expires_at))
    except WriteFailed:  # the sign-in still stands, and reading goes on while nothing can be written
        return identity
    return replace(identity, expires_at_ms=expires_at)
