"""Bringing the exports of other platforms into the library, completely and once."""
