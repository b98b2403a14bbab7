"""What the process asks of the system and of Python."""

import gc
from typing import cast

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from chatsynth.node import Node
from chatsynth.operations.draining_server import DrainingServer

pytestmark = pytest.mark.anyio


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    pass


async def test_a_server_that_has_started_is_not_looked_through_for_garbage_any_more() -> None:
    """It would take a tenth of a second each time, in which nobody is served (promise P7)."""
    config = uvicorn.Config(_nothing, port=0, lifespan="off", log_config=None)
    config.load()
    server = DrainingServer(config, cast("Node", None))
    server.lifespan = config.lifespan_class(config)
    try:
        await server.startup()
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
        for each in server.servers:
            each.close()
