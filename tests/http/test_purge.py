"""Purges beside others, each in a process of its own, on every kind of database."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.databases import SQLiteFolder
from tests.live import ROOT, create_template, environment
from tests.servers import MariaDBServer, PostgresServer

ROWS = 3000
# `tests.live_settings` without a server.
PRELUDE = """
import sys, django
django.setup()
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from revocation.models import RevokedToken
rows = RevokedToken.objects.order_by("key")
"""
FILL = """
then = timezone.now() - timedelta(days=1)
RevokedToken.objects.bulk_create(
    [
        RevokedToken(key=f"{i:032}", expires_at=then + timedelta(seconds=i))
        for i in range(int(sys.argv[1]))
    ],
    batch_size=500,
)
"""
COUNT = "print(rows.count())"
HOLD = """
with transaction.atomic():
    print([row.key for row in rows.select_for_update()[:3]], flush=True)
    sys.stdin.read()
"""
PURGE_AHEAD = """
from django.core.management import call_command
soon = timezone.now() + timedelta(seconds=20)
RevokedToken.objects.create(key="alive", expires_at=soon)
right = timezone.now
timezone.now = lambda: right() + timedelta(hours=1)
call_command("purge_revoked", "--json")
"""


class Place:
    """A database that processes work on."""

    def __init__(self, url):
        self._environ = environment(url)

    def run(self, code, *arguments):
        """Run this in a process and return what it printed."""
        done = self._start("-c", PRELUDE + code, *arguments)
        out, err = done.communicate(timeout=120)
        assert done.returncode == 0, err
        return out

    @contextmanager
    def running(self, code):
        """Run this until the context is over, having read its first line."""
        process = self._start("-c", PRELUDE + code, stdin=subprocess.PIPE)
        try:
            yield process.stdout.readline()
        finally:
            process.communicate("", timeout=120)

    def purge(self, *arguments):
        """Start a purge and return its process."""
        return self._start("manage.py", "purge_revoked", "--json", *arguments)

    def count(self):
        return int(self.run(COUNT))

    def _start(self, *command, **options):
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )


def outcome(process):
    """Return how many keys a purge says went."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)["purged"]["blacklist_entries"]


without_mariadb = pytest.mark.skipif(
    not MariaDBServer.is_available() and os.environ.get("CI") != "true",
    reason="This machine has no MariaDB.",
)


@pytest.fixture(
    scope="module", params=["sqlite", "postgresql", pytest.param("mariadb", marks=without_mariadb)]
)
def template_on(request, tmp_path_factory):
    if request.param == "sqlite":
        yield create_template(SQLiteFolder(tmp_path_factory.mktemp("purge")))
    else:
        with {"postgresql": PostgresServer, "mariadb": MariaDBServer}[request.param]() as server:
            yield create_template(server)


@pytest.fixture
def place(template_on):
    """An empty database of each kind."""
    url = template_on.copy()
    yield Place(url)
    template_on.databases.drop_database(url)


@pytest.fixture
def rows_place(place):
    """The same, with expired keys."""
    place.run(FILL, str(ROWS))
    return place


def test_two_purges_at_once_share_the_work(rows_place):
    both = [rows_place.purge("--batch=100"), rows_place.purge("--batch=100")]

    assert sum(outcome(process) for process in both) == ROWS
    assert rows_place.count() == 0


def test_an_interrupted_one_says_what_it_did(rows_place):
    purging = rows_place.purge("--batch=1", "--verbosity=2")
    assert purging.stderr.readline().startswith("blacklist entries: 1,")

    purging.send_signal(signal.SIGINT)
    out, err = purging.communicate(timeout=120)

    assert purging.returncode == 130
    assert "Interrupted; the rest is left." in err
    assert "Traceback" not in err
    said = json.loads(out)
    assert said["complete"] is False
    assert said["purged"]["blacklist_entries"] == ROWS - rows_place.count() > 0


def test_a_clock_an_hour_ahead_purges_nothing_that_lives(place):
    said = json.loads(place.run(PURGE_AHEAD))

    assert said["purged"]["blacklist_entries"] == 0
    assert place.count() == 1


@pytest.mark.parametrize(
    "template_on", ["postgresql", pytest.param("mariadb", marks=without_mariadb)], indirect=True
)
def test_rows_that_others_hold_are_left_and_waited_for_by_nobody(rows_place):
    with rows_place.running(HOLD) as held:
        assert outcome(rows_place.purge()) == ROWS - 3
        assert rows_place.count() == 3

    assert held.count("'") == 6
    assert outcome(rows_place.purge()) == 3
