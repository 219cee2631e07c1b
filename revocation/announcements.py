"""What is told by signals: each thing once, and only what holds.

What is written in a transaction of its own is told once that is committed. What the journal makes
again is told when it has: until then a rollback may undo it, and a COMMIT may report a success that
was none. No receiver can undo what it is told of.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from . import occasions

Send = Callable[[], object]
# Which signal, and the key of what it is about.
Subject = tuple[Signal, str]


class Announcements:
    """What one write of the journal has to tell. Made again, it tells the same, and once."""

    def __init__(self) -> None:
        self._waiting: dict[Subject, Send] = {}
        self._told: set[Subject] | None = None

    def add(self, subject: Subject, send: Send) -> None:
        """Keep it until `release`, which may never come; later, tell it unless it was told."""
        if self._told is None:
            self._waiting[subject] = send
        elif subject not in self._told:
            self._told.add(subject)
            send()

    def release(self) -> None:
        """Tell what was kept: it holds."""
        if self._told is None:
            self._told = set(self._waiting)
            for send in self._waiting.values():
                send()


_kept: ContextVar[Announcements | None] = ContextVar("revocation_announcements", default=None)


@contextmanager
def keeping(announcements: Announcements | None) -> Iterator[None]:
    """Keep there what is announced inside; with None, tell it after the commit."""
    token = _kept.set(announcements)
    try:
        yield
    finally:
        _kept.reset(token)


def announce(signal: Signal, *, about: str, owner: Any, using: str, **details: Any) -> None:
    """Send a signal once the write it tells of holds, with why, by whom and in which request.

    `about` is the key of what it is about; `owner`, whose that is.
    """
    occasion = occasions.current()
    send = partial(
        tell,
        signal,
        reason=occasion.reason,
        actor=occasion.by(owner),
        request=occasion.request,
        client=occasion.client,
        **details,
    )
    kept = _kept.get()
    told = send if kept is None else partial(kept.add, (signal, about), send)
    transaction.on_commit(told, using=using, robust=True)


def tell(signal: Signal, **details: Any) -> None:
    """Send a signal now. A receiver that fails is logged by Django, and the others still hear."""
    # What a receiver does in turn happens for reasons of its own.
    with occasions.resumed(None), keeping(None):
        signal.send_robust(**details)
