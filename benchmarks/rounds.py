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
from typing import TypeVar

from .http import send
from .proof import Entry
from .switching import in_force

T = TypeVar("T")

# After a change of settings the first requests fill caches that Django has emptied.
WARM_UP_REQUESTS = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request took on average, in seconds: by the clock, and of this process's CPU."""

    wall: float
    cpu: float


def measure(
    entries: Sequence[Entry],
    *,
    rounds: int,
    requests: int,
    on_round: Callable[[int], object],
) -> list[list[Batch]]:
    """Return the batches of each entry, in the order of the rounds. Raises `Unfaithful`."""
    batches: list[list[Batch]] = [[] for _ in entries]
    numbered = list(enumerate(entries))
    with _known_heap():
        for number in range(rounds):
            for index, entry in _rotated(numbered, number):
                batches[index].append(_batch(entry, max(1, requests // entry.work.weight)))
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


def _rotated(entries: Sequence[T], by: int) -> Iterator[T]:
    """Let another contender come first in each round: some neighbours leave colder caches."""
    start = by % len(entries)
    yield from entries[start:]
    yield from entries[:start]


def _batch(entry: Entry, requests: int) -> Batch:
    with in_force(entry.contender):
        gc.collect()
        for environ in entry.environs(min(requests, WARM_UP_REQUESTS)):
            send(entry.application, environ)
        environs = entry.environs(requests)
        answers = []
        wall, cpu = time.perf_counter(), time.process_time()
        for environ in environs:
            answers.append(send(entry.application, environ))  # noqa: PERF401  A loop, as timed.
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        entry.ensure_done(answers)
    return Batch(wall / requests, cpu / requests)
