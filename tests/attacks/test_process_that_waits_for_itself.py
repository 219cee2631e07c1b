"""A worker on SQLite waited for itself: many clients at once, and for 20 s it answered nobody.

Thread A had the turn to write. Garbage collection ran in it and met a cursor of thread B, left open
by a statement that had failed. SQLite resets a cursor only when its connection is idle, and B's
waited for its turn to write: for A. Every client of that process waited with them, refreshes past
their window of grace, which then read as reuse and ended innocent sessions.
"""

import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest
from django.db import OperationalError, connection
from django.db.backends.sqlite3.base import DatabaseWrapper

WAIT = "PRAGMA busy_timeout = {}"

pytestmark = pytest.mark.django_db


@pytest.fixture
def connect(tmp_path):
    """Return what opens connections to one SQLite database."""
    opened = []

    def connect():
        settings = connection.settings_dict | {"NAME": tmp_path / "db", "OPTIONS": {}}
        opened.append(DatabaseWrapper(settings, alias="elsewhere"))
        opened[-1].inc_thread_sharing()
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def fail(database):
    """Leave what Django leaves of a statement that failed: an error and its frames, in a cycle."""
    run(database, WAIT.format(0))
    with suppress(OperationalError):
        run(database, "BEGIN IMMEDIATE")


def run(database, statement):
    database.cursor().execute(statement)


def test_nobody_who_collects_garbage_waits_for_who_waits_for_him(connect):
    writer, other = connect(), connect()
    other.ensure_connection()
    is_waiting = Event()
    gc.disable()
    run(writer, "BEGIN IMMEDIATE")
    fail(other)
    run(other, WAIT.format(5000))
    # Called inside SQLite, which from then on is busy with this connection.
    other.connection.set_trace_callback(lambda _: is_waiting.set())

    with ThreadPoolExecutor(1) as threads:
        turn = threads.submit(run, other, "BEGIN IMMEDIATE")
        is_waiting.wait()
        gc.collect()
        was_waited_for = turn.done()
        run(writer, "ROLLBACK")
        gc.enable()

    assert not was_waited_for
    turn.result()


def test_what_is_asked_next_is_answered(connect):
    asked = connect()
    with asked.cursor() as failing, pytest.raises(OperationalError, match="no such table"):
        failing.execute("SELECT * FROM nowhere")

    with asked.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)
