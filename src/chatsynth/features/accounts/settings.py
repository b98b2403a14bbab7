"""What whoever runs the server decides about accounts."""

from dataclasses import dataclass
from typing import Literal

Signup = Literal["invitation", "open"]
CookieSecure = Literal["auto", "always", "never"]
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """`cookie_secure` "auto": the cookie is for https only when it was set over https."""

    signup: Signup = "invitation"
    cookie_secure: CookieSecure = "auto"
    session_days: int = 30

    @property
    def session_ms(self) -> int:
        return self.session_days * DAY_MS
