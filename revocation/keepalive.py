"""Keep a session alive by its access token alone, for clients that were given no refresh token."""

from datetime import datetime

from django.utils import timezone

from . import journal, liveness, sessions, status_index
from .claims import AccessClaims
from .errors import RevocationUnavailable, SessionEnded
from .issue import TokenPair, lifetimes_from, sign_pair
from .models import primary_database, session_rows

_OVER = "Refresh has expired"


def keep_alive(claims: AccessClaims, *, now: datetime | None = None) -> TokenPair:
    """Return another access token of the session of one that the guard let in just now.

    It ends with the session at the latest, and that never moves. Raises `RefreshRejected`.
    """
    moment = now or timezone.now()
    try:
        session = sessions.load(claims, now=moment)
        lifetimes = lifetimes_from(session.created_at, now=moment)
    except SessionEnded:
        raise SessionEnded(_OVER) from None
    end = liveness.end_of(session)
    if end <= moment:
        raise SessionEnded(_OVER)
    lifetimes = lifetimes.ending(end)
    lacking = status_index.lacking(session)

    def write() -> bool:
        columns = {"access_expires_at": lifetimes.access_expires_at} | lacking()
        return session_rows().extend(session.id, **columns)

    def again() -> None:
        # Ended meanwhile, the session would be forgotten before the token it was not told of.
        if not write():
            raise RevocationUnavailable

    if not journal.durably(write, using=primary_database(), again=again):
        raise SessionEnded(_OVER)
    return sign_pair(session, lifetimes)
