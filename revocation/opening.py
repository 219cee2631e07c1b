"""The row of a new session: written, written again after a rollback, and whether it holds."""

from typing import Any

from django.http import HttpRequest

from . import signals
from .models import Session, is_fingerprint_of, primary_database, session_rows


def insert(session: Session, *, request: HttpRequest | None) -> None:
    """Write a new row, in the caller's transaction."""
    using = primary_database()
    session.save(using=using, force_insert=True)
    signals.announce(
        signals.session_opened, using=using, sender=Session, session=session, request=request
    )


def insert_again(session: Session, *, request: HttpRequest | None) -> None:
    """Write a new row unless it is there."""
    if not session_rows().filter(pk=session.pk).exists():
        insert(session, request=request)


def holds(session: Session) -> bool:
    """Whether the row is that of the user who signed in, with the password of then.

    A rollback may have undone the user as well, and somebody else may have the primary key by now;
    or the password was changed in between. Such a row goes: nobody was given its tokens. One that
    was ended since holds: its tokens are refused, as they should be.
    """
    row = session_rows().select_related("user").filter(pk=session.pk).first()
    if row is not None and (row.ended_at is not None or _is_of(row, session.user)):
        return True
    session_rows().filter(pk=session.pk).delete()
    return False


def _is_of(row: Session, user: Any) -> bool:
    now: Any = row.user
    if now is None or now.get_username() != user.get_username():
        return False
    return is_fingerprint_of(row.fingerprint, now.password, sid=row.id)
