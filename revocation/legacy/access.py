"""A legacy access token to the claims of its session."""

from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from ..claims import AccessClaims, Key, moment_of
from ..conf import Conf, accepts_legacy, conf
from ..errors import TokenExpired, TokenInvalid, TokenRevoked, refusing_when_unavailable
from ..models import primary_database, session_rows
from ..unseen import FOR_GOOD
from . import simplejwt
from .adoption import adopt, user_called
from .reading import GRAPHQL_JWT, SIMPLEJWT, LegacyToken, read

# As for `iat` of our own.
_LEEWAY_SECONDS = 60
# A hundred bytes or so for each.
_REMEMBERED_SESSIONS = 4096


def read_legacy_access(
    text: str,
    *,
    request: HttpRequest | None = None,
    now: datetime | None = None,
    is_ending: bool = False,
) -> AccessClaims:
    """Verify a legacy access token and adopt it, if that has not been done.

    Raises `Unauthenticated`, or `RevocationUnavailable`. `is_ending` is for what revokes the token:
    then it may have expired, and the date may have passed.
    """
    if not accepts_legacy(now=now, is_ending=is_ending):
        raise TokenInvalid
    token = read(text)
    if token.is_refresh:
        raise TokenInvalid
    if not is_ending:
        ensure_in_time(token, now=now)
    return claims_of(token, request=request)


def claims_of(token: LegacyToken, *, request: HttpRequest | None) -> AccessClaims:
    """Return the claims of a token whose times are right; its session is there from now on."""
    sid = token.digest("session")
    seen = _seen(conf())
    sub = seen.get(sid) or _found(sid, token, seen) or _adopted(sid, token, request)
    return AccessClaims(
        sub=sub,
        jti=token.digest("token"),
        sid=sid,
        exp=int(_retention(token).timestamp()),
        verified=token.verified,
    )


def ensure_in_time(token: LegacyToken, *, now: datetime | None = None) -> None:
    """Raise `TokenExpired`, or `TokenInvalid` where it was issued in the future."""
    moment = (now or timezone.now()).timestamp()
    if token.issued > moment + _LEEWAY_SECONDS:
        raise TokenInvalid
    leeway = conf().leeway.total_seconds()
    if token.exp <= moment - leeway and not outlives_its_end(token):
        raise TokenExpired


def outlives_its_end(token: LegacyToken) -> bool:
    """Whether `exp` does not count: django-graphql-jwt's own default was not to look at it."""
    return conf().accept_legacy_expired and token.package == GRAPHQL_JWT


def ensure_not_recycled(user: Any, *, issued: float) -> None:
    """Raise `TokenRevoked` where the user came later than the token: somebody else had the name."""
    joined = getattr(user, "date_joined", None)
    if isinstance(joined, datetime) and int(joined.timestamp()) > issued:
        raise TokenRevoked


def ensure_not_revoked_there(token: LegacyToken, user: Any) -> None:
    """Raise `TokenRevoked` where simplejwt would refuse the token."""
    if token.package != SIMPLEJWT:
        return
    is_blacklisted = simplejwt.is_blacklisted(simplejwt.jti_of(token.verified))
    if is_blacklisted or simplejwt.is_of_another_password(token.verified, user):
        raise TokenRevoked


def _found(sid: Key, token: LegacyToken, seen: dict[Key, str]) -> str | None:
    """Return whose session it is, if it was adopted before."""
    with refusing_when_unavailable():
        row = session_rows().filter(pk=sid).values_list("user_id", "expires_at").first()
        if row is None:
            return None
        sub, end = str(row[0]), _end(token)
        if row[1] < end:
            # The date was moved: a session that works is to be listed.
            session_rows().unended().filter(pk=sid, generation=0).update(expires_at=end)
    # Not what this very transaction has written: a rollback would leave a session that is not.
    transaction.on_commit(partial(_remember, seen, sid, sub), using=primary_database())
    return sub


def _adopted(sid: Key, token: LegacyToken, request: HttpRequest | None) -> str:
    pk = user_called(*token.called).pk

    def allow(owner: Any) -> None:
        ensure_not_recycled(owner, issued=token.issued)
        ensure_not_revoked_there(token, owner)

    adopt(
        sid,
        jti=token.digest("token"),
        pk=pk,
        called=token.called,
        end=_end(token),
        access_end=_retention(token),
        request=request,
        allow=allow,
    )
    return str(pk)


def _end(token: LegacyToken) -> datetime:
    """Return until when the session is to be listed, and may be kept alive by the token alone."""
    until = conf().accept_legacy_until
    end = until if until and outlives_its_end(token) else _retention(token)
    # Kept alive, the session may go on for as long as the token could be refreshed before.
    is_kept = token.package == GRAPHQL_JWT and conf().keep_alive
    return max(end, moment_of(token.issued) + conf().refresh_lifetime) if is_kept else end


def _retention(token: LegacyToken) -> datetime:
    """Return until when the token could be used: without an end, the date may be moved at will."""
    return FOR_GOOD if outlives_its_end(token) else min(moment_of(token.exp), FOR_GOOD)


@lru_cache(maxsize=1)
def _seen(settings: Conf) -> dict[Key, str]:
    """Return whose each session is that this process has met: none ever changes its user."""
    return {}


def _remember(seen: dict[Key, str], sid: Key, sub: str) -> None:
    if len(seen) >= _REMEMBERED_SESSIONS:
        seen.clear()
    seen[sid] = sub
