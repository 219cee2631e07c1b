"""Interleaved rounds: in each, every server is under load for a few seconds, one after the other.

What slows the machine down for a while slows every contender down, and a median over rounds passes
over it. Those that wait their turn sleep.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import psutil

from tests.servers import keeper
from tests.servers.process import Server

from .supply import PATIENCE_SECONDS, Entry
from .tasks import Use
from .wrk import Load, load

WARM_UP_CONNECTIONS = 16
# It is warm from the smallest query when another task begins, but has not met that one.
FIRST_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Window:
    """What wrk saw, and what the server and those it asks took of the processors meanwhile."""

    load: Load
    server_cpu_seconds: float
    backing_cpu_seconds: float


Windows = Mapping[str, list[Window]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a task is measured."""

    rounds: int
    seconds: int
    # A window ends before its time is over when so many were answered.
    requests: int | None
    # How many sessions are logged out in a window, whatever time that takes.
    logouts: int


def warm_up(entry: Entry, *, requests: int) -> None:
    """Let a server get over its first requests: as many as all the others, in its time at most."""
    load(
        entry.aim,
        entry.tokens,
        connections=WARM_UP_CONNECTIONS,
        seconds=entry.aim.served.warm_up_seconds,
        requests=requests,
    )


def introduce(entry: Entry, *, requests: int | None) -> None:
    """Let a server meet a task, unless what comes before each window does so."""
    if entry.aim.task.use is not Use.SPENT:
        tokens = entry.supply(connections=WARM_UP_CONNECTIONS, logouts=0)
        load(
            entry.aim,
            tokens,
            connections=WARM_UP_CONNECTIONS,
            seconds=FIRST_SECONDS,
            requests=requests,
        )


def measure(
    entries: Sequence[Entry],
    *,
    connections: int,
    limits: Limits,
) -> Windows:
    """Return the windows of each server, in the order of the rounds."""
    windows: dict[str, list[Window]] = {entry.aim.served.name: [] for entry in entries}
    for number in range(limits.rounds):
        for entry in _rotated(entries, number):
            name = entry.aim.served.name
            print(f"{entry.aim.task.name}, {connections} connections: {name}", file=sys.stderr)
            windows[name].append(_window(entry, connections, limits))
    return windows


def _rotated(entries: Sequence[Entry], by: int) -> Iterator[Entry]:
    """Let another server come first in each round."""
    start = by % max(len(entries), 1)
    yield from entries[start:]
    yield from entries[:start]


def _window(entry: Entry, connections: int, limits: Limits) -> Window:
    sent = entry.supply(connections=connections, logouts=limits.logouts)
    served = entry.aim.served
    server, backing = _cpu_seconds([served]), _cpu_seconds(served.backing())
    is_spending = entry.aim.task.use is Use.SPENT
    seen, brought = load(
        entry.aim,
        sent,
        connections=connections,
        seconds=PATIENCE_SECONDS if is_spending else limits.seconds,
        requests=limits.requests,
    )
    window = Window(
        load=seen,
        server_cpu_seconds=_cpu_seconds([served]) - server,
        backing_cpu_seconds=_cpu_seconds(served.backing()) - backing,
    )
    entry.ensure_effect(sent, brought, seen, connections=connections)
    return window


def _cpu_seconds(servers: Iterable[Server]) -> float:
    processes = [process for server in servers for process in keeper.family(server.pid)]
    return sum(_cpu_seconds_of(process) for process in processes)


def _cpu_seconds_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
