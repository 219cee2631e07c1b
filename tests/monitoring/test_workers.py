"""A scrape reaches one worker of several, and tells of all of them."""

import os
import signal
import socket
import time

import psutil
import pytest

from tests.api.metrics.reading import samples_in
from tests.client import ME
from tests.live import LiveServer
from tests.monitoring.conftest import TOKEN
from tests.waiting import is_process, wait_until

# granian gives up where a worker dies within five seconds of its start.
OLD_ENOUGH_SECONDS = 5.5


def scrape(client):
    answer = client.http.send("GET", "/metrics", None, {"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return samples_in(answer.content.decode())


def missing_tokens(client):
    return scrape(client)["revocation_verdicts_total", "refused", "TOKEN_MISSING"]


def test_each_tells_of_all(server):
    clients = [server.client_on(worker) for worker in server.worker_pids()]
    before = missing_tokens(clients[0])
    for client in clients:
        client(ME)
        client(ME)

    assert [missing_tokens(client) - before for client in clients] == [4, 4]


def test_what_a_killed_worker_counted_stays(server):
    victim, other = sorted(server.worker_pids())
    client = server.client_on(victim)
    client(ME)
    before = missing_tokens(client)
    born = psutil.Process(victim).create_time()
    wait_until(lambda: time.time() > born + OLD_ENOUGH_SECONDS, else_say=server.log)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_process(victim), else_say=server.log)

    [successor] = server.worker_pids() - {other}
    assert missing_tokens(server.client_on(other)) == before
    server.client_on(successor)(ME)
    assert missing_tokens(server.client_on(other)) == before + 1


@pytest.fixture
def black_hole():
    """A port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_database_that_hangs_holds_no_scrape(template, black_hole):
    address = f"nobody:secret-password@127.0.0.1:{black_hole.getsockname()[1]}"
    database = f"postgres://{address}/nothing?connect_timeout=60"
    with LiveServer(template, workers=1, METRICS_TOKEN=TOKEN, DATABASE_URL=database) as server:
        samples = scrape(server.client())
        connection, _ = black_hole.accept()
        with connection:
            connection.recv(1024)
            connection.setblocking(False)

            # It is still being waited for, but not by who asked.
            with pytest.raises(BlockingIOError):
                connection.recv(1)

        assert samples["revocation_database_up",] == 0
        assert samples["revocation_reuse_alarms_total",] == 0
        assert "secret-password" not in server.log()
