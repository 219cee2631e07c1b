"""Killed at any moment, the server forgets no logout it has acknowledged."""

import random
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from threading import Condition
from time import sleep

from tests.client import LOGOUT, ME

LEAVERS = 8
BROKEN = (OSError, HTTPException)
# More than one logout takes: a kill may come before, during or after its commit.
LONGEST_PAUSE_SECONDS = 0.02


class Leavers:
    """Threads that sign in and log out again until the context ends; each notes what it was told.

    A logout whose answer never came is unacknowledged.
    """

    def __init__(self, server):
        self._server = server
        self._pool = ThreadPoolExecutor(LEAVERS)
        self._changed = Condition()
        self._begun = 0
        self._is_over = False
        self.acknowledged = []
        self.unacknowledged = []

    def __enter__(self):
        self._running = [self._pool.submit(self._come_and_go) for _ in range(LEAVERS)]
        return self

    def __exit__(self, *_):
        self._is_over = True
        self._pool.shutdown()
        for thread in self._running:
            thread.result()

    def wait_for(self, logouts):
        """Wait until so many more logouts have been sent, and a random moment."""
        with self._changed:
            wanted = self._begun + logouts
            assert self._changed.wait_for(lambda: self._begun >= wanted, timeout=60)
        sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))

    def _come_and_go(self):
        client = self._server.client()
        while not self._is_over:
            try:
                pair = client.sign_in()
            except BROKEN:
                continue
            with self._changed:
                self._begun += 1
                self._changed.notify_all()
            self._log_out(client.bearing(pair), pair)

    def _log_out(self, client, pair):
        try:
            answer = client(LOGOUT)
        except BROKEN:
            self.unacknowledged.append(pair)
        else:
            assert answer.data == {"logout": {"ok": True}}
            self.acknowledged.append(pair)


def assert_nothing_lost(server, leavers):
    clients = [server.client_on(worker) for worker in server.worker_pids()]
    for pair in leavers.acknowledged:
        assert {client.bearing(pair)(ME).reason for client in clients} == {"TOKEN_REVOKED"}
        assert clients[0].try_refresh(pair).reason == "SESSION_ENDED"
    for pair in leavers.unacknowledged:
        is_ended = clients[0].bearing(pair)(ME).reasons == ["TOKEN_REVOKED"]
        assert clients[0].try_refresh(pair).reasons == (["SESSION_ENDED"] if is_ended else [])


def halves_of_a_logout(server):
    """Return sessions that one record calls ended and the other does not."""
    return server.sql(
        "SELECT id FROM revocation_session AS s WHERE (ended_at IS NOT NULL) <> "
        "EXISTS (SELECT 1 FROM revocation_revokedtoken AS r WHERE r.key = s.id)"
    )


def test_workers_killed_while_clients_log_out(serve):
    server = serve(workers=4)
    # One stays: granian gives up on a worker that dies as soon as it has come back.
    _, *victims = server.worker_pids()

    with Leavers(server) as leavers:
        for victim in victims:
            leavers.wait_for(20)
            server.kill_worker(victim)
        leavers.wait_for(20)

    assert not server.worker_pids() & set(victims)
    assert len(leavers.acknowledged) >= 40
    assert_nothing_lost(server, leavers)
    assert halves_of_a_logout(server) == []


def test_everything_killed_while_clients_log_out(serve):
    server = serve(workers=2)

    with Leavers(server) as leavers:
        leavers.wait_for(60)
        server.crash()
    server.start()

    assert len(leavers.acknowledged) >= 40
    assert_nothing_lost(server, leavers)
    assert halves_of_a_logout(server) == []
