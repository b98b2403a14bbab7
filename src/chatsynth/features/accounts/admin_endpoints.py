"""What administrators do: invite people, list accounts, disable and enable them."""

from fastapi import APIRouter

from chatsynth.database.unit import Unit
from chatsynth.features.accounts import repository, service
from chatsynth.features.accounts.current_user import CurrentAdmin
from chatsynth.features.accounts.repository import Account
from chatsynth.features.accounts.wire import CreatedInvitation, Invitation, Invitations, User, UserChange, Users
from chatsynth.kit.wire_model import Id
from chatsynth.realtime.publication import AfterCommit
from chatsynth.web.context import ContextDep

router = APIRouter()


@router.get("/invitations")
async def invitations(admin: CurrentAdmin, context: ContextDep) -> Invitations:
    stored = await context.read(lambda db: repository.invitations_by(db, admin.id))
    return Invitations(
        items=tuple(
            Invitation(
                id=each.id,
                created_at=each.created_at,
                expires_at=each.expires_at,
                used_at=each.used_at,
                used_by_name=each.used_by_name,
            )
            for each in stored
        )
    )


@router.post("/invitations", status_code=201)
async def invite(admin: CurrentAdmin, context: ContextDep) -> CreatedInvitation:
    """For one account, within a week."""
    invitation_id, secret, expires_at = await context.write(lambda unit: service.create_invitation(unit, admin.id))
    return CreatedInvitation(
        id=invitation_id,
        created_at=context.clock(),
        expires_at=expires_at,
        used_at=None,
        used_by_name=None,
        invitation=secret,
    )


@router.delete("/invitations/{invitation_id}", status_code=204)
async def withdraw_invitation(invitation_id: Id, admin: CurrentAdmin, context: ContextDep) -> None:
    await context.write(lambda unit: service.withdraw_invitation(unit, admin.id, invitation_id))


@router.get("/users")
async def users(_: CurrentAdmin, context: ContextDep) -> Users:
    return Users(items=tuple(_user(account) for account in await context.read(repository.all_accounts)))


@router.patch("/users/{user_id}")
async def change_user(user_id: Id, body: UserChange, _: CurrentAdmin, context: ContextDep) -> User:
    """Disabling ends all connections and logins of the person at once."""

    def work(unit: Unit[AfterCommit]) -> User:
        account = service.account_numbered(unit.db, user_id)
        change = service.disable if body.disabled else service.enable
        change(unit, account)
        return _user(service.account_numbered(unit.db, user_id))

    return await context.write(work)


def _user(account: Account) -> User:
    return User(
        id=account.id,
        email=account.email,
        name=account.name,
        is_admin=account.is_admin,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
    )
