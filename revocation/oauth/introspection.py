"""What a token is worth now, as OAuth 2.0 tells it (RFC 7662, 2.2)."""

from contextlib import suppress
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from .. import guard, liveness, sessions
from ..errors import RefreshRejected, Unauthenticated
from ..tokens import read_refresh

_INACTIVE = {"active": False}
_TOLD = ("exp", "iat", "sub", "aud", "iss", "jti", "sid")


def introspected(text: str) -> dict[str, Any]:
    """Describe a token that would be accepted now; of any other, say nothing but that it is not.

    Nothing is changed by asking: an old refresh token is no alarm here. Raises
    `RevocationUnavailable`.
    """
    with suppress(Unauthenticated):
        return _of_access(text)
    with suppress(RefreshRejected):
        return _of_refresh(text)
    return _INACTIVE


def _of_access(text: str) -> dict[str, Any]:
    identity = guard.judge(text)
    # With the Redis store the user is not looked at until somebody asks.
    username = identity.user.get_username()
    payload = identity.claims.verified
    told = {name: payload[name] for name in _TOLD if name in payload}
    return {"active": True, "token_type": "Bearer", "username": str(username), **told}


def _of_refresh(text: str) -> dict[str, Any]:
    claims = read_refresh(text)
    now = timezone.now()
    session = sessions.load(claims, now=now)
    if session.generation != claims.gen or liveness.end_of(session) <= now:
        return _INACTIVE
    user: Any = session.user
    username = str(getattr(user, get_user_model().USERNAME_FIELD))
    return {
        "active": True,
        "username": username,
        "exp": claims.exp,
        "sub": claims.sub,
        "sid": claims.sid,
    }
