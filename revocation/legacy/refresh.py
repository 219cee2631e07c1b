"""A legacy refresh token to the claims of the session it is exchanged for.

The session opens at generation 0, as if its refresh token had never been rotated, and the legacy
token stands for that generation: rotating the session once exchanges it, a lost answer is given
again within the grace window, and whatever comes later is reuse.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from ..claims import Key, RefreshClaims, moment_of
from ..conf import accepts_legacy, conf
from ..errors import (
    RefreshExpired,
    RefreshInvalid,
    RefreshUserInactive,
    SessionEnded,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
    UserInactive,
    refusing_when_unavailable,
)
from ..models import session_rows
from ..unseen import FOR_GOOD
from . import opaque, simplejwt
from .access import claims_of, ensure_in_time, ensure_not_recycled, ensure_not_revoked_there
from .adoption import adopt, user_called
from .reading import SIMPLEJWT, LegacyToken, read


def read_legacy_refresh(
    text: str,
    *,
    request: HttpRequest | None = None,
    now: datetime | None = None,
    is_ending: bool = False,
) -> RefreshClaims:
    """Verify a legacy refresh token and use it up for a session, if that has not been done.

    Raises `RefreshRejected`, or `RevocationUnavailable`. `is_ending` is for what revokes the token:
    then it may have expired, and the date may have passed.
    """
    if not accepts_legacy(now=now, is_ending=is_ending):
        raise RefreshInvalid
    try:
        return _exchanged(text, request, now, is_ending)
    except TokenExpired as error:
        raise RefreshExpired from error
    except TokenRevoked as error:
        raise SessionEnded from error
    except UserInactive as error:
        raise RefreshUserInactive from error
    except TokenInvalid as error:
        raise RefreshInvalid from error


def was_keep_alive() -> bool:
    """Whether access tokens themselves were refreshed: django-graphql-jwt's mode by default."""
    given = getattr(settings, "GRAPHQL_JWT", {})
    return not given.get("JWT_LONG_RUNNING_REFRESH_TOKEN", False)


def _exchanged(
    text: str, request: HttpRequest | None, now: datetime | None, is_ending: bool
) -> RefreshClaims:
    try:
        token = read(text)
    except TokenInvalid:
        return _of_row(opaque.find(text, request=request), request, now, is_ending)
    exchange = _of_simplejwt if token.is_refresh else _of_access
    return exchange(token, request, now, is_ending)


def _of_access(
    token: LegacyToken, request: HttpRequest | None, now: datetime | None, is_ending: bool
) -> RefreshClaims:
    """An access token that may be refreshed for some time after the sign-in."""
    if token.package == SIMPLEJWT or not was_keep_alive():
        raise TokenInvalid
    end = moment_of(token.issued) + conf().refresh_lifetime
    if not is_ending:
        ensure_in_time(token, now=now)
        _ensure_before(end, now=now)
    claims = claims_of(token, request=request)
    return RefreshClaims(sub=claims.sub, sid=claims.sid, gen=0, exp=_epoch(end))


def _of_simplejwt(
    token: LegacyToken, request: HttpRequest | None, now: datetime | None, is_ending: bool
) -> RefreshClaims:
    if not is_ending:
        ensure_in_time(token, now=now)

    def allow(owner: Any) -> None:
        ensure_not_recycled(owner, issued=token.issued)
        ensure_not_revoked_there(token, owner)
        if not simplejwt.blacklist(simplejwt.jti_of(token.verified), user=owner, exp=token.exp):
            raise TokenRevoked

    sid, end = token.digest("session"), min(moment_of(token.exp), FOR_GOOD)
    sub = _sub_of(sid)
    if sub is None:
        pk = user_called(*token.called).pk
        adopt(sid, pk=pk, called=token.called, end=end, request=request, allow=allow)
        sub = str(pk)
    return RefreshClaims(sub=sub, sid=sid, gen=0, exp=_epoch(end))


def _of_row(
    row: Any, request: HttpRequest | None, now: datetime | None, is_ending: bool
) -> RefreshClaims:
    end = opaque.expires_at(row)
    if not is_ending:
        _ensure_before(end, now=now)

    def allow(owner: Any) -> None:
        ensure_not_recycled(owner, issued=row.created.timestamp())
        if not opaque.revoke(row):
            raise TokenRevoked

    sid = opaque.sid_of(row)
    if _sub_of(sid) is None:
        adopt(sid, pk=row.user_id, end=end, request=request, allow=allow)
    return RefreshClaims(sub=str(row.user_id), sid=sid, gen=0, exp=_epoch(end))


def _ensure_before(end: datetime, *, now: datetime | None) -> None:
    if end <= (now or timezone.now()):
        raise TokenExpired


def _sub_of(sid: Key) -> str | None:
    """Return whose the session is that a token was exchanged for before, if it was."""
    with refusing_when_unavailable():
        pk = session_rows().filter(pk=sid).values_list("user_id", flat=True).first()
    return None if pk is None else str(pk)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
