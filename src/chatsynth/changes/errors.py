"""What this package raises."""


class InvalidChange(ValueError):
    """A change set or a text is malformed, too large or does not fit; the message is for a person to read."""
