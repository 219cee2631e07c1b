"""Killed at any moment, the server forgets no logout it has acknowledged."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from threading import Condition
from time import sleep

from tests.client import LOGOUT, ME

# More than one logout takes: a kill may come before, during or after its commit.
LONGEST_PAUSE_SECONDS = 0.02


class Leavers:
    """Threads that log sessions out, some of them at a time, and note who was told of success."""

    def __init__(self, server, pairs):
        self._server = server
        self._pairs = list(pairs)
        self._begun = 0
        self._changed = Condition()
        self.acknowledged = []
        self.unacknowledged = []

    def leave(self, *, meanwhile: Callable[["Leavers"], None], threads: int = 6) -> None:
        with ThreadPoolExecutor(threads) as pool:
            leaving = [pool.submit(self._log_out, self._pairs[n::threads]) for n in range(threads)]
            meanwhile(self)
            for thread in leaving:
                thread.result()

    def wait_for(self, begun: int) -> None:
        """Wait until so many logouts have been sent, and a random moment more."""
        with self._changed:
            self._changed.wait_for(lambda: self._begun >= begun, timeout=60)
        sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))

    def _log_out(self, pairs):
        client = self._server.client()
        for pair in pairs:
            with self._changed:
                self._begun += 1
                self._changed.notify_all()
            try:
                answer = client.bearing(pair)(LOGOUT)
            except (OSError, HTTPException):
                self.unacknowledged.append(pair)
            else:
                assert answer.data == {"logout": {"ok": True}}
                self.acknowledged.append(pair)


def assert_nothing_lost(server, leavers):
    for worker in server.worker_pids():
        client = server.client_on(worker)
        for pair in leavers.acknowledged:
            assert client.bearing(pair)(ME).reason == "TOKEN_REVOKED"
    for pair in leavers.acknowledged:
        assert server.client().try_refresh(pair).reason == "SESSION_ENDED"
    for pair in leavers.unacknowledged:
        ended = client.bearing(pair)(ME).reasons == ["TOKEN_REVOKED"]
        assert server.client().try_refresh(pair).reasons == (["SESSION_ENDED"] if ended else [])


def halves_of_a_logout(server):
    """Return sessions that one record calls ended and the other does not."""
    return server.sql(
        "SELECT id FROM revocation_session AS s WHERE (ended_at IS NOT NULL) <> "
        "EXISTS (SELECT 1 FROM revocation_revokedtoken WHERE key = s.id)"
    )


def test_workers_killed_while_clients_log_out(serve):
    server = serve(workers=4)
    client = server.client()
    leavers = Leavers(server, [client.sign_in() for _ in range(120)])
    workers = sorted(server.worker_pids())

    def kill(leavers):
        # One stays: granian gives up on a worker that dies as soon as it has come back.
        for begun, worker in zip((20, 50, 80), workers, strict=False):
            leavers.wait_for(begun)
            server.kill_worker(worker)

    leavers.leave(meanwhile=kill)

    assert len(server.worker_pids() - set(workers)) == 3
    assert leavers.acknowledged
    assert_nothing_lost(server, leavers)
    assert halves_of_a_logout(server) == []


def test_everything_killed_while_clients_log_out(serve):
    server = serve(workers=2)
    client = server.client()
    leavers = Leavers(server, [client.sign_in() for _ in range(60)])

    def crash(leavers):
        leavers.wait_for(20)
        server.crash()

    leavers.leave(meanwhile=crash)
    server.start()

    assert leavers.acknowledged
    assert leavers.unacknowledged
    assert_nothing_lost(server, leavers)
    assert halves_of_a_logout(server) == []
