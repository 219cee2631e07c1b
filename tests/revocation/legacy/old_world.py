"""Tokens as they were issued before the upgrade, by the packages that issued them."""

import time
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from graphql_jwt.utils import jwt_encode, jwt_payload


def soon() -> str:
    """Return a date until which legacy tokens may be accepted."""
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


def in_force(**more: Any) -> dict[str, Any]:
    """Return the settings of a project that has just been upgraded."""
    return settings.REVOCATION | {"ACCEPT_LEGACY_UNTIL": soon()} | more


def access_token(user: Any, **claims: Any) -> str:
    """Sign as django-graphql-jwt does; claims may be changed, or left out by None."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        payload = jwt_payload(user)
    return jwt_encode(_without_nothing({**payload, **claims}))


def simplejwt_token(user: Any, kind: str = "access", *, key: str = "", **claims: Any) -> str:
    """Sign as simplejwt does; claims as above."""
    now = int(time.time())
    payload = {
        "token_type": kind,
        "exp": now + 300,
        "iat": now,
        "jti": f"{kind}-{user.pk}-{now}",
        "user_id": str(user.pk),
        **claims,
    }
    return jwt.encode(_without_nothing(payload), key or settings.SECRET_KEY, "HS256")


def _without_nothing(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


def without_refresh_tokens(settings):
    """Return settings that say nothing of refresh tokens: there were none then, and are now."""
    return {
        name: value for name, value in settings.items() if name != "JWT_LONG_RUNNING_REFRESH_TOKEN"
    }
