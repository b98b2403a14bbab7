"""Random names and secrets."""

import hashlib
import secrets


def random_id() -> str:
    """A name that is unique for ever: 96 random bits, 16 characters, safe in a URL."""
    return secrets.token_urlsafe(12)


def random_secret() -> str:
    """A secret that cannot be guessed: 256 random bits, 43 characters, safe in a URL and a header."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored instead of a secret; a fast hash is enough because secrets are 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
