"""Who is at the other end of a connection."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A person, and what they signed in with (`login:5`, `token:9`), which may end before the connection does."""

    user_id: int
    name: str
    credential: str
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a command came from: the person, the session, and the entries its connection had been given by then."""

    identity: Identity
    session_id: str
    delivered_offset: int | None
