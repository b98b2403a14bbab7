"""`/healthz`: the process lives. `/readyz`: it can serve, or a sentence why not."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from chatsynth.database.writer import WriteFailed
from chatsynth.web.context import Context
from chatsynth.web.problems import problem_response

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
    """Reads, and takes the write lock."""
    try:
        await context.read(lambda db: db.execute(text("SELECT 1 FROM users LIMIT 1")).first())
        await context.write(lambda unit: unit.db.exec_driver_sql("SELECT 1").scalar_one())
    except WriteFailed as failed:
        return str(failed)
    except SQLAlchemyError:
        return "The database cannot be read."
    return None
