"""Until when a session lives, and which of a user's do."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from .conf import conf
from .models import Session, is_fingerprint_of


def end_of(session: Session) -> datetime:
    """Return when a session is over unless it is refreshed before."""
    return min(session.expires_at, idle_at(session) or session.expires_at)


def idle_at(session: Session) -> datetime | None:
    """Return when a session will have been idle for too long; None where there is no timeout.

    By the settings of now: a timeout lowered since it was refreshed holds for it too.
    """
    timeout = conf().idle_timeout
    return None if timeout is None else session.rotated_at + timeout


def live(unended: Iterable[Session], user: Any, *, now: datetime) -> list[Session]:
    """Leave out what expired, was idle, or was opened with a password not the user's any more.

    What was idle by a timeout lowered since stays until its last access token has expired.
    """
    return [
        session
        for session in unended
        if is_unexpired(session, user, now=now)
        and max(end_of(session), session.access_expires_at) > now
    ]


def usable(unended: Iterable[Session], user: Any, *, now: datetime) -> list[Session]:
    """Leave out sessions of which no token works any more, be it only an access token."""
    return [
        session
        for session in unended
        if max(end_of(session), session.access_expires_at) > now and _is_of(session, user)
    ]


def in_use(*, now: datetime) -> Q:
    """Describe, for a query, the sessions that are live as far as their rows say."""
    row = Q(ended_at=None, expires_at__gt=now)
    timeout = conf().idle_timeout
    if timeout is None:
        return row
    return row & (Q(rotated_at__gt=now - timeout) | Q(access_expires_at__gt=now))


def is_unexpired(session: Session, user: Any, *, now: datetime) -> bool:
    """Whether a session has not expired, and its user has the password it was opened with."""
    return session.expires_at > now and _is_of(session, user)


def _is_of(session: Session, user: Any) -> bool:
    return is_fingerprint_of(session.fingerprint, user.password, sid=session.id)
