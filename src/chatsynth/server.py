"""The composition root: settings in, the whole application out."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from chatsynth import __version__
from chatsynth.config import Settings
from chatsynth.features.accounts.endpoints import router as accounts_router
from chatsynth.features.chats.endpoints import router as chats_router
from chatsynth.features.imports.endpoints import router as imports_router
from chatsynth.features.notifications.endpoints import router as notifications_router
from chatsynth.features.search.endpoints import router as search_router
from chatsynth.features.sharing.endpoints import router as sharing_router
from chatsynth.kit.pagination import InvalidCursor
from chatsynth.library import using_library
from chatsynth.node import Node
from chatsynth.operations.draining_server import DrainingServer
from chatsynth.operations.endpoints import operations_router
from chatsynth.operations.health import Health
from chatsynth.operations.metrics import metrics_router
from chatsynth.operations.process import allow_many_connections
from chatsynth.operations.tracing import tracer_from
from chatsynth.realtime.errors import ErrorCode
from chatsynth.web.health import health_router
from chatsynth.web.http_protocol import Doorkeeper
from chatsynth.web.live_protocol import LiveProtocol
from chatsynth.web.middleware import install_middleware
from chatsynth.web.page import page_router
from chatsynth.web.problems import PROBLEM_RESPONSES, problem_response
from chatsynth.web.request_log import configure_logging
from chatsynth.web.security import RefuseForeignNames
from chatsynth.web.websocket import live_router

ROUTERS = (accounts_router, chats_router, sharing_router, notifications_router, search_router, imports_router)
LISTEN_BACKLOG = 2048
PING_INTERVAL_S = 20.0


def create_app(settings: Settings) -> FastAPI:
    """The application. The database must have been migrated before it starts."""
    tracer = tracer_from(os.environ)
    node = Node(settings, tracer)
    health = Health(node)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with node.running():
            noting = asyncio.create_task(health.recent.run())
            yield
            noting.cancel()
        if tracer is not None:
            await asyncio.to_thread(tracer.close)

    app = FastAPI(
        title="ChatSynth",
        version=__version__,
        summary="The live, shared library of your AI chats.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEM_RESPONSES,
        lifespan=lifespan,
        # Its own traces would hold addresses and what errors say; ours do not.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    node.share_with(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(live_router(node.surroundings, node.authenticate, node.origin_allowed))
    app.include_router(health_router(node.why_not_ready))
    app.include_router(operations_router(health))
    app.include_router(metrics_router(node, settings.metrics))
    app.include_router(page_router())
    app.add_exception_handler(InvalidCursor, _invalid_cursor)
    if settings.is_for_this_machine:
        app.add_middleware(RefuseForeignNames, allowed=settings.allowed_origins)
    install_middleware(
        app,
        settings.allowed_origins,
        settings.max_upload_bytes,
        node.requests,
        http=settings.http,
        is_signed_in=node.is_signed_in,
        tracer=tracer,
    )
    return app


async def _invalid_cursor(_: Request, invalid: Exception) -> JSONResponse:
    return problem_response(422, ErrorCode.INVALID, str(invalid))


def run(settings: Settings) -> None:
    """Serves until it is told to stop."""
    configure_logging(settings.log_format)
    allow_many_connections()
    with using_library(settings, may_create=True):
        _serve(settings)


def _serve(settings: Settings) -> None:
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Doorkeeper(settings.http).protocol,  # type: ignore[arg-type]
        ws=LiveProtocol,
        ws_max_size=settings.live.max_frame_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_INTERVAL_S,
        ws_ping_timeout=PING_INTERVAL_S,
        backlog=LISTEN_BACKLOG,
        proxy_headers=settings.trust_proxy,
        access_log=False,
        log_level="error",  # what a client does wrong is no warning of the server
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    DrainingServer(config, app.state.node).run()
