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
from django.db import connections

from . import attempts, blacklist, devices, sessions
from .impatience import impatient, set_meanwhile
from .models import primary_database
from .purging import Step, Walk

# A sign-in adds at most a row to each of two tables, and an address to forget. One sign-in in eight
# takes a bite of one of four kinds, which comes to twice what all of them added.
ONE_IN = 8
ROWS = 64
# For each statement, and for getting its turn.
_MILLISECONDS = 50

_TABLES: tuple[tuple[Callable[[], Step], Walk], ...] = (
    (blacklist.expired, Walk()),
    (sessions.expired, Walk()),
    (attempts.expired, Walk()),
    (devices.expired, Walk()),
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
        with _impatience(using):
            return walk.go_on(expired(), limit=ROWS).removed
    except AnyDatabaseError:
        logger.debug("A bite was not taken", exc_info=True)
        return 0


@contextmanager
def _impatience(using: str) -> Iterator[None]:
    """Have the database give up, inside, what takes or waits long."""
    if connections[using].vendor == "sqlite":
        get, put = "PRAGMA busy_timeout", "PRAGMA busy_timeout ="
        with set_meanwhile(using, get, put, _MILLISECONDS):
            yield
    else:
        with impatient(using, milliseconds=_MILLISECONDS):
            yield
