"""The row of a new session: written, written again after a rollback, and whether it holds."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections
from django.dispatch import Signal

from . import signals, status_index
from .announcements import announce
from .errors import InvalidCredentials
from .models import Session, is_fingerprint_of, primary_database, session_rows


def insert(session: Session) -> None:
    """Write a new row, in the caller's transaction.

    Raises `InvalidCredentials` where the user was deactivated, deleted or given another password
    since the sign-in was checked.
    """
    using = primary_database()
    user = lock_user(session.user_id)
    if user is None or not user.is_active or not _is_password_of(user, session):
        raise InvalidCredentials
    status_index.ensure_position(session)
    session.save(using=using, force_insert=True)
    tell(signals.session_opened, session)


def tell(signal: Signal, session: Session) -> None:
    """Announce what is written about a session, in the caller's transaction."""
    using = primary_database()
    details = {"sender": Session, "session": session}
    announce(signal, about=session.id, owner=session.user, using=using, **details)


def lock_user(pk: Any) -> Any:
    """Return a user as of now, if there is one, in the caller's transaction.

    Whoever changes it, or opens or ends all its sessions, does so before or after.
    """
    using = primary_database()
    users: Any = get_user_model()._base_manager.using(using)
    no_key = connections[using].features.has_select_for_no_key_update
    return users.select_for_update(no_key=no_key).filter(pk=pk).first()


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
    return _is_password_of(now, row)


def _is_password_of(user: Any, session: Session) -> bool:
    return is_fingerprint_of(session.fingerprint, user.password, sid=session.id)
