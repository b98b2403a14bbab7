"""Signing up, in and out, and one's own account."""

from fastapi import APIRouter, Request, Response

from chatsynth.features.accounts import repository, service
from chatsynth.features.accounts.admin_endpoints import router as admin_router
from chatsynth.features.accounts.authentication import authenticate, login_of
from chatsynth.features.accounts.cookies import clear_session_cookie, set_session_cookie
from chatsynth.features.accounts.current_user import AccountSettingsDep, CurrentAccount, CurrentUser
from chatsynth.features.accounts.emails import normalised
from chatsynth.features.accounts.login_limit import attempt_succeeded, begin_attempt
from chatsynth.features.accounts.passwords import PASSWORD_THREADS, needs_rehash
from chatsynth.features.accounts.repository import Account
from chatsynth.features.accounts.settings import AccountSettings
from chatsynth.features.accounts.token_endpoints import router as token_router
from chatsynth.features.accounts.wire import (
    CheckedInvitation,
    InvitationToCheck,
    Login,
    Me,
    MyChange,
    NewAccount,
    PasswordChange,
    SetUp,
)
from chatsynth.realtime.errors import ErrorCode, Refused
from chatsynth.web.context import Context, ContextDep
from chatsynth.web.problems import PROBLEM_RESPONSES, NotSignedIn

router = APIRouter(prefix="/api", tags=["accounts"], responses=PROBLEM_RESPONSES)
router.include_router(token_router)
router.include_router(admin_router)


@router.get("/setup")
def setup(context: ContextDep, settings: AccountSettingsDep) -> SetUp:
    with context.reading() as db:
        has_accounts = repository.has_accounts(db)
    return SetUp(needs_first_account=not has_accounts, signup=settings.signup)


@router.post("/accounts", status_code=201)
async def sign_up(
    body: NewAccount, request: Request, response: Response, context: ContextDep, settings: AccountSettingsDep
) -> Me:
    """Makes an account and signs in."""
    email, address, signup = normalised(body.email), _address(request), settings.signup
    await context.write(lambda unit: begin_attempt(unit, email, address))
    password_hash = await PASSWORD_THREADS.hash(body.password)
    user_id = await context.write(
        lambda unit: service.sign_up(unit, email, body.name, password_hash, signup, body.invitation)
    )
    await context.write(lambda unit: attempt_succeeded(unit, email, address))
    await _start_login(context, settings, request, response, user_id, password_hash)
    return _me(await context.read(lambda db: service.account_numbered(db, user_id)))


@router.post("/invitation-checks")
async def check_invitation(body: InvitationToCheck, context: ContextDep) -> CheckedInvitation:
    """For whoever has the link: whether an account can be made with it now."""
    now_ms = context.clock()
    found = await context.read(lambda db: repository.open_invitation(db, body.invitation, now_ms))
    return CheckedInvitation(is_open=found is not None)


@router.post("/login")
async def log_in(
    body: Login, request: Request, response: Response, context: ContextDep, settings: AccountSettingsDep
) -> Me:
    email, address = normalised(body.email), _address(request)
    await context.write(lambda unit: begin_attempt(unit, email, address))
    account = await context.read(lambda db: repository.account_by_email(db, email))
    stored = None if account is None else account.password_hash
    if not await PASSWORD_THREADS.matches(stored, body.password) or account is None:
        raise NotSignedIn(service.WRONG_LOGIN)
    await context.write(lambda unit: attempt_succeeded(unit, email, address))
    checked_hash = await _with_todays_parameters(context, account, body.password)
    await _start_login(context, settings, request, response, account.id, checked_hash)
    return _me(account)


@router.post("/logout", status_code=204)
async def log_out(request: Request, response: Response, context: ContextDep, settings: AccountSettingsDep) -> None:
    """Nothing happens for somebody who is not signed in."""
    await _end_login(context, request)
    clear_session_cookie(response, request, settings)


@router.post("/logout-everywhere", status_code=204)
async def log_out_everywhere(
    me: CurrentUser, request: Request, response: Response, context: ContextDep, settings: AccountSettingsDep
) -> None:
    await context.write(lambda unit: service.log_out_everywhere(unit, me.user_id))
    clear_session_cookie(response, request, settings)


@router.get("/me")
async def me(account: CurrentAccount) -> Me:
    return _me(account)


@router.patch("/me")
async def change_me(body: MyChange, account: CurrentAccount, context: ContextDep) -> Me:
    await context.write(lambda unit: repository.update_account(unit.db, account.id, name=body.name))
    return _me(await context.read(lambda db: service.account_numbered(db, account.id)))


@router.post("/me/password", status_code=204)
async def change_password(
    body: PasswordChange,
    identity: CurrentUser,
    account: CurrentAccount,
    request: Request,
    context: ContextDep,
) -> None:
    """Every other login of this person ends."""
    address = _address(request)
    await context.write(lambda unit: begin_attempt(unit, account.email, address))
    if not await PASSWORD_THREADS.matches(account.password_hash, body.current):
        raise Refused(ErrorCode.FORBIDDEN, service.WRONG_PASSWORD)
    await context.write(lambda unit: attempt_succeeded(unit, account.email, address))
    new_hash = await PASSWORD_THREADS.hash(body.new)
    await context.write(lambda unit: service.change_password(unit, account, new_hash, login_of(identity)))


async def _start_login(
    context: Context, settings: AccountSettings, request: Request, response: Response, user_id: int, checked_hash: str
) -> None:
    """A new secret each time, and an end for the login that the browser had: nobody else's cookie lives on in it."""
    device = request.headers.get("user-agent", "")
    session_ms = settings.session_ms
    login = await context.write(lambda unit: service.log_in(unit, user_id, checked_hash, session_ms, device))
    await _end_login(context, request)
    set_session_cookie(response, request, settings, login.secret)


async def _end_login(context: Context, request: Request) -> None:
    identity = await authenticate(context, request)
    login_id = None if identity is None else login_of(identity)
    if identity is not None and login_id is not None:
        await context.write(lambda unit: service.log_out(unit, login_id, identity.user_id))


async def _with_todays_parameters(context: Context, account: Account, password: str) -> str:
    """The stored hash; a new one if it was made with weaker parameters than those of today."""
    if not needs_rehash(account.password_hash):
        return account.password_hash
    new_hash = await PASSWORD_THREADS.hash(password)
    await context.write(lambda unit: service.replace_hash(unit, account, new_hash))
    return new_hash


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _me(account: Account) -> Me:
    return Me(id=account.id, email=account.email, name=account.name, is_admin=account.is_admin)
