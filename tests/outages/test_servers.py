"""The private servers that tests start: what they promise, others' tests rest on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.live import ROOT
from tests.servers import DATABASE_SERVERS, PostgresServer, ValkeyServer
from tests.waiting import wait_until

START_ALL_AND_WAIT = """
import sys
from contextlib import ExitStack
from tests.servers import DATABASE_SERVERS, ValkeyServer
with ExitStack() as stack:
    servers = [stack.enter_context(kind()) for kind in (*DATABASE_SERVERS, ValkeyServer)]
    print(*(server.pid for server in servers), servers[0].folder, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("kind", DATABASE_SERVERS)
class TestDatabases:
    def test_what_was_committed_survives_a_kill(self, kind):
        with kind() as server:
            url = server.create_database()
            server.execute("CREATE TABLE kept (number int PRIMARY KEY)", database=url)
            server.execute("INSERT INTO kept VALUES (%s)", 1, database=url)
            server.kill()
            assert not server.is_answering()

            server.start()

            assert server.execute("SELECT number FROM kept", database=url) == [(1,)]

    def test_a_copy_goes_its_own_way_until_it_is_restored(self, kind):
        with kind() as server:
            url = server.create_database()
            server.execute("CREATE TABLE kept (number int PRIMARY KEY)", database=url)
            server.execute("INSERT INTO kept VALUES (1)", database=url)
            copy = server.create_database(url)
            server.execute("UPDATE kept SET number = 2", database=copy)
            assert server.execute("SELECT number FROM kept", database=url) == [(1,)]

            server.restore(copy, template=url)

            assert server.execute("SELECT number FROM kept", database=copy) == [(1,)]


@pytest.mark.parametrize("kind", [*DATABASE_SERVERS, ValkeyServer])
class TestEverything:
    def test_it_is_gone_when_its_context_ends(self, kind):
        with kind() as server:
            assert server.is_answering()

        assert not server.is_answering()
        assert not server.folder.exists()
        assert not psutil.pid_exists(server.pid)

    def test_it_keeps_its_port(self, kind):
        with kind() as server:
            port, pid = server.port, server.pid
            server.restart()

            assert (server.port, server.is_answering()) == (port, True)
            assert server.pid != pid


def test_they_die_with_whoever_started_them():
    starter = subprocess.Popen(
        [sys.executable, "-c", START_ALL_AND_WAIT],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        *pids, folder = starter.stdout.readline().split()
        servers = [psutil.Process(int(pid)) for pid in pids]
        os.kill(starter.pid, signal.SIGKILL)

        wait_until(
            lambda: not any(server.is_running() for server in servers),
            else_say=lambda: f"Alive: {servers}",
        )
        wait_until(lambda: not Path(folder).exists(), else_say=lambda: folder)


def test_a_child_that_ended_while_it_was_frozen_keeps_nothing_frozen():
    with PostgresServer() as server:
        *_, child = psutil.Process(server.pid).children()
        server.freeze()
        child.kill()
        wait_until(lambda: child.status() == psutil.STATUS_ZOMBIE, else_say=child.status)

        server.thaw()

        wait_until(server.is_answering, else_say=server.log)
