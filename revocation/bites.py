"""Expired rows go a few at a time, beside sign-ins, so that nobody needs a cron job.

Nothing is promised of a single bite: it gives way to whoever was first, and to its own slowness.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from random import randrange
from typing import Any

from django.db import Error as AnyDatabaseError
from django.db import connections, transaction

from . import attempts, blacklist, sessions
from .models import primary_database
from .purging import Step, Walk

# A sign-in adds at most a row to each of two tables. One sign-in in eight takes a bite out of one
# of the three, which comes to twice what all of them added.
ONE_IN = 8
ROWS = 48
# For each statement, and for getting its turn.
_MILLISECONDS = 50

_TABLES: tuple[tuple[Callable[[], Step], Walk], ...] = (
    (blacklist.expired, Walk()),
    (sessions.expired, Walk()),
    (attempts.expired, Walk()),
)

logger = logging.getLogger("revocation")

# Workers that do not live long must not always take the same.
_turns = count(randrange(ONE_IN * len(_TABLES)))  # noqa: S311  Nobody gains by guessing it.


def now_and_then(**_: Any) -> None:
    """Take a bite, if it is time for one: listens to `session_opened`, sent after the commit."""
    turn = next(_turns)
    if turn % ONE_IN == 0:
        take(turn // ONE_IN % len(_TABLES))


def take(table: int) -> int:
    """Delete a few expired rows of a table, unless that would take long; return how many."""
    expired, walk = _TABLES[table]
    using = primary_database()
    # In a transaction of somebody else's, rows would be held for as long as that takes.
    if connections[using].in_atomic_block:
        return 0
    try:
        with _impatience(connections[using]):
            return walk.go_on(expired(), limit=ROWS).removed
    except AnyDatabaseError:
        logger.debug("A bite was not taken", exc_info=True)
        return 0


@contextmanager
def _impatience(connection: Any) -> Iterator[None]:
    """Have the database give up, inside, what takes or waits long."""
    is_mariadb = connection.vendor == "mysql" and connection.mysql_is_mariadb
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with transaction.atomic(using=connection.alias):
                # A bite that a crash undoes is no loss: nobody waits until the disk has it.
                cursor.execute("SET LOCAL synchronous_commit = off")
                cursor.execute(f"SET LOCAL statement_timeout = {_MILLISECONDS}")
                yield
        elif connection.vendor == "sqlite":
            with _set(cursor, "PRAGMA busy_timeout", "PRAGMA busy_timeout =", _MILLISECONDS):
                yield
        elif is_mariadb:
            with _set(
                cursor,
                "SELECT @@max_statement_time",
                "SET max_statement_time =",
                _MILLISECONDS / 1000,
            ):
                yield
        else:
            yield


@contextmanager
def _set(cursor: Any, get: str, put: str, value: float) -> Iterator[None]:
    """Set something for this connection, and afterwards what it was."""
    cursor.execute(get)
    [before] = cursor.fetchone()
    cursor.execute(f"{put} {value}")
    try:
        yield
    finally:
        cursor.execute(f"{put} {before}")
