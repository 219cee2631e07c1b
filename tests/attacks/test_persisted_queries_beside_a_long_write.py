"""Texts sent with their hash while somebody else writes to the database, for long: a backup, say.

Keeping a text is a shortcut. A query that writes nothing must not wait for it, nor strangers who
send a few of them hold every thread.
"""

import hashlib
import threading

import pytest

from tests.live import LiveServer, create_template

REQUESTS = 8
PATIENCE_SECONDS = 5


@pytest.fixture
def server(tmp_path):
    with LiveServer(create_template(tmp_path), workers=2) as server:
        yield server


def register(client, number):
    text = f"query Number{number} {{ version }}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return client.post({"query": text, "extensions": extensions})


def test_they_are_answered_at_once(server):
    answers = []
    clients = [server.client() for _ in range(REQUESTS)]
    threads = [
        threading.Thread(target=lambda c=client, n=number: answers.append(register(c, n)))
        for number, client in enumerate(clients)
    ]
    with server.writing("persisted_queries"):
        for thread in threads:
            thread.start()
        threads[0].join(PATIENCE_SECONDS)
        answered = len(answers)
    for thread in threads:
        thread.join()

    assert answered > 0
    assert all("errors" not in answer.body for answer in answers)
