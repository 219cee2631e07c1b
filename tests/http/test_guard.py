"""Whoever asks is answered as who they are."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest

from tests.client import LOGOUT, ME


@pytest.fixture
def clients(server):
    """Two clients, each with its connection, of one process."""
    worker = min(server.worker_pids())
    return server.client_on(worker), server.client_on(worker)


def test_two_threads_that_alternate_users_are_never_mixed_up(server, clients):
    tokens = {name: server.client().sign_in(name) for name in ("alice", "bob")}

    def alternate(client, *names):
        known = {name: client.bearing(tokens[name]) for name in names}
        asked = list(islice(cycle(names), 2000))
        return asked, [known[name](ME).data["me"]["username"] for name in asked]

    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(alternate, clients[0], "alice", "bob"),
            threads.submit(alternate, clients[1], "bob", "alice"),
        ]

    for run in runs:
        asked, answered = run.result()
        assert answered == asked


def test_one_user_is_refused_while_another_goes_on(server, clients):
    left, stayed = server.client().sign_in("alice"), server.client().sign_in("bob")
    server.client().bearing(left)(LOGOUT)

    def ask(client, tokens):
        return [client.bearing(tokens)(ME).body["data"]["me"] for _ in range(500)]

    with ThreadPoolExecutor(2) as threads:
        refused = threads.submit(ask, clients[0], left)
        answered = threads.submit(ask, clients[1], stayed)

    assert refused.result() == [None] * 500
    assert answered.result() == [{"username": "bob"}] * 500
