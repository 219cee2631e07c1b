"""The settings as they are written, or the defaults where they are not.

`GRAPHQL_JWT` keeps the names of django-graphql-jwt, `REVOCATION` holds what that package lacks.
Nothing is judged here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from graphql_jwt.settings import DEFAULTS as GRAPHQL_JWT_DEFAULTS

# django-graphql-jwt's own defaults verify no expiry and lose the session at refresh.
GRAPHQL_JWT_OVERRIDES: Mapping[str, Any] = {
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_COOKIE_SECURE": True,
    "JWT_COOKIE_SAMESITE": "Lax",
}
# Where the handlers are that make its own code ask our guard.
HANDLERS_OF = "revocation.contrib.graphql_jwt.handlers."
# Known to django-graphql-jwt, and read by nobody here.
UNREAD_SETTINGS = frozenset(
    {
        "JWT_ALLOW_ANY_CLASSES",
        "JWT_ALLOW_ANY_HANDLER",
        "JWT_ALLOW_REFRESH",
        "JWT_ARGUMENT_NAME",
        "JWT_CSRF_ROTATION",
        "JWT_DECODE_HANDLER",
        "JWT_ENCODE_HANDLER",
        "JWT_GET_REFRESH_TOKEN_HANDLER",
        "JWT_GET_USER_BY_NATURAL_KEY_HANDLER",
        "JWT_PAYLOAD_GET_USERNAME_HANDLER",
        "JWT_REFRESH_EXPIRED_HANDLER",
        "JWT_REFRESH_TOKEN_MODEL",
        "JWT_REFRESH_TOKEN_N_BYTES",
        "JWT_REUSE_REFRESH_TOKENS",
    }
)
# Of these, what is read for as long as legacy tokens are accepted.
READ_FOR_LEGACY = frozenset({"JWT_GET_REFRESH_TOKEN_HANDLER", "JWT_REFRESH_TOKEN_MODEL"})
# Of these, what its own fields, backend and middleware read.
READ_BY_STOCK_CODE = frozenset(name for name in UNREAD_SETTINGS if name.endswith("_HANDLER")) | {
    "JWT_ALLOW_ANY_CLASSES",
    "JWT_CSRF_ROTATION",
}
REVOCATION_DEFAULTS: Mapping[str, Any] = {
    "STORE": "database",
    "REDIS_URL": None,
    "REDIS_TIMEOUT": timedelta(milliseconds=50),
    "GRACE_SECONDS": 10,
    "SESSION_ABSOLUTE_LIFETIME": timedelta(days=90),
    "IDLE_TIMEOUT": None,
    "MAX_SESSIONS": None,
    "END_ON_PASSWORD_CHANGE": True,
    "END_ON_DEACTIVATION": True,
    "END_ON_DEMOTION": False,
    "RETENTION_MARGIN": timedelta(seconds=300),
    "PREVIOUS_KEYS": (),
    "KEYS_FILE": None,
    "LIMITS": {},
    "COOKIE_MODE": False,
    "STRICT_401": False,
    "DEFAULT_DENY": False,
    "OAUTH_CLIENTS": {},
    "ATTEMPTS_PER_ACCOUNT_AND_ADDRESS": 10,
    "ATTEMPTS_PER_ADDRESS": 300,
    "ATTEMPTS_WINDOW": timedelta(minutes=15),
    "KEEP_DEVICE_FOR": None,
    "STATUS_LIST_URL": None,
    "STATUS_LIST_LIFETIME": timedelta(seconds=60),
    "ACCEPT_LEGACY_UNTIL": None,
    "ACCEPT_LEGACY_EXPIRED": False,
}


def written(name: str) -> Mapping[str, Any]:
    """Return one of the two dictionaries as it is written; what is no dictionary says nothing."""
    found = getattr(settings, name, {})
    return found if isinstance(found, Mapping) else {}


def jwt_setting(name: str) -> Any:
    """Return a setting of `GRAPHQL_JWT`, or its default."""
    given = written("GRAPHQL_JWT")
    if name in given:
        return given[name]
    # The package's own default was read when it was imported; the key may have changed since.
    if name == "JWT_SECRET_KEY":
        return settings.SECRET_KEY
    return GRAPHQL_JWT_OVERRIDES.get(name, GRAPHQL_JWT_DEFAULTS[name])


def has_our_handler(name: str) -> bool:
    """Whether a handler of `GRAPHQL_JWT` is ours, by its dotted path."""
    return str(jwt_setting(name)).startswith(HANDLERS_OF)


def own_setting(name: str) -> Any:
    """Return a setting of `REVOCATION`, or its default."""
    return written("REVOCATION").get(name, REVOCATION_DEFAULTS[name])


def as_timedelta(value: Any) -> timedelta:
    """Return a duration that may be written in seconds."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def as_moment(value: Any) -> datetime:
    """Return a moment that may be written as ISO 8601. Raises `TypeError` or `ValueError`.

    It names its offset from UTC: without one, each machine would mean another moment.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if moment.utcoffset() is None:
        raise ValueError
    return moment
