"""Writes that must outlive the transaction they are made in.

A refusal in one GraphQL field rolls back what its neighbours wrote (`ATOMIC_REQUESTS`). The
journal of a request remembers each of our writes and makes those that were undone again, outside
that transaction, before the answer leaves.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TypeVar

from django.db import connections, transaction

from .errors import RevocationError, RevocationUnavailable, refusing_when_unavailable

T = TypeVar("T")


class _Writes:
    """Counts the writes of this process; a number is never given twice."""

    numbers = count(1)
    latest = 0


@dataclass(eq=False, slots=True)
class _Entry:
    using: str
    write: Callable[[], object]
    is_committed: bool = False

    def commit(self) -> None:
        self.is_committed = True

    def is_undone(self) -> bool:
        """Whether a rollback took the write back, rather than its commit being still to come."""
        waiting = (hook for _, hook, *_ in connections[self.using].run_on_commit)
        return not self.is_committed and self.commit not in waiting


@dataclass(eq=False, slots=True)
class Journal:
    """The writes of one request, in the order they were made."""

    on_write: Callable[[], object]
    entries: list[_Entry] = field(default_factory=list)

    def replay(self) -> None:
        """Make every undone write again, durably, or raise `RevocationUnavailable`."""
        try:
            for entry in self.entries:
                if entry.is_undone():
                    _commit(entry.write, using=entry.using, durable=True)
                    entry.commit()
        except RevocationError as error:
            raise RevocationUnavailable from error


_open_journal: ContextVar[Journal | None] = ContextVar("revocation_journal", default=None)


@contextmanager
def open_journal(*, on_write: Callable[[], object]) -> Iterator[Journal]:
    """Remember the writes made inside; `on_write` is called after each of them."""
    journal = Journal(on_write)
    token = _open_journal.set(journal)
    try:
        yield journal
    finally:
        _open_journal.reset(token)


def durably(write: Callable[[], T], *, using: str, again: Callable[[], object] | None = None) -> T:
    """Run `write` in one transaction and return its result; `again` makes it again if undone.

    Both must be idempotent and must fix whatever they write (times, ids) beforehand. A `write`
    that returns False wrote nothing. Raises `RevocationUnavailable` when the database does not
    take the write.
    """
    entry = _Entry(using, again or write)
    journal = _open_journal.get()
    result = _commit(write, using=using, before_commit=partial(_expect, journal, entry))
    _note(journal)
    return result


def durably_at_last(write: Callable[[], T], *, using: str) -> T | None:
    """As `durably`, but a transaction that a neighbour has already broken only postpones it."""
    journal = _open_journal.get()
    try:
        return durably(write, using=using)
    except RevocationUnavailable:
        if journal is None or not connections[using].in_atomic_block:
            raise
        journal.entries.append(_Entry(using, write))
        _note(journal)
        return None


def latest_write() -> int:
    """Return a number that changes with every write of this process; compare it, nothing more."""
    return _Writes.latest


def note_change() -> None:
    """Say that something a verdict rests on has changed: verdicts known so far are forgotten."""
    _note(_open_journal.get())


def _commit(
    write: Callable[[], T],
    *,
    using: str,
    durable: bool = False,
    before_commit: Callable[[], object] = bool,
) -> T:
    with refusing_when_unavailable(), transaction.atomic(using=using, durable=durable):
        result = write()
        if result is not False:
            before_commit()
        return result


def _expect(journal: Journal | None, entry: _Entry) -> None:
    """Enter the write, unless its own transaction is the outermost and settles it by itself."""
    if journal is not None and len(connections[entry.using].savepoint_ids) > 0:
        journal.entries.append(entry)
        transaction.on_commit(entry.commit, using=entry.using)


def _note(journal: Journal | None) -> None:
    _Writes.latest = next(_Writes.numbers)
    if journal is not None:
        journal.on_write()
