"""How expired rows are deleted: along an index, a few at a time, past rows that others hold.

Whoever purges says what is expired; nothing is decided here.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol

from django.db import OperationalError, connections, models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from .impatience import impatient, was_given_up
from .models import primary_database, session_rows

# A batch that takes longer is followed by a rest as long, and by a smaller one, down to so many
# rows: nobody else may have to wait, however slow the disk.
_LONG_SECONDS = 0.1
_FEWEST_ROWS = 100
# A statement that takes longer is given up, and tried again; not for ever.
_MOST_MILLISECONDS = 120
_TRIES = 30
# How often a walk begins at the front again: it has passed rows that were held, and some are
# written when they have expired already.
_ROUND_SECONDS = 3600

# What is done with rows; returns how many there were.
How = Callable[[models.QuerySet[Any]], int]


class Place(NamedTuple):
    """A place in the index: the moment of a row, and its primary key."""

    moment: datetime
    key: str


class Batch(NamedTuple):
    """What one step did: rows that went, the places of the first and the last it looked at."""

    removed: int
    first: Place | None
    reached: Place | None
    is_last: bool


class Step(Protocol):
    """Forgets expired rows of one table: looks at `limit` of them, the oldest `after` a place.

    With `is_dry` it only counts those that would go.
    """

    def __call__(
        self, *, limit: int, after: Place | None = None, is_dry: bool = False
    ) -> Batch: ...


class Walk:
    """Goes through a table for as long as a process lives, a step now and then."""

    def __init__(self) -> None:
        self._reached: Place | None = None
        self._next_round = time.monotonic() + _ROUND_SECONDS

    def go_on(self, step: Step, *, limit: int) -> Batch:
        """Take one step more, from where the last one ended."""
        is_new_round = time.monotonic() > self._next_round
        if is_new_round:
            # Now, whatever becomes of this step: one that fails at the front is not tried at once.
            self._next_round = time.monotonic() + _ROUND_SECONDS
        batch = step(limit=limit, after=None if is_new_round else self._reached)
        self._reached = batch.reached
        return batch


def batches(step: Step, *, limit: int, is_dry: bool = False) -> Iterator[Batch]:
    """Take steps through a whole table, each beginning where the last one ended.

    Beginning at the front again would cost more each time: a database reads past what was deleted
    there until it has cleared that away.
    """
    place, size, tries, is_last = None, limit, 0, False
    while not is_last:
        began = time.monotonic()
        batch = _attempt(
            partial(step, limit=size, after=place, is_dry=is_dry), is_last_try=tries >= _TRIES
        )
        tries = 0 if batch else tries + 1
        seconds = time.monotonic() - began
        if batch:
            yield batch
            place, is_last = batch.reached, batch.is_last
        is_long = seconds > _LONG_SECONDS
        size = max(size // 2, min(_FEWEST_ROWS, limit)) if is_long else min(size * 2, limit)
        if is_long and not is_last:
            time.sleep(seconds)


def sizes(step: Step, *, limit: int) -> Iterator[int]:
    """Take steps through a whole table, yielding how many rows went with each that took some."""
    return (batch.removed for batch in batches(step, limit=limit) if batch.removed)


def forget(
    rows: models.QuerySet[Any],
    *,
    by: str,
    before: datetime,
    limit: int,
    after: Place | None = None,
    is_dry: bool = False,
    how: How | None = None,
) -> Batch:
    """Take one step through `rows` along the index on `by` and the primary key.

    Looks at `limit` rows whose `by` is earlier than `before`, wherever they are, and deletes those
    that `rows` contains and nobody holds, or does with them what `how` does.
    """
    found = _places(rows.model._base_manager.using(rows.db), by, before, limit, after)
    keys = [place.key for place in found]
    if is_dry:
        removed = len(_dead(rows.filter(pk__in=keys), by, before))
    else:
        removed = _take(rows, keys, by, before, how or _gone) if keys else 0
    return Batch(
        removed=removed,
        first=found[0] if found else after,
        reached=found[-1] if found else after,
        is_last=len(found) < limit,
    )


def earlier_now() -> datetime:
    """Return what time it is at least: the earlier of this machine's clock and the database's.

    A clock that runs ahead, here or there, makes nothing expire that lives.
    """
    rows, now = session_rows(), Now()
    compiler = rows.query.get_compiler(rows.db)
    sql, params = compiler.compile(now)
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"SELECT {sql}", params)
        found = cursor.fetchall()
    theirs: datetime
    [[theirs]] = compiler.apply_converters(found, compiler.get_converters([now]))
    return min(timezone.now(), theirs)


def _attempt(step: Callable[[], Batch], *, is_last_try: bool) -> Batch | None:
    """Take a step; None where it took too long. What it did then is undone."""
    try:
        with impatient(primary_database(), milliseconds=_MOST_MILLISECONDS):
            return step()
    except OperationalError as error:
        if is_last_try or not was_given_up(error):
            raise
        return None


def _places(
    rows: models.QuerySet[Any], by: str, before: datetime, limit: int, after: Place | None
) -> list[Place]:
    """Read the index alone, from exactly where the last step ended."""
    ahead = rows.filter(**{f"{by}__lt": before})
    found: list[Any] = []
    if after is not None:
        # Two ranges: no database finds the beginning of the one that "later, or as late and with a
        # greater key" describes.
        as_late = rows.filter(**{by: after.moment}, pk__gt=after.key).order_by("pk")
        found += as_late.values_list(by, "pk")[:limit]
        ahead = ahead.filter(**{f"{by}__gt": after.moment})
    if len(found) < limit:
        found += ahead.order_by(by, "pk").values_list(by, "pk")[: limit - len(found)]
    return [Place(*row) for row in found]


def _take(rows: models.QuerySet[Any], keys: list[str], by: str, before: datetime, how: How) -> int:
    """Do it with these few rows, except for any that was lengthened since it was found."""
    connection = connections[rows.db]
    with transaction.atomic(using=rows.db, savepoint=False):
        if not connection.features.has_select_for_update_skip_locked:
            return how(rows.filter(**{"pk__in": keys, f"{by}__lt": before}))
        # MariaDB, asked for several, may read the whole of a small table, and wait for a row of
        # somebody else's that it only comes by, or have somebody pass over one that it holds so.
        parts = [[key] for key in keys] if connection.vendor == "mysql" else [keys]
        return sum(_take_unheld(rows, part, by, before, how) for part in parts)


def _take_unheld(
    rows: models.QuerySet[Any], keys: list[str], by: str, before: datetime, how: How
) -> int:
    """What somebody works with is left to the next purge: nobody waits for anybody."""
    unheld = rows.filter(pk__in=keys).select_for_update(skip_locked=True)
    dead = _dead(unheld, by, before)
    return how(rows.model._base_manager.using(rows.db).filter(pk__in=dead))


def _gone(rows: models.QuerySet[Any]) -> int:
    return rows.delete()[1].get(rows.model._meta.label, 0)


def _dead(some: models.QuerySet[Any], by: str, before: datetime) -> list[str]:
    # Compared here: told of the moment, PostgreSQL may prefer the index on it to the primary key,
    # and read it from the front.
    return [key for key, moment in some.values_list("pk", by) if moment < before]
