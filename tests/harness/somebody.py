"""Stands for the look-up of a sign-in in tests that are not about it."""

from starlette.requests import HTTPConnection


async def somebody(_: HTTPConnection) -> bool:
    return True
