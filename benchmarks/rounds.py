"""Interleaved rounds: in each, every contender serves one batch of requests.

What slows the machine down for a while slows every contender down, and a median over rounds passes
over it. The garbage collector stays on, because a server runs with it; but no contender pays for
what another has left to collect, nor for walking the others' schemas.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from .http import send
from .proof import Entry, Unfaithful
from .switching import in_force
from .work import Work

# After a change of settings the first requests fill caches that Django has emptied.
WARM_UP_REQUESTS = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request took on average, in seconds: by the clock, and of this process's CPU."""

    wall: float
    cpu: float


def measure(
    entries: Sequence[Entry],
    work: Work,
    *,
    rounds: int,
    requests: int,
    on_round: Callable[[int], object],
) -> dict[str, list[Batch]]:
    """Return the batches of each contender, in the order of the rounds. Raises `Unfaithful`."""
    batches: dict[str, list[Batch]] = {entry.contender.name: [] for entry in entries}
    with _known_heap():
        for number in range(rounds):
            for entry in _rotated(entries, number):
                batches[entry.contender.name].append(_batch(entry, work, requests))
            on_round(number + 1)
    return batches


@contextmanager
def _known_heap() -> Iterator[None]:
    """Take what is there before the first batch out of the collector's sight."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _rotated(entries: Sequence[Entry], by: int) -> Iterator[Entry]:
    """Let another contender come first in each round: some neighbours leave colder caches."""
    start = by % len(entries)
    yield from entries[start:]
    yield from entries[:start]


def _batch(entry: Entry, work: Work, requests: int) -> Batch:
    with in_force(entry.contender):
        for environ in entry.environs(work, WARM_UP_REQUESTS):
            send(entry.application, environ)
        environs = entry.environs(work, requests)
        gc.collect()
        bodies = []
        wall, cpu = time.perf_counter(), time.process_time()
        for environ in environs:
            bodies.append(send(entry.application, environ)[2])  # noqa: PERF401  A loop, as timed.
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if set(bodies) != {entry.body}:
        raise Unfaithful(f"{entry.contender.name} answered differently while it was measured.")
    return Batch(wall / requests, cpu / requests)
