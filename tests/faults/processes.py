"""What the system says of the processes of a server."""

import time
from collections.abc import Iterator
from typing import Any

import psutil

from tests.live import LiveServer

# granian gives a server up when a worker dies that is younger than five seconds.
MATURE_SECONDS = 6


def is_mature(pid: int) -> bool:
    """Whether granian starts another worker when this one is killed."""
    return time.time() - psutil.Process(pid).create_time() > MATURE_SECONDS


def known_workers(server: LiveServer) -> Iterator[int]:
    """Yield a server's processes without asking it anything."""
    assert server._process is not None
    for process in psutil.Process(server._process.pid).children(recursive=True):
        yield process.pid


def is_left(server: LiveServer) -> bool:
    """Whether nobody is connected to a server any more."""
    return not any(
        one.laddr.port == server.port and one.status == psutil.CONN_ESTABLISHED
        for pid in known_workers(server)
        for one in connections_of(pid)
    )


def ports_of(pid: int) -> set[int]:
    """Return the ports of a process's own connections."""
    return {one.laddr.port for one in connections_of(pid)}


def connections_of(pid: int) -> list[Any]:
    try:
        return psutil.Process(pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return []
