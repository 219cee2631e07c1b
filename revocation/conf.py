"""Typed settings, read from Django's when they are first needed and again whenever they change.

`GRAPHQL_JWT` keeps the names of django-graphql-jwt, `REVOCATION` holds what that package lacks.
A setting that would let a dead token live is refused here as well as by the system checks: a
WSGI server runs no checks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
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
REVOCATION_DEFAULTS: Mapping[str, Any] = {
    "STORE": "database",
    "GRACE_SECONDS": 10,
    "SESSION_ABSOLUTE_LIFETIME": timedelta(days=90),
    "RETENTION_MARGIN": timedelta(seconds=300),
    "PREVIOUS_KEYS": (),
    "LIMITS": {},
}


@dataclass(frozen=True, slots=True, eq=False)
class Conf:
    """One consistent reading of the settings; what is derived from it is kept by its identity."""

    algorithm: str
    signing_key: str | bytes
    verifying_key: str | bytes
    previous_keys: tuple[str | bytes, ...]
    issuer: str | None
    audience: str | tuple[str, ...] | None
    leeway: timedelta
    access_lifetime: timedelta
    refresh_lifetime: timedelta
    session_absolute_lifetime: timedelta
    grace: timedelta
    retention_margin: timedelta
    store: str
    auth_header: str
    auth_prefixes: frozenset[str]
    hide_token_fields: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that cannot stand: the id of its system check, the fact and the remedy."""

    id: str
    message: str
    hint: str


@cache
def conf() -> Conf:
    """Return the settings in force. Raises `ImproperlyConfigured` rather than an unsafe reading."""
    found = problems()
    if found:
        raise ImproperlyConfigured(" ".join(f"{p.message} {p.hint} ({p.id})" for p in found))
    return _read()


def problems() -> list[Problem]:
    """Ask every question about the settings; an empty list means that they are safe."""
    return [problem for question in _QUESTIONS for problem in question()]


def _read() -> Conf:
    secret = _jwt("JWT_SECRET_KEY")
    prefixes = {"bearer", "jwt", _jwt("JWT_AUTH_HEADER_PREFIX").lower()}
    audience = _jwt("JWT_AUDIENCE")
    return Conf(
        algorithm=_jwt("JWT_ALGORITHM"),
        signing_key=_jwt("JWT_PRIVATE_KEY") or secret,
        verifying_key=_jwt("JWT_PUBLIC_KEY") or secret,
        previous_keys=tuple(_own("PREVIOUS_KEYS")),
        issuer=_jwt("JWT_ISSUER"),
        audience=tuple(audience) if isinstance(audience, list) else audience,
        leeway=_as_timedelta(_jwt("JWT_LEEWAY")),
        access_lifetime=_as_timedelta(_jwt("JWT_EXPIRATION_DELTA")),
        refresh_lifetime=_as_timedelta(_jwt("JWT_REFRESH_EXPIRATION_DELTA")),
        session_absolute_lifetime=_as_timedelta(_own("SESSION_ABSOLUTE_LIFETIME")),
        grace=_as_timedelta(_own("GRACE_SECONDS")),
        retention_margin=_as_timedelta(_own("RETENTION_MARGIN")),
        store=_own("STORE"),
        auth_header=_jwt("JWT_AUTH_HEADER_NAME"),
        auth_prefixes=frozenset(prefixes),
        hide_token_fields=bool(_jwt("JWT_HIDE_TOKEN_FIELDS")),
    )


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
    if not _jwt("JWT_VERIFY"):
        yield Problem(
            "revocation.E003",
            "GRAPHQL_JWT['JWT_VERIFY'] is off: anybody could write a token.",
            "Remove the setting.",
        )


def _expiry_unverified() -> Iterator[Problem]:
    if not _jwt("JWT_VERIFY_EXPIRATION"):
        yield Problem(
            "revocation.E004",
            "GRAPHQL_JWT['JWT_VERIFY_EXPIRATION'] is off: tokens would outlive the blacklist.",
            "Set it to True.",
        )


def _algorithm_unsafe() -> Iterator[Problem]:
    algorithm = _jwt("JWT_ALGORITHM")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        yield Problem(
            "revocation.E005",
            "GRAPHQL_JWT['JWT_ALGORITHM'] is not one signature algorithm.",
            f"Set one of {', '.join(sorted(ALGORITHMS))}.",
        )


