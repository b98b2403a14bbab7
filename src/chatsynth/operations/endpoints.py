"""What an administrator asks of the server itself."""

import sqlite3

from fastapi import APIRouter, Depends
from starlette.requests import Request

from chatsynth.features.accounts.current_user import current_admin
from chatsynth.operations.health import Health, wire_form
from chatsynth.operations.wire import IntegrityCheck, ServerHealth
from chatsynth.realtime.errors import ErrorCode, Refused


def operations_router(health: Health) -> APIRouter:
    router = APIRouter(prefix="/api/admin", tags=["administration"], dependencies=[Depends(current_admin)])

    @router.get("/health")
    async def server_health(request: Request) -> ServerHealth:
        """How the server stands: sizes, speed, what went wrong lately, and warnings in words."""
        return await health.now(request)

    @router.post("/integrity-check")
    async def integrity_check() -> IntegrityCheck:
        """Reads the whole database and says whether it is undamaged; takes seconds for each gigabyte."""
        try:
            return wire_form(await health.check_integrity())
        except sqlite3.OperationalError as failed:
            raise Refused(ErrorCode.UNAVAILABLE, f"The database cannot be read just now ({failed}).") from failed

    return router
