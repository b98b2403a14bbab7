"""What counts as an e-mail address here, and when two are the same."""

import unicodedata

from chatsynth.realtime.errors import ErrorCode, Refused

MAX_LENGTH = 320
NOT_AN_EMAIL = "“{}” is not an e-mail address. It looks like name@example.org."


def normalised(email: str) -> str:
    """The form that is stored and compared. Raises Refused for what cannot be an address.

    Only the shape is checked: whether mail arrives there, nobody but the mail knows.
    """
    text = unicodedata.normalize("NFKC", email).strip().lower()
    name, _, domain = text.rpartition("@")
    is_one_word = text.isprintable() and " " not in text
    if not (name and domain and is_one_word and len(text) <= MAX_LENGTH):
        raise Refused(ErrorCode.INVALID, NOT_AN_EMAIL.format(email[:100]))
    return text
