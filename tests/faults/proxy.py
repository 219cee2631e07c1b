"""A TCP proxy that can be cut, mended and pointed elsewhere, and sees what passes."""

import asyncio
import socket
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from revocation.stores.connection import _digest, _numbered

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Passing:
    """Bytes on their way to the server, and the client's port they come from."""

    content: bytes
    client_port: int

    def runs(self, script: str) -> bool:
        """Whether they ask Redis to run this script, by its text or by its digest."""
        return (
            _digest(_numbered(script)).encode() in self.content or script.encode() in self.content
        )


# Called in a thread of its own with whatever passes, which goes on when it returns, or, for False,
# is lost with its connection.
Watch = Callable[[Passing], bool | None]


class Proxy:
    """Listens on a port of its own on loopback and forwards to another.

    While it is cut, connections stay open and nothing arrives, as on a network whose packets are
    lost; once mended, what was sent meanwhile is delivered, also of those who have hung up.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._is_open = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: Watch | None = None
        self.port = 0
        # How many bytes were sent by clients while it was cut: that somebody met the cut.
        self.held = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Let nothing pass, either way."""
        self._loop.call_soon_threadsafe(self._is_open.clear)

    def mend(self) -> None:
        """Let pass what was held, and everything from now on."""
        self._loop.call_soon_threadsafe(self._is_open.set)

    def reset(self) -> None:
        """Break every connection that is open."""
        self._call(self._break_all())

    def lead_to(self, target: int) -> None:
        """Break every connection, and forward new ones to another port."""
        self._target = target
        self.reset()

    def watch(self, do: Watch | None) -> None:
        """Show this function what clients send before it is forwarded; nobody, if None."""
        self._watch = do

    def _call(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(timeout=30)

    async def _listen(self) -> None:
        self._is_open.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        await self._break_all()

    async def _break_all(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._is_open.wait()
            with suppress(OSError, asyncio.CancelledError):
                await self._forward(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            abort(writer)

    async def _forward(self, reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        port = writer.get_extra_info("peername")[1]
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, back, client_port=port))
                both.create_task(self._pump(there, writer))
        except* OSError:
            pass
        finally:
            abort(back)

    async def _pump(
        self, reader: StreamReader, writer: StreamWriter, *, client_port: int | None = None
    ) -> None:
        while content := await reader.read(CHUNK):
            if client_port is not None and await self._show(Passing(content, client_port)) is False:
                raise ConnectionAbortedError
            if not self._is_open.is_set():
                self.held += len(content)
                await self._is_open.wait()
            writer.write(content)
            await writer.drain()
        # Whoever sent the last word may still be waiting for the answer.
        with suppress(OSError):
            writer.write_eof()

    async def _show(self, passing: Passing) -> bool | None:
        watch = self._watch
        return None if watch is None else await asyncio.to_thread(watch, passing)


def abort(writer: StreamWriter) -> None:
    """Break a connection at once, as a crash does: no end is announced, only a reset."""
    with suppress(OSError, AttributeError):
        linger = b"\x01\0\0\0\0\0\0\0"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
