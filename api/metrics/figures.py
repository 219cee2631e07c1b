"""What the database says about itself: asked now and then, and never waited for long."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import Error as AnyDatabaseError
from django.db import connections
from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from revocation.conf import conf
from revocation.models import RevokedToken, attempt_rows, primary_database, session_rows

# Answers are given again for so long, whoever asks; and waited for so long.
FRESH_SECONDS = 10
PATIENCE_SECONDS = 1.0
# Up to so many rows are counted. Beyond, the database's own estimate has to do.
MOST_COUNTED = 10_000
# SQLite keeps none, and counts quickly.
MOST_COUNTED_ON_SQLITE = 100_000

logger = logging.getLogger(__name__)


class Table(NamedTuple):
    """A table that is purged, and when a row of it may go: so long after a moment in it."""

    name: str
    rows: Callable[[], QuerySet[Any]]
    moment: str
    kept: Callable[[], timedelta]


TABLES = (
    Table(
        "blacklist",
        lambda: RevokedToken.objects.using(primary_database()),
        "expires_at",
        lambda: conf().leeway,
    ),
    Table("sessions", session_rows, "expires_at", lambda: conf().leeway + conf().retention_margin),
    Table("attempts", attempt_rows, "failed_at", lambda: conf().attempts_window),
)


class Figures(NamedTuple):
    """Rows and seconds by table; a number that would cost too much to know is missing."""

    rows: dict[str, int]
    overdue: dict[str, float]
    live_sessions: int | None


def read(*, now: datetime | None = None) -> Figures:
    """Ask the database. Raises `django.db.Error`."""
    moment = now or timezone.now()
    rows = {table.name: number_of(table.rows()) for table in TABLES}
    return Figures(
        rows={name: number for name, number in rows.items() if number is not None},
        overdue={table.name: _overdue(table, moment) for table in TABLES},
        live_sessions=number_of(session_rows(), live_sessions(now)),
    )


def live_sessions(now: datetime | None = None) -> QuerySet[Any]:
    """Return the sessions that have neither ended nor expired."""
    return session_rows().unended().filter(expires_at__gt=now or Now())


def number_of(table: QuerySet[Any], some: QuerySet[Any] | None = None) -> int | None:
    """Return how many rows a table has, or some of them: counted, estimated, or None."""
    vendor = connections[table.db].vendor
    most = MOST_COUNTED_ON_SQLITE if vendor == "sqlite" else MOST_COUNTED
    wanted = table if some is None else some
    # However few are wanted, all of a large table might have to be read for them.
    if table.values("pk")[: most + 1].count() <= most:
        return wanted.count()
    if vendor == "sqlite":
        return None
    return _estimated(json.loads(wanted.values("pk").explain(format="json")))


def _estimated(plan: Any) -> int | None:
    """Return how many rows a plan expects."""
    if isinstance(plan, list):
        # PostgreSQL's.
        return int(plan[0]["Plan"]["Plan Rows"])
    if isinstance(plan, str):
        # What Django does with text.
        plan = json.loads(plan)
    found = next(_described_tables(plan), None)
    return found and round(found["rows"] * found.get("filtered", 100) / 100)


def _described_tables(plan: Any) -> Iterator[dict[str, Any]]:
    """Find the tables in a plan of MariaDB, whose shape differs between its versions."""
    if isinstance(plan, list):
        for one in plan:
            yield from _described_tables(one)
    elif isinstance(plan, dict):
        if "rows" in plan:
            yield plan
        for one in plan.values():
            yield from _described_tables(one)


def _overdue(table: Table, now: datetime) -> float:
    """Return for how many seconds the oldest row has been waiting to be purged."""
    # Read from the beginning of an index.
    oldest = table.rows().aggregate(oldest=Min(table.moment))["oldest"]
    if oldest is None:
        return 0.0
    return max(0.0, (now - table.kept() - oldest).total_seconds())


class Reading:
    """One answer, asked for in a thread: a database that hangs must not hold who asks."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.figures: Figures | None = None
        self._is_over = threading.Event()
        try:
            threading.Thread(target=self._read, name="metrics", daemon=True).start()
        except RuntimeError:
            # There is no room for a thread; the counters can be told all the same.
            self._is_over.set()

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.began < FRESH_SECONDS or not self._is_over.is_set()

    def wait(self) -> Figures | None:
        self._is_over.wait(max(0.0, self.began + PATIENCE_SECONDS - time.monotonic()))
        return self.figures

    def _read(self) -> None:
        try:
            self.figures = read()
        except AnyDatabaseError as error:
            logger.warning("No figures: the database does not answer", exc_info=error)
        finally:
            self._is_over.set()
            # This thread's own, and nobody else's.
            connections.close_all()


class Reader:
    """Has the database asked by one thread at a time, and gives what it said lately to all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Reading | None = None

    def latest(self) -> Figures | None:
        """Return what the database says, or None where it does not answer, or not quickly."""
        with self._lock:
            if self._latest is None or not self._latest.is_fresh:
                self._latest = Reading()
            reading = self._latest
        return reading.wait()
