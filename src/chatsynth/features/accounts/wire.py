"""Accounts as they cross the wire."""

from typing import Annotated

from pydantic import Field, StringConstraints

from chatsynth.features.accounts.settings import Signup
from chatsynth.kit.wire_model import WireModel

Email = Annotated[str, StringConstraints(min_length=3, max_length=320)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
NewPassword = Annotated[str, StringConstraints(min_length=10, max_length=1024)]
TriedPassword = Annotated[str, StringConstraints(max_length=1024)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]
TokenName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Days = Annotated[int, Field(ge=1, le=3650)]


class SetUp(WireModel):
    """What the page shows to somebody who is not signed in."""

    needs_first_account: bool
    signup: Signup


class NewAccount(WireModel):
    email: Email
    name: PersonName
    password: NewPassword
    invitation: Secret | None = None


class Login(WireModel):
    email: Email
    password: TriedPassword


class Me(WireModel):
    id: int
    email: str
    name: str
    is_admin: bool


class MyChange(WireModel):
    name: PersonName


class PasswordChange(WireModel):
    current: TriedPassword
    new: NewPassword


class Token(WireModel):
    """An access token for programs, without its secret. `expiresAt` null: never."""

    id: int
    name: str
    created_at: int
    expires_at: int | None


class Tokens(WireModel):
    items: tuple[Token, ...]


class NewToken(WireModel):
    """Without `days` the token is valid until it is deleted."""

    name: TokenName
    days: Days | None = None


class CreatedToken(Token):
    """`token` is the secret, which is shown this once."""

    token: str


class Invitation(WireModel):
    id: int
    created_at: int
    expires_at: int
    used_at: int | None
    used_by_name: str | None


class Invitations(WireModel):
    items: tuple[Invitation, ...]


class InvitationToCheck(WireModel):
    invitation: Secret


class CheckedInvitation(WireModel):
    is_open: bool


class CreatedInvitation(Invitation):
    """`invitation` is the secret for `POST /api/accounts`, which is shown this once."""

    invitation: str


class User(WireModel):
    """An account as administrators see it."""

    id: int
    email: str
    name: str
    is_admin: bool
    created_at: int
    disabled_at: int | None


class Users(WireModel):
    items: tuple[User, ...]


class UserChange(WireModel):
    disabled: bool
