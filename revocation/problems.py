"""The settings as they are written, and every question whether they are safe.

`GRAPHQL_JWT` keeps the names of django-graphql-jwt, `REVOCATION` holds what that package lacks.
A setting that would let a dead token live is refused when it is first read, as well as by the
system checks: a WSGI server runs no checks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from graphql_jwt.settings import DEFAULTS as GRAPHQL_JWT_DEFAULTS
from jwt.algorithms import get_default_algorithms

SYMMETRIC_ALGORITHMS = frozenset({"HS256", "HS384", "HS512"})
ALGORITHMS = frozenset(get_default_algorithms()) - {"none"}

# django-graphql-jwt's own defaults verify no expiry and lose the session at refresh.
GRAPHQL_JWT_OVERRIDES: Mapping[str, Any] = {
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_COOKIE_SECURE": True,
    "JWT_COOKIE_SAMESITE": "Lax",
}
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
        "JWT_PAYLOAD_HANDLER",
        "JWT_REFRESH_EXPIRED_HANDLER",
        "JWT_REFRESH_TOKEN_MODEL",
        "JWT_REFRESH_TOKEN_N_BYTES",
        "JWT_REUSE_REFRESH_TOKENS",
    }
)
REVOCATION_DEFAULTS: Mapping[str, Any] = {
    "STORE": "database",
    "GRACE_SECONDS": 10,
    "SESSION_ABSOLUTE_LIFETIME": timedelta(days=90),
    "RETENTION_MARGIN": timedelta(seconds=300),
    "PREVIOUS_KEYS": (),
    "LIMITS": {},
}
_LONGEST = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that cannot stand: the id of its system check, the fact and the remedy."""

    id: str
    message: str
    hint: str


def problems() -> list[Problem]:
    """Ask every question about the settings; an empty list means that they are safe."""
    return [problem for question in _QUESTIONS for problem in question()]


def jwt_setting(name: str) -> Any:
    """Return a setting of `GRAPHQL_JWT`, or its default."""
    given = getattr(settings, "GRAPHQL_JWT", {})
    if name in given:
        return given[name]
    # The package's own default was read when it was imported; the key may have changed since.
    if name == "JWT_SECRET_KEY":
        return settings.SECRET_KEY
    return GRAPHQL_JWT_OVERRIDES.get(name, GRAPHQL_JWT_DEFAULTS[name])


def own_setting(name: str) -> Any:
    """Return a setting of `REVOCATION`, or its default."""
    return getattr(settings, "REVOCATION", {}).get(name, REVOCATION_DEFAULTS[name])


def as_timedelta(value: Any) -> timedelta:
    """Return a duration that may be written in seconds."""
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def _unknown_keys() -> Iterator[Problem]:
    yield from _unknown("GRAPHQL_JWT", GRAPHQL_JWT_DEFAULTS, "revocation.E001")
    yield from _unknown("REVOCATION", REVOCATION_DEFAULTS, "revocation.E002")


def _unknown(name: str, known: Mapping[str, Any], check_id: str) -> Iterator[Problem]:
    for key in getattr(settings, name, {}):
        if key not in known:
            nearest = get_close_matches(str(key), known, n=1)
            hint = f"Did you mean {nearest[0]!r}?" if nearest else "Remove it."
            yield Problem(check_id, f"{name} has an unknown setting {key!r}.", hint)


def _signature_unverified() -> Iterator[Problem]:
    if not jwt_setting("JWT_VERIFY"):
        yield Problem(
            "revocation.E003",
            "GRAPHQL_JWT['JWT_VERIFY'] is off: anybody could write a token.",
            "Remove the setting.",
        )


def _expiry_unverified() -> Iterator[Problem]:
    if not jwt_setting("JWT_VERIFY_EXPIRATION"):
        yield Problem(
            "revocation.E004",
            "GRAPHQL_JWT['JWT_VERIFY_EXPIRATION'] is off: tokens would outlive the blacklist.",
            "Set it to True.",
        )


def _algorithm_unsafe() -> Iterator[Problem]:
    algorithm = jwt_setting("JWT_ALGORITHM")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        yield Problem(
            "revocation.E005",
            "GRAPHQL_JWT['JWT_ALGORITHM'] is not one signature algorithm.",
            f"Set one of {', '.join(sorted(ALGORITHMS))}.",
        )