def _keys_missing() -> Iterator[Problem]:
    algorithm = _jwt("JWT_ALGORITHM")
    if algorithm in SYMMETRIC_ALGORITHMS:
        missing = [] if _jwt("JWT_SECRET_KEY") else ["JWT_SECRET_KEY"]
    else:
        missing = [key for key in ("JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY") if not _jwt(key)]
    if missing:
        yield Problem(
            "revocation.E006",
            f"GRAPHQL_JWT lacks {' and '.join(missing)}, which {algorithm!r} needs.",
            "Set the missing keys.",
        )


def _keys_confused() -> Iterator[Problem]:
    symmetric = _jwt("JWT_ALGORITHM") in SYMMETRIC_ALGORITHMS
    if symmetric and (_jwt("JWT_PUBLIC_KEY") or _jwt("JWT_PRIVATE_KEY")):
        yield Problem(
            "revocation.E007",
            "GRAPHQL_JWT has a key pair, but JWT_ALGORITHM signs with a shared secret.",
            "Set JWT_ALGORITHM to the algorithm of the key pair, or remove the pair.",
        )


def _token_in_argument() -> Iterator[Problem]:
    if _jwt("JWT_ALLOW_ARGUMENT"):
        yield Problem(
            "revocation.E008",
            "GRAPHQL_JWT['JWT_ALLOW_ARGUMENT'] is on, but no field reads a token as argument.",
            "Remove it and send the access token in the Authorization header.",
        )


def _duration_wrong() -> Iterator[Problem]:
    for name, value, may_be_zero in _durations():
        if not _is_duration(value) or (_as_timedelta(value) < timedelta(0)):
            fact, hint = "is not a duration", "Set a timedelta or a number of seconds."
        elif not may_be_zero and not _as_timedelta(value):
            fact, hint = "is zero", "Set a timedelta above zero."
        else:
            continue
        yield Problem("revocation.E009", f"{name} {fact}.", hint)


def _time_zones_off() -> Iterator[Problem]:
    if not settings.USE_TZ:
        yield Problem(
            "revocation.E010",
            "USE_TZ is off: local times repeat an hour each autumn, and expiry with them.",
            "Set USE_TZ = True.",
        )


def _durations() -> Iterator[tuple[str, Any, bool]]:
    yield "GRAPHQL_JWT['JWT_EXPIRATION_DELTA']", _jwt("JWT_EXPIRATION_DELTA"), False
    yield "GRAPHQL_JWT['JWT_REFRESH_EXPIRATION_DELTA']", _jwt("JWT_REFRESH_EXPIRATION_DELTA"), False
    yield "GRAPHQL_JWT['JWT_LEEWAY']", _jwt("JWT_LEEWAY"), True
    yield "REVOCATION['SESSION_ABSOLUTE_LIFETIME']", _own("SESSION_ABSOLUTE_LIFETIME"), False
    yield "REVOCATION['GRACE_SECONDS']", _own("GRACE_SECONDS"), True
    yield "REVOCATION['RETENTION_MARGIN']", _own("RETENTION_MARGIN"), True


_QUESTIONS: tuple[Callable[[], Iterator[Problem]], ...] = (
    _unknown_keys,
    _signature_unverified,
    _expiry_unverified,
    _algorithm_unsafe,
    _keys_missing,
    _keys_confused,
    _token_in_argument,
    _duration_wrong,
    _time_zones_off,
)


def _jwt(name: str) -> Any:
    given = getattr(settings, "GRAPHQL_JWT", {})
    if name in given:
        return given[name]
    # The package's own default was read when it was imported; the key may have changed since.
    if name == "JWT_SECRET_KEY":
        return settings.SECRET_KEY
    return GRAPHQL_JWT_OVERRIDES.get(name, GRAPHQL_JWT_DEFAULTS[name])


def _own(name: str) -> Any:
    return getattr(settings, "REVOCATION", {}).get(name, REVOCATION_DEFAULTS[name])


def _is_duration(value: Any) -> bool:
    return isinstance(value, timedelta | int | float) and not isinstance(value, bool)


def _as_timedelta(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"GRAPHQL_JWT", "REVOCATION", "SECRET_KEY", "USE_TZ"}:
        conf.cache_clear()


setting_changed.connect(_forget)
