"""Error codes, close codes and the sentences that people read."""

from enum import IntEnum, StrEnum


class ErrorCode(StrEnum):
    """Why a command or a frame was refused; the code is stable, the sentence beside it is for people."""

    INVALID_FRAME = "invalid_frame"
    UNKNOWN_TYPE = "unknown_type"
    NOT_TEXT = "not_text"
    HELLO_TWICE = "hello_twice"
    UNSUPPORTED_VERSION = "unsupported_version"
    NOT_SUBSCRIBED = "not_subscribed"
    TOO_MANY_SUBSCRIPTIONS = "too_many_subscriptions"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Refused(Exception):
    """A command that is refused before it changes anything; `sentence` is for a person to read."""

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class CloseCode(IntEnum):
    """4000 to 4499: come back. 4500 to 4999: stay away, the reason says why."""

    GOING_AWAY = 4000
    TOO_SLOW = 4001
    RIGHTS_CHANGED = 4002
    TOO_MANY = 4003
    FULL = 4004
    SIGNED_OUT = 4500
    EXPIRED = 4501
    REVOKED = 4502
    DISABLED = 4503
    NOT_SIGNED_IN = 4504
    WRONG_USER = 4505
    WRONG_ORIGIN = 4506


CLOSE_REASONS: dict[CloseCode, str] = {
    CloseCode.GOING_AWAY: "The server is restarting. Please come back in a moment.",
    CloseCode.TOO_SLOW: "This connection read too slowly. Please reconnect.",
    CloseCode.RIGHTS_CHANGED: "Your rights have changed. Please reconnect.",
    CloseCode.TOO_MANY: "This account has too many open connections. Close some tabs, please.",
    CloseCode.FULL: "The server has as many connections as it can serve. Please come back in a moment.",
    CloseCode.SIGNED_OUT: "You have signed out.",
    CloseCode.EXPIRED: "Your sign-in has expired. Please sign in again.",
    CloseCode.REVOKED: "This access token was revoked.",
    CloseCode.DISABLED: "This account is disabled.",
    CloseCode.NOT_SIGNED_IN: "Please sign in first.",
    CloseCode.WRONG_USER: "This address belongs to another account.",
    CloseCode.WRONG_ORIGIN: "This page's address is not allowed to connect.",
}