def _keys_missing() -> Iterator[Problem]:
    algorithm = jwt_setting("JWT_ALGORITHM")
    if _is_symmetric(algorithm):
        missing = [] if jwt_setting("JWT_SECRET_KEY") else ["JWT_SECRET_KEY"]
    else:
        missing = [key for key in ("JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY") if not jwt_setting(key)]
    if missing:
        yield Problem(
            "revocation.E006",
            f"GRAPHQL_JWT lacks {' and '.join(missing)}, which {algorithm!r} needs.",
            "Set the missing keys.",
        )


def _keys_confused() -> Iterator[Problem]:
    is_symmetric = _is_symmetric(jwt_setting("JWT_ALGORITHM"))
    if is_symmetric and (jwt_setting("JWT_PUBLIC_KEY") or jwt_setting("JWT_PRIVATE_KEY")):
        yield Problem(
            "revocation.E007",
            "GRAPHQL_JWT has a key pair, but JWT_ALGORITHM signs with a shared secret.",
            "Set JWT_ALGORITHM to the algorithm of the key pair, or remove the pair.",
        )


def _token_in_argument() -> Iterator[Problem]:
    if jwt_setting("JWT_ALLOW_ARGUMENT"):
        yield Problem(
            "revocation.E008",
            "GRAPHQL_JWT['JWT_ALLOW_ARGUMENT'] is on, but no field reads a token as argument.",
            "Remove it and send the access token in the Authorization header.",
        )


def _duration_wrong() -> Iterator[Problem]:
    for name, value, may_be_zero in _durations():
        if not _is_duration(value):
            fact, hint = "is not a duration", "Set a timedelta or a number of seconds."
        elif not may_be_zero and not as_timedelta(value):
            fact, hint = "is zero", "Set a timedelta above zero."
        else:
            continue
        yield Problem("revocation.E009", f"{name} {fact}.", hint)


def _previous_keys_wrong() -> Iterator[Problem]:
    keys = own_setting("PREVIOUS_KEYS")
    is_list = isinstance(keys, list | tuple)
    if not is_list or not all(key and isinstance(key, str | bytes) for key in keys):
        yield Problem(
            "revocation.E011",
            "REVOCATION['PREVIOUS_KEYS'] is not a list of keys.",
            'Set it to a list, REVOCATION["PREVIOUS_KEYS"] = [old_key].',
        )


def _time_zones_off() -> Iterator[Problem]:
    if not settings.USE_TZ:
        yield Problem(
            "revocation.E010",
            "USE_TZ is off: local times repeat an hour each autumn, and expiry with them.",
            "Set USE_TZ = True.",
        )


def _durations() -> Iterator[tuple[str, Any, bool]]:
    yield "GRAPHQL_JWT['JWT_EXPIRATION_DELTA']", jwt_setting("JWT_EXPIRATION_DELTA"), False
    yield (
        "GRAPHQL_JWT['JWT_REFRESH_EXPIRATION_DELTA']",
        jwt_setting("JWT_REFRESH_EXPIRATION_DELTA"),
        False,
    )
    yield "GRAPHQL_JWT['JWT_LEEWAY']", jwt_setting("JWT_LEEWAY"), True
    yield "REVOCATION['SESSION_ABSOLUTE_LIFETIME']", own_setting("SESSION_ABSOLUTE_LIFETIME"), False
    yield "REVOCATION['GRACE_SECONDS']", own_setting("GRACE_SECONDS"), True
    yield "REVOCATION['RETENTION_MARGIN']", own_setting("RETENTION_MARGIN"), True


def _is_duration(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, timedelta | int | float):
        return False
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return 0 <= seconds <= _LONGEST.total_seconds()


def _is_symmetric(algorithm: Any) -> bool:
    return isinstance(algorithm, str) and algorithm in SYMMETRIC_ALGORITHMS


_QUESTIONS: tuple[Callable[[], Iterator[Problem]], ...] = (
    _unknown_keys,
    _signature_unverified,
    _expiry_unverified,
    _algorithm_unsafe,
    _keys_missing,
    _keys_confused,
    _token_in_argument,
    _duration_wrong,
    _previous_keys_wrong,
    _time_zones_off,
)
