"""A network that misbehaves: cuts connections, also in the middle of a frame, delays them, swallows what is sent."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from random import Random

CHUNK_BYTES = 65536


@dataclass(eq=False)
class _Strand:
    """One connection. What goes over it is swallowed in a direction that is dead, while both ends believe that it
    stands."""

    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    is_dead: list[bool] = field(default_factory=lambda: [False, False])
    bytes_until_cut: int | None = None

    def cut(self) -> None:
        for end in self.ends:
            end.transport.abort()


class BadCable:
    """Forwards its own port to the server's, on this event loop."""

    def __init__(self, server_port: int, random: Random) -> None:
        self._server_port = server_port
        self._random = random
        self._strands: set[_Strand] = set()
        self._listener: asyncio.Server | None = None
        self.delay_s = 0.0
        self.is_pulled = False

    async def start(self) -> int:
        """The port."""
        self._listener = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        assert self._listener is not None
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Everything ends at once, without a goodbye."""
        for strand in list(self._strands):
            strand.cut()

    def cut_in_the_middle(self) -> None:
        """Each connection ends after a few more bytes, wherever a frame is then."""
        for strand in self._strands:
            strand.bytes_until_cut = self._random.randint(1, 400)

    def go_half_open(self) -> None:
        """Some connections swallow what is sent in one direction or in both."""
        for strand in self._strands:
            if self._random.random() < 0.7:
                strand.is_dead[self._random.randint(0, 1)] = True
                strand.is_dead[self._random.randint(0, 1)] = True

    def mend(self) -> None:
        """A swallowed byte cannot come back, so connections that swallowed any end."""
        self.delay_s, self.is_pulled = 0.0, False
        for strand in list(self._strands):
            strand.bytes_until_cut = None
            if any(strand.is_dead):
                strand.cut()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:  # the server is down: so is this connection
            writer.transport.abort()
            return
        strand = _Strand((writer, server_writer))
        self._strands.add(strand)
        try:
            if not self.is_pulled:
                await asyncio.gather(self._pump(strand, 0, reader), self._pump(strand, 1, server_reader))
        finally:
            self._strands.discard(strand)
            strand.cut()

    async def _pump(self, strand: _Strand, direction: int, reader: asyncio.StreamReader) -> None:
        to = strand.ends[1 - direction]
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s * self._random.random())
                if strand.is_dead[direction]:
                    continue
                if strand.bytes_until_cut is not None and len(chunk) >= strand.bytes_until_cut:
                    to.write(chunk[: strand.bytes_until_cut])
                    await to.drain()
                    break
                to.write(chunk)
                await to.drain()
        strand.cut()
