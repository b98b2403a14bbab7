"""`/healthz`: the process lives. `/readyz`: it can serve, or a sentence why not."""

import sqlite3
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from chatsynth.database.writer import WriteFailed
from chatsynth.web.context import Context
from chatsynth.web.problems import problem_response

log = structlog.get_logger(__name__)
CANNOT_READ = "The database cannot be read."
WhyNotReady = Callable[[], Awaitable[str | None]]


def health_router(why_not_ready: WhyNotReady) -> APIRouter:
    """`why_not_ready` gives a sentence, or None when the server can serve."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> Response:
        return JSONResponse({"status": "alive"})

    @router.get("/readyz")
    async def ready() -> Response:
        why_not = await why_not_ready()
        if why_not is not None:
            return problem_response(503, "unavailable", why_not)
        return JSONResponse({"status": "ready"})

    return router


async def why_database_not_ready(context: Context) -> str | None:
    """Reads, and writes a page anew: a full disk shows in nothing less."""
    try:
        await context.read(lambda db: db.execute(text("SELECT 1 FROM users LIMIT 1")).first())
        await context.write(lambda unit: _write_something(unit.db))
    except WriteFailed as failed:
        return str(failed)
    except (SQLAlchemyError, sqlite3.Error) as failed:
        log.warning("not ready", error=str(failed))
        return CANNOT_READ
    return None


def _write_something(db: Connection) -> None:
    """Changes nothing: SQLite stores a number for programs, which this one does not use, with what it was."""
    number = db.exec_driver_sql("PRAGMA user_version").scalar_one()
    db.exec_driver_sql(f"PRAGMA user_version = {number:d}")
