"""Writes that must outlive the transaction they are made in.

A refusal in one GraphQL field rolls back what its neighbours wrote (`ATOMIC_REQUESTS`). The
journal of a request remembers each of our writes and makes them again, outside that transaction,
before the answer leaves. It asks nobody whether that is needed: a database may answer COMMIT with
success after it has dropped the transaction, and Django's on-commit hooks believe it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, Self, TypeVar

from django.db import connections

from . import occasions
from .announcements import Announcements, keeping
from .committing import commit
from .errors import RevocationError, RevocationUnavailable
from .occasions import Occasion

T = TypeVar("T")

logger = logging.getLogger("revocation")


class _Writes:
    """Counts this process's writes; no number is given twice."""

    numbers = count(1)
    latest = 0


class _Entry(NamedTuple):
    using: str
    again: Callable[[], object]
    holds: Callable[[], bool]
    # The outermost of the transactions it was made in.
    transaction: object
    occasion: Occasion
    announcements: Announcements


@dataclass(eq=False, slots=True)
class Journal:
    """The writes of one request that its own transaction may undo, in the order they were made.

    Entered, it is the one that remembers. No generator does that: entering one costs more.
    """

    on_write: Callable[[], object]
    request: Any = None
    has_written: bool = False
    has_change: bool = False
    undoable: list[_Entry] = field(default_factory=list)
    _before: Token[Any] | None = None

    def __enter__(self) -> Self:
        self._before = _open_journal.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            _open_journal.reset(self._before)

    def replay(self) -> None:
        """Make them again, durably, or raise `RevocationUnavailable`."""
        # Whoever is told of one may write in turn.
        while entries := self.undoable:
            self.undoable = []
            _make_again(entries, durable=True)

    def settle(self) -> None:
        """Make those again whose transaction is over, in the one that is open now, if any."""
        over = [one for one in self.undoable if _transaction(one.using) is not one.transaction]
        if not over:
            return
        _make_again(over, durable=False)
        # One that is open may be undone in turn.
        now = [one._replace(transaction=_transaction(one.using)) for one in over]
        kept = [one for one in self.undoable if one not in over]
        self.undoable = [one for one in now if one.transaction is not None] + kept


_open_journal: ContextVar[Journal | None] = ContextVar("revocation_journal", default=None)
_will_be_made_again: ContextVar[bool] = ContextVar("revocation_will_be_made_again", default=False)


def open_journal(*, on_write: Callable[[], object], request: Any = None) -> Journal:
    """Remember the writes that `request` makes inside a `with`; `on_write` is called after each."""
    return Journal(on_write, request)


def durably(
    write: Callable[[], T],
    *,
    using: str,
    again: Callable[[], object] | None = None,
    holds: Callable[[], bool] = lambda: True,
) -> T:
    """Run `write` in one transaction and return its result; `again` makes it hold afterwards.

    Both must fix whatever they write (times, ids) beforehand. `again`, or `write` in its place,
    finds the write either there or undone, and does nothing in the first case. `holds` says, when
    all of the request's writes were made again, whether somebody else's made this one void. A
    `write` that returns False wrote nothing. Raises `RevocationUnavailable` when the database does
    not take it.
    """
    settle()
    journal = _open_journal.get()
    is_undoable = journal is not None and connections[using].in_atomic_block
    entry = _entry(again or write, using=using, holds=holds)
    with _making(entry, is_undoable=is_undoable):
        result = commit(write, using=using)
    if result is not False:
        _note(journal, entry if is_undoable else None)
    return result


def durably_at_last(
    write: Callable[[], T], *, using: str, again: Callable[[], object] | None = None
) -> T | None:
    """As `durably`, but a transaction that is broken, or breaks meanwhile, only postpones it."""
    journal = _open_journal.get()
    try:
        return durably(write, using=using, again=again)
    except RevocationUnavailable:
        if journal is None or not connections[using].in_atomic_block:
            raise
        _note(journal, _entry(again or write, using=using))
        return None


def is_open() -> bool:
    """Whether a request's journal remembers the writes of now."""
    return _open_journal.get() is not None


def current_request() -> Any:
    """Return the request whose journal is open, if one is."""
    journal = _open_journal.get()
    return journal and journal.request


def settle() -> None:
    """Make this request's writes again whose transaction is over, perhaps undone.

    To be called before anybody relies on what the database says: an entry of a batch has a
    transaction of its own (`ATOMIC_MUTATIONS`), and the next one must not find what this one ended.
    Raises `RevocationUnavailable`.
    """
    journal = _open_journal.get()
    if journal is not None and journal.undoable:
        journal.settle()


def latest_write() -> int:
    """Return a number that changes with every write of this process; compare it, nothing more."""
    return _Writes.latest


def note_change() -> None:
    """Say that something a verdict rests on has changed: verdicts known so far are forgotten."""
    _Writes.latest = next(_Writes.numbers)
    journal = _open_journal.get()
    if journal is not None:
        journal.has_change = True
        journal.on_write()


def has_change() -> bool:
    """Whether this request has changed what others may not see yet: it may not be committed."""
    journal = _open_journal.get()
    return journal is not None and journal.has_change


def will_be_made_again() -> bool:
    """Whether the write under way is made again after the request, which is when it counts."""
    return _will_be_made_again.get()


def _transaction(using: str) -> object:
    """Return the outermost of the transactions that are open, or None."""
    return next(iter(connections[using].atomic_blocks), None)


def _entry(
    again: Callable[[], object], *, using: str, holds: Callable[[], bool] = lambda: True
) -> _Entry:
    occasion = occasions.current().within(current_request())
    return _Entry(using, again, holds, _transaction(using), occasion, Announcements())


def _make_again(entries: list[_Entry], *, durable: bool) -> None:
    # All of them, also after one that fails: the others are no less needed.
    made = [_is_made_again(entry, durable=durable) for entry in entries]
    held = [commit(entry.holds, using=entry.using) for entry in entries]
    for entry, *are_so in zip(entries, made, held, strict=True):
        if all(are_so) and (durable or _transaction(entry.using) is None):
            entry.announcements.release()
    if not all(made + held):
        raise RevocationUnavailable


def _is_made_again(entry: _Entry, *, durable: bool) -> bool:
    is_undoable = not durable and connections[entry.using].in_atomic_block
    try:
        with _making(entry, is_undoable=is_undoable, is_kept=True):
            commit(entry.again, using=entry.using, durable=durable)
    except RevocationError:
        return False
    except RuntimeError:
        # Django's word for a transaction around the whole request, which nothing can outlive.
        logger.exception("RevocationMiddleware runs inside a transaction; move it outside")
        return False
    return True


@contextmanager
def _making(entry: _Entry, *, is_undoable: bool, is_kept: bool = False) -> Iterator[None]:
    """Surround a write; what it tells is kept where it can be undone, or was."""
    token = _will_be_made_again.set(is_undoable)
    kept = entry.announcements if is_undoable or is_kept else None
    try:
        with occasions.resumed(entry.occasion), keeping(kept):
            yield
    finally:
        _will_be_made_again.reset(token)


def _note(journal: Journal | None, undoable: _Entry | None) -> None:
    if journal is not None:
        journal.has_written = True
        if undoable is not None:
            journal.undoable.append(undoable)
    note_change()
