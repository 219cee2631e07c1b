"""Whoever asks is answered as who they are."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import pytest

from tests.client import LOGOUT, ME


@pytest.fixture
def one_worker(serve):
    """A single process, whose threads answer everybody."""
    return serve(workers=1)


def test_two_threads_that_alternate_users_are_never_mixed_up(one_worker):
    tokens = {name: one_worker.client().sign_in(name) for name in ("alice", "bob")}

    def alternate(first, second):
        client = one_worker.client()
        clients = {name: client.bearing(tokens[name]) for name in (first, second)}
        asked = list(islice(cycle((first, second)), 2000))
        return asked, [clients[name](ME).data["me"]["username"] for name in asked]

    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(alternate, "alice", "bob"),
            threads.submit(alternate, "bob", "alice"),
        ]

    for run in runs:
        asked, answered = run.result()
        assert answered == asked


def test_one_thread_logged_out_is_refused_while_the_other_goes_on(one_worker):
    left, stayed = one_worker.client().sign_in("alice"), one_worker.client().sign_in("bob")
    one_worker.client().bearing(left)(LOGOUT)

    def ask(tokens):
        client = one_worker.client().bearing(tokens)
        return [client(ME).body["data"]["me"] for _ in range(500)]

    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(ask, tokens) for tokens in (left, stayed)]

    assert answers[0].result() == [None] * 500
    assert answers[1].result() == [{"username": "bob"}] * 500
