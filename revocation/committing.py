"""One write in one transaction: tried anew where it stood in another's way."""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from django.db import OperationalError, connections, transaction

from .errors import RevocationUnavailable, refusing_when_unavailable
from .impatience import was_in_the_way

T = TypeVar("T")

# Of a write that the database undoes so that another can go on.
_TRIES = 5
logger = logging.getLogger("revocation")

# What is noted while somebody listens who can still refuse.
_unsettled: ContextVar[list[bool] | None] = ContextVar("revocation_unsettled", default=None)


def commit(write: Callable[[], T], *, using: str, durable: bool = False) -> T:
    """Run `write` in a transaction, or in the one that is open, and return its result.

    Raises `RevocationUnavailable` when the database does not take it, or when others may still be
    told what was true before it.
    """
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


def is_listening() -> bool:
    """Whether somebody hears `note_unsettled`, and can still refuse."""
    return _unsettled.get() is not None


def note_unsettled() -> None:
    """Say, when a write is committed, that others may still be told what was true before it."""
    if (notes := _unsettled.get()) is not None:
        notes.append(True)
    else:
        logger.warning("A revocation was committed that some workers may not know for two seconds")


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
