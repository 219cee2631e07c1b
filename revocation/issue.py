"""What a session is given at one moment: lifetimes, and a signed pair of tokens.

Times are fixed here before anything is written and signed from here after, so a process paused
between the write and the signature mints nothing that outlives the record.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from . import status_index
from .claims import RefreshClaims, moment_of, new_id
from .conf import conf
from .device import device_of
from .errors import SessionEnded
from .models import Session, fingerprint_of
from .tokens import sign_access, sign_refresh


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and a refresh token of one session, with what clients are told of them."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    payload: dict[str, Any]
    access_expires_at: datetime
    refresh_expires_at: datetime
    user: Any


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """When tokens issued at one moment begin and end, in epoch seconds."""

    iat: int
    access_exp: int
    refresh_exp: int

    @property
    def access_expires_at(self) -> datetime:
        """The end of the access token."""
        return moment_of(self.access_exp)

    @property
    def refresh_expires_at(self) -> datetime:
        """The end of the refresh token."""
        return moment_of(self.refresh_exp)

    def ending(self, by: datetime | None) -> "Lifetimes":
        """The same, of an access token that ends by then; None is never."""
        if by is None:
            return self
        return replace(self, access_exp=min(self.access_exp, int(by.timestamp())))


def lifetimes_from(opened_at: datetime, *, now: datetime) -> Lifetimes:
    """Return the times of tokens issued now; none of them passes the end of the session.

    Raises `SessionEnded` when that end has come.
    """
    session_end = opened_at + conf().session_absolute_lifetime
    if session_end <= now:
        raise SessionEnded

    def exp(lifetime: timedelta) -> int:
        return int(min(now + lifetime, session_end).timestamp())

    refresh_lifetime = min(conf().refresh_lifetime, conf().idle_timeout or timedelta.max)
    return Lifetimes(
        iat=int(now.timestamp()),
        access_exp=exp(conf().access_lifetime),
        refresh_exp=exp(refresh_lifetime),
    )


def new_session(
    user: Any, lifetimes: Lifetimes, *, opened_at: datetime, request: HttpRequest | None
) -> Session:
    """Return the row of a session that starts now, not yet written."""
    sid = new_id()
    return Session(
        id=sid,
        user=user,
        fingerprint=fingerprint_of(user.password, sid=sid),
        created_at=opened_at,
        rotated_at=timezone.now(),
        expires_at=lifetimes.refresh_expires_at,
        access_expires_at=lifetimes.access_expires_at,
        **device_of(request),
    )


def sign_pair(session: Session, lifetimes: Lifetimes) -> TokenPair:
    """Sign a new access token, and the refresh token that the session row alone describes."""
    access_token, payload = sign_access(
        session.user,
        jti=new_id(),
        sid=session.id,
        iat=lifetimes.iat,
        exp=lifetimes.access_exp,
        orig_iat=int(session.created_at.timestamp()),
        status=status_index.reference(session.status_position),
    )
    refresh = RefreshClaims(
        sub=str(session.user_id),
        sid=session.id,
        gen=session.generation,
        exp=int(session.expires_at.timestamp()),
    )
    return TokenPair(
        access_token=access_token,
        refresh_token=sign_refresh(refresh),
        payload=payload,
        access_expires_at=lifetimes.access_expires_at,
        refresh_expires_at=session.expires_at,
        user=session.user,
    )
