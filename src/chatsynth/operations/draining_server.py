"""How the server stops: it says goodbye, commits what it was given, and ends in any case."""

import asyncio
import os
import signal
import socket
import threading
from types import FrameType

import structlog
import uvicorn

from chatsynth.node import Node
from chatsynth.operations.process import settle_in

log = structlog.get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Tells every client when to come back before it closes the connections (promise P8, rule DRN1).

    A second signal ends the process at once, and so does the first one after `stop_timeout_s`. Neither loses anything:
    what was acknowledged is on disk.
    """

    def __init__(self, config: uvicorn.Config, node: Node) -> None:
        super().__init__(config)
        self._node = node

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Raises OSError with a sentence for people, where uvicorn ends the process with a code of its own."""
        try:
            await super().startup(sockets)
        except SystemExit as ended:
            why = ended.__context__
            if not isinstance(why, OSError):
                raise
            raise OSError(why.errno, self._cannot_listen(why)) from why
        settle_in()

    def _cannot_listen(self, why: OSError) -> str:
        reason = os.strerror(why.errno) if why.errno is not None and why.errno > 0 else why.strerror or str(why)
        return f"The server cannot listen at {self.config.host}, port {self.config.port} ({reason})"

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            signal.signal(sig, signal.SIG_DFL)
            signal.raise_signal(sig)
        super().handle_exit(sig, frame)
        timeout_s = self._node.settings.stop_timeout_s
        limit = threading.Timer(timeout_s, _end_late, [timeout_s])
        limit.daemon = True
        limit.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        live = self._node.settings.live
        told = self._node.hub.drain(live.drain_retry_ms)
        log.info("stopping", told=told)
        if told:
            await asyncio.sleep(live.drain_s)
        self._node.hub.close_all()
        await super().shutdown(sockets)


def _end_late(timeout_s: float) -> None:
    log.error("stopping took too long", timeout_s=timeout_s)
    os._exit(1)
