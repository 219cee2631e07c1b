"""What receivers of other apps may listen to. Every signal carries the session, never a token."""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

# sender=Session, session, request (None outside a request): somebody signed in.
session_opened = Signal()

# sender=Session, session: a token from before the upgrade was seen for the first time; its user
# signed in long ago.
session_adopted = Signal()

# sender=Session, session, request: the refresh token of a session was rotated.
session_rotated = Signal()

# sender=Session, session: a session ended; sent once per session.
session_ended = Signal()

# sender=Session, session: a rotated refresh token came back; the session has been ended.
refresh_reused = Signal()


def announce(signal: Signal, *, using: str, **details: Any) -> None:
    """Send a signal once the write it tells of is committed; no receiver can undo that write."""
    transaction.on_commit(partial(signal.send, **details), using=using, robust=True)
