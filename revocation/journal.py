"""Writes that must outlive the transaction they are made in.

A refusal in one GraphQL field rolls back what its neighbours wrote (`ATOMIC_REQUESTS`). The
journal of a request remembers each of our writes and makes them again, outside that transaction,
before the answer leaves. It asks nobody whether that is needed: a database may answer COMMIT with
success after it has dropped the transaction, and Django's on-commit hooks believe it.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, Self, TypeVar

from django.db import OperationalError, connections, transaction

from .errors import RevocationError, RevocationUnavailable, refusing_when_unavailable
from .impatience import was_in_the_way

T = TypeVar("T")

# Of a write that the database undoes so that another can go on.
_TRIES = 5
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


@dataclass(eq=False, slots=True)
class Journal:
    """The writes of one request that its own transaction may undo, in the order they were made.

    Entered, it is the one that remembers. No generator does that: entering one costs more.
    """

    on_write: Callable[[], object]
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
        if self.undoable:
            _make_again(self.undoable, durable=True)

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
# What is noted while somebody listens who can still refuse.
_unsettled: ContextVar[list[bool] | None] = ContextVar("revocation_unsettled", default=None)
_will_be_made_again: ContextVar[bool] = ContextVar("revocation_will_be_made_again", default=False)


def open_journal(*, on_write: Callable[[], object]) -> Journal:
    """Remember the writes made inside a `with`; `on_write` is called after each of them."""
    return Journal(on_write)


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
    token = _will_be_made_again.set(is_undoable)
    try:
        result = _commit(write, using=using)
    finally:
        _will_be_made_again.reset(token)
    if result is not False:
        if journal is not None and is_undoable:
            journal.undoable.append(_Entry(using, again or write, holds, _transaction(using)))
        _note(journal)
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
        journal.undoable.append(_Entry(using, again or write, lambda: True, _transaction(using)))
        _note(journal)
        return None


def is_open() -> bool:
    """Whether a request's journal remembers the writes of now."""
    return _open_journal.get() is not None


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


def is_listening() -> bool:
    """Whether somebody hears `note_unsettled`, and can still refuse."""
    return _unsettled.get() is not None


def note_unsettled() -> None:
    """Say, when a write is committed, that others may still be told what was true before it."""
    if (notes := _unsettled.get()) is not None:
        notes.append(True)
    else:
        logger.warning("A revocation was committed that some workers may not know for two seconds")


def _commit(write: Callable[[], T], *, using: str, durable: bool = False) -> T:
    if connections[using].in_atomic_block:
        return _write(write, using=using, durable=durable)
    notes: list[bool] = []
    token = _unsettled.set(notes)
    try:
        result = _write(write, using=using, durable=durable)
    finally:
        _unsettled.reset(token)
    if notes:
        raise RevocationUnavailable
    return result


def _write(write: Callable[[], T], *, using: str, durable: bool, tries: int = _TRIES) -> T:
    with refusing_when_unavailable():
        try:
            with transaction.atomic(using=using, durable=durable):
                return write()
        except OperationalError as error:
            # In a request's transaction what the request wrote is undone too, for it to do anew.
            if connections[using].in_atomic_block or tries == 1 or not was_in_the_way(error):
                raise
    return _write(write, using=using, durable=durable, tries=tries - 1)


def _transaction(using: str) -> object:
    """Return the outermost of the transactions that are open, or None."""
    return next(iter(connections[using].atomic_blocks), None)


def _make_again(entries: list[_Entry], *, durable: bool) -> None:
    # All of them, also after one that fails: the others are no less needed.
    made = [_is_made_again(entry, durable=durable) for entry in entries]
    held = [_commit(entry.holds, using=entry.using) for entry in entries]
    if not all(made + held):
        raise RevocationUnavailable


def _is_made_again(entry: _Entry, *, durable: bool) -> bool:
    is_undoable = not durable and connections[entry.using].in_atomic_block
    token = _will_be_made_again.set(is_undoable)
    try:
        _commit(entry.again, using=entry.using, durable=durable)
    except RevocationError:
        return False
    except RuntimeError:
        # Django's word for a transaction around the whole request, which nothing can outlive.
        logger.exception("RevocationMiddleware runs inside a transaction; move it outside")
        return False
    finally:
        _will_be_made_again.reset(token)
    return True


def _note(journal: Journal | None) -> None:
    if journal is not None:
        journal.has_written = True
    note_change()
