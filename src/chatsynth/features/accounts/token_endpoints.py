"""Access tokens for programs."""

from fastapi import APIRouter

from chatsynth.features.accounts import repository, service
from chatsynth.features.accounts.current_user import CurrentUser
from chatsynth.features.accounts.wire import CreatedToken, NewToken, Token, Tokens
from chatsynth.kit.wire_model import Id
from chatsynth.web.context import ContextDep

router = APIRouter()


@router.get("/tokens")
async def tokens(me: CurrentUser, context: ContextDep) -> Tokens:
    stored = await context.read(lambda db: repository.tokens_of(db, me.user_id))
    return Tokens(
        items=tuple(
            Token(id=token_id, name=name, created_at=created_at, expires_at=expires_at)
            for token_id, name, created_at, expires_at in stored
        )
    )


@router.post("/tokens", status_code=201)
async def create_token(body: NewToken, me: CurrentUser, context: ContextDep) -> CreatedToken:
    token_id, secret, expires_at = await context.write(
        lambda unit: service.create_token(unit, me.user_id, body.name, body.days)
    )
    return CreatedToken(id=token_id, name=body.name, created_at=context.clock(), expires_at=expires_at, token=secret)


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(token_id: Id, me: CurrentUser, context: ContextDep) -> None:
    await context.write(lambda unit: service.revoke_token(unit, me.user_id, token_id))
