"""What an endpoint asks for when it is for somebody: a signed-in person, their account, an administrator."""

from collections.abc import AsyncIterator
from typing import Annotated

import structlog
from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from chatsynth.features.accounts import repository
from chatsynth.features.accounts.authentication import COOKIE, account_settings_of, authenticate
from chatsynth.features.accounts.repository import Account
from chatsynth.features.accounts.settings import AccountSettings
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.realtime.identity import Identity
from chatsynth.web.context import ContextDep
from chatsynth.web.problems import NotSignedIn

ADMINS_ONLY = "Only an administrator of this server may do this."
AccountSettingsDep = Annotated[AccountSettings, Depends(account_settings_of)]


SESSION = APIKeyCookie(
    name=COOKIE, scheme_name="session", auto_error=False, description="What `POST /api/login` sets in a browser."
)
TOKEN = HTTPBearer(scheme_name="token", auto_error=False, description="An access token, for programs.")


async def current_user(
    context: ContextDep,
    connection: HTTPConnection,
    _session: Annotated[object, Security(SESSION)],
    _token: Annotated[object, Security(TOKEN)],
) -> Identity:
    """The two schemes are for the OpenAPI document; `authenticate` does what they describe. Raises NotSignedIn."""
    identity = await authenticate(context, connection)
    if identity is None:
        raise NotSignedIn
    structlog.contextvars.bind_contextvars(user=identity.user_id)
    return identity


CurrentUser = Annotated[Identity, Depends(current_user)]


async def reading_user(context: ContextDep, me: CurrentUser) -> AsyncIterator[Identity]:
    """For endpoints that read much: waits while as many are read for this person as may be. Raises NotSignedIn."""
    async with context.slow_turns.of(me.user_id):
        yield me


ReadingUser = Annotated[Identity, Depends(reading_user, scope="function")]


async def current_account(context: ContextDep, me: CurrentUser) -> Account:
    """The whole account of who is asking. Raises NotSignedIn."""
    account = await context.read(lambda db: repository.account_by_id(db, me.user_id))
    if account is None:
        raise NotSignedIn
    return account


CurrentAccount = Annotated[Account, Depends(current_account)]


async def current_admin(account: CurrentAccount) -> Account:
    """Raises Refused for everybody else."""
    if not account.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, ADMINS_ONLY)
    return account


CurrentAdmin = Annotated[Account, Depends(current_admin)]
