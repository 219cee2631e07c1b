"""Interleaved rounds: in each, every server is under load for a few seconds, one after the other.

What slows the machine down for a while slows every contender down, and a median over rounds passes
over it. Those that wait their turn sleep.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil

from tests.servers import keeper
from tests.servers.process import Server

from .wrk import Aim, Load, load

# Caches fill, databases are connected to, and Node compiles what it runs often, which takes it many
# thousand requests: measured sooner, it takes twice as long as it does later.
WARM_UP_CONNECTIONS = 16
WARM_UP_SECONDS = 2
# Whoever is as slow as that is as warm as it gets.
WARM_UP_WINDOWS = 30


@dataclass(frozen=True, slots=True)
class Window:
    """What wrk saw, and what the server and those it asks took of the processors meanwhile."""

    load: Load
    server_cpu_seconds: float
    backing_cpu_seconds: float


Windows = Mapping[str, list[Window]]


def warm_up(aim: Aim, *, requests: int) -> None:
    """Let a server get over its first requests: as many as all the others, within a minute."""
    for _ in range(WARM_UP_WINDOWS):
        requests -= load(aim, connections=WARM_UP_CONNECTIONS, seconds=WARM_UP_SECONDS).requests
        if requests <= 0:
            return


def measure(
    aims: Sequence[Aim],
    *,
    connections: int,
    rounds: int,
    seconds: int,
    on_window: Callable[[Aim], object],
) -> Windows:
    """Return the windows of each server, in the order of the rounds."""
    windows: dict[str, list[Window]] = {aim.served.name: [] for aim in aims}
    for number in range(rounds):
        for aim in _rotated(aims, number):
            windows[aim.served.name].append(_window(aim, connections, seconds))
            on_window(aim)
    return windows


def _rotated(aims: Sequence[Aim], by: int) -> Iterator[Aim]:
    """Let another server come first in each round."""
    start = by % len(aims)
    yield from aims[start:]
    yield from aims[:start]


def _window(aim: Aim, connections: int, seconds: int) -> Window:
    server, backing = _cpu_seconds([aim.served]), _cpu_seconds(aim.served.backing())
    seen = load(aim, connections=connections, seconds=seconds)
    return Window(
        load=seen,
        server_cpu_seconds=_cpu_seconds([aim.served]) - server,
        backing_cpu_seconds=_cpu_seconds(aim.served.backing()) - backing,
    )


def _cpu_seconds(servers: Iterable[Server]) -> float:
    processes = [process for server in servers for process in keeper.family(server.pid)]
    return sum(_cpu_seconds_of(process) for process in processes)


def _cpu_seconds_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
