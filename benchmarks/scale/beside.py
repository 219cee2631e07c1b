"""Requests beside a purge: how long they take, and whether one of them waits for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles
from threading import Event, Thread

from django.db import connections
from django.test import Client

from tests.client import LOGOUT, ME, Answer, GraphQLClient

from .stage import PASSWORD, USERNAME

READS_EACH = 20
SIGN_IN = """
mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) { token refreshToken }
}
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"


@dataclass
class Latency:
    """Milliseconds, and how often somebody was seen to wait for a lock."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    looks: int = 0
    waits: int = 0

    def of(self, kind: str) -> tuple[float, float, float]:
        """Return median, 99th percentile and maximum of "reads" or "writes"."""
        times = getattr(self, kind)
        return quantiles(times, n=2)[0], quantiles(times, n=100)[98], max(times)


@contextmanager
def requests() -> Iterator[Latency]:
    """Send requests for as long as the context lasts, one after the other."""
    latency, is_over = Latency(), Event()
    threads = [
        Thread(target=_closing(act), args=(latency, is_over)) for act in (_come_and_go, _look)
    ]
    for thread in threads:
        thread.start()
    try:
        yield latency
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _closing(act: Callable[[Latency, Event], None]) -> Callable[[Latency, Event], None]:
    def run(latency: Latency, is_over: Event) -> None:
        try:
            act(latency, is_over)
        finally:
            connections.close_all()

    return run


def _come_and_go(latency: Latency, is_over: Event) -> None:
    while not is_over.is_set():
        # Django's keeps something of each request for as long as it lives.
        client = GraphQLClient(Client())
        sign_in = partial(client, SIGN_IN, username=USERNAME, password=PASSWORD)
        answer = _timed(latency.writes, sign_in)
        bearer = client.bearing(answer.data["tokenAuth"]["token"])
        for _ in range(READS_EACH):
            assert _timed(latency.reads, partial(bearer, ME)).data["me"]
        assert _timed(latency.writes, partial(bearer, LOGOUT)).data["logout"]["ok"]


def _timed(times: list[float], send: Callable[[], Answer]) -> Answer:
    began = time.perf_counter()
    answer = send()
    times.append((time.perf_counter() - began) * 1000)
    return answer


def _look(latency: Latency, is_over: Event) -> None:
    with connections["default"].cursor() as cursor:
        while not is_over.wait(0.02):
            cursor.execute(WAITING)
            latency.looks += 1
            latency.waits += cursor.fetchone()[0]
