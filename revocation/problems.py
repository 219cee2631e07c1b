"""Every question whether the settings are safe.

A setting that would let a dead token live is refused when it is first read, as well as by the
system checks: a WSGI server runs no checks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from graphql_jwt.settings import DEFAULTS as GRAPHQL_JWT_DEFAULTS
from jwt.algorithms import get_default_algorithms

from .event_problems import event_problems
from .key_problems import key_problems
from .legacy_problems import legacy_problems
from .oauth_problems import oauth_problems
from .problem import Problem
from .status_problems import status_problems
from .written import REVOCATION_DEFAULTS, as_timedelta, jwt_setting, own_setting, written

ALGORITHMS = frozenset(get_default_algorithms()) - {"none"}
_MAY_BE_NONE = ("JWT_AUDIENCE", "JWT_ISSUER")
_TEXTS = (
    *_MAY_BE_NONE,
    "JWT_AUTH_HEADER_NAME",
    "JWT_AUTH_HEADER_PREFIX",
    "JWT_COOKIE_NAME",
    "JWT_REFRESH_TOKEN_COOKIE_NAME",
)
_SAME_SITE = ("Lax", "Strict", "None")
# A token (RFC 9110, 5.6.2); the prefixes promise what only `revocation.conf` can see to.
_COOKIE_NAME = re.compile(r"(?!__)[\w!#$%&'*+.^`|~-]+", re.ASCII)
STORES_OF_REDIS = ("redis", "standby")
_STORES = ("database", *STORES_OF_REDIS)
_HOST = r"([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?"
_REDIS_URL = re.compile(
    rf"(unix://([^/?#]*@)?/[^?#]+|rediss?(\+cluster)?://([^/?#]*@)?{_HOST}(/\d*)?"
    rf"|rediss?\+sentinel://([^/?#]*@)?{_HOST}(,{_HOST})*/[^/?#]+(/\d*)?)"
    r"(\?((ssl_\w+|db|username|password)=[^&#]*(&|$))*)?"
)
_LONGEST = timedelta(days=36_500)


def problems() -> list[Problem]:
    """Ask every question about the settings; an empty list means that they are safe."""
    return [problem for question in _QUESTIONS for problem in question()]


def _unknown_keys() -> Iterator[Problem]:
    yield from _unknown("GRAPHQL_JWT", GRAPHQL_JWT_DEFAULTS, "revocation.E001")
    yield from _unknown("REVOCATION", REVOCATION_DEFAULTS, "revocation.E002")


def _unknown(name: str, known: Mapping[str, Any], check_id: str) -> Iterator[Problem]:
    if not isinstance(getattr(settings, name, {}), Mapping):
        yield Problem(check_id, f"{name} is no dictionary.", f"Remove it, or set {name} = {{}}.")
    for key in written(name):
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


def _token_in_argument() -> Iterator[Problem]:
    if jwt_setting("JWT_ALLOW_ARGUMENT"):
        yield Problem(
            "revocation.E008",
            "GRAPHQL_JWT['JWT_ALLOW_ARGUMENT'] is on, but no field reads a token as argument.",
            "Remove it and send the access token in the Authorization header.",
        )


def _no_text() -> Iterator[Problem]:
    for name in _TEXTS:
        value = jwt_setting(name)
        texts = value if name == "JWT_AUDIENCE" and isinstance(value, list | tuple) else [value]
        is_text = bool(texts) and all(isinstance(one, str) for one in texts)
        is_unset = name in _MAY_BE_NONE and value is None
        if not is_unset and not (is_text and (all(texts) or name == "JWT_AUTH_HEADER_PREFIX")):
            yield Problem(
                "revocation.E024",
                f"GRAPHQL_JWT[{name!r}] is {value!r}, which is no text.",
                f'del GRAPHQL_JWT["{name}"]',
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


def _attempts_wrong() -> Iterator[Problem]:
    for name in ("ATTEMPTS_PER_ACCOUNT_AND_ADDRESS", "ATTEMPTS_PER_ADDRESS"):
        limit = own_setting(name)
        if limit is not None and (type(limit) is not int or limit < 1):
            yield Problem(
                "revocation.E015",
                f"REVOCATION[{name!r}] is not a number of wrong passwords.",
                f'Remove it, or set a whole number above zero: REVOCATION["{name}"] = '
                f"{REVOCATION_DEFAULTS[name]}. None counts none.",
            )


def _store_unknown() -> Iterator[Problem]:
    store = own_setting("STORE")
    is_path = isinstance(store, str) and store.rpartition(".")[0]
    if store not in _STORES and not is_path:
        yield Problem(
            "revocation.E019",
            f"REVOCATION['STORE'] is {store!r}, which is no store.",
            f"Set one of {', '.join(map(repr, _STORES))}, or the dotted path of a class of yours.",
        )


def _redis_wrong() -> Iterator[Problem]:
    store = own_setting("STORE")
    if store not in STORES_OF_REDIS:
        return
    if find_spec("redis") is None:
        yield Problem(
            "revocation.E017",
            f"REVOCATION['STORE'] is {store!r}, and the package redis is not installed.",
            "Install it: pip install 'redis[hiredis]'",
        )
    if not _REDIS_URL.fullmatch(str(own_setting("REDIS_URL") or "")):
        yield Problem(
            "revocation.E016",
            f"REVOCATION['STORE'] is {store!r}, and REVOCATION['REDIS_URL'] is no URL of Redis.",
            'Set it, for instance REVOCATION["REDIS_URL"] = "redis://127.0.0.1:6379/0", with a '
            "password as urllib.parse.quote(password, safe='') writes it.",
        )


def _time_zones_off() -> Iterator[Problem]:
    if not settings.USE_TZ:
        yield Problem(
            "revocation.E010",
            "USE_TZ is off: local times repeat an hour each autumn, and expiry with them.",
            "Set USE_TZ = True.",
        )


def _cookies_refused_by_browsers() -> Iterator[Problem]:
    if not own_setting("COOKIE_MODE"):
        return
    is_secure = jwt_setting("JWT_COOKIE_SECURE")
    same_site = jwt_setting("JWT_COOKIE_SAMESITE")
    if same_site not in _SAME_SITE or (same_site == "None" and not is_secure):
        yield Problem(
            "revocation.E013",
            f"GRAPHQL_JWT['JWT_COOKIE_SAMESITE'] is {same_site!r}, which browsers do not keep.",
            "Set it to 'Lax' or 'Strict'; 'None' needs JWT_COOKIE_SECURE.",
        )
    names = [jwt_setting("JWT_COOKIE_NAME"), jwt_setting("JWT_REFRESH_TOKEN_COOKIE_NAME")]
    if names[0] == names[1] or not all(map(_is_cookie_name, names)):
        yield Problem(
            "revocation.E014",
            "GRAPHQL_JWT has cookie names that are the same or not names.",
            "Remove JWT_COOKIE_NAME and JWT_REFRESH_TOKEN_COOKIE_NAME.",
        )


def _is_cookie_name(name: Any) -> bool:
    return isinstance(name, str) and _COOKIE_NAME.fullmatch(name) is not None


def _durations() -> Iterator[tuple[str, Any, bool]]:
    yield "GRAPHQL_JWT['JWT_EXPIRATION_DELTA']", jwt_setting("JWT_EXPIRATION_DELTA"), False
    yield (
        "GRAPHQL_JWT['JWT_REFRESH_EXPIRATION_DELTA']",
        jwt_setting("JWT_REFRESH_EXPIRATION_DELTA"),
        False,
    )
    yield "GRAPHQL_JWT['JWT_LEEWAY']", jwt_setting("JWT_LEEWAY"), True
    yield "REVOCATION['SESSION_ABSOLUTE_LIFETIME']", own_setting("SESSION_ABSOLUTE_LIFETIME"), False
    if own_setting("IDLE_TIMEOUT") is not None:
        yield "REVOCATION['IDLE_TIMEOUT']", own_setting("IDLE_TIMEOUT"), False
    yield "REVOCATION['GRACE_SECONDS']", own_setting("GRACE_SECONDS"), True
    yield "REVOCATION['RETENTION_MARGIN']", own_setting("RETENTION_MARGIN"), True
    yield "REVOCATION['REDIS_TIMEOUT']", own_setting("REDIS_TIMEOUT"), False
    yield "REVOCATION['ATTEMPTS_WINDOW']", own_setting("ATTEMPTS_WINDOW"), False
    if own_setting("KEEP_DEVICE_FOR") is not None:
        yield "REVOCATION['KEEP_DEVICE_FOR']", own_setting("KEEP_DEVICE_FOR"), False


def _is_duration(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, timedelta | int | float):
        return False
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return 0 <= seconds <= _LONGEST.total_seconds()


_QUESTIONS: tuple[Callable[[], Iterator[Problem]], ...] = (
    _unknown_keys,
    _signature_unverified,
    _expiry_unverified,
    _algorithm_unsafe,
    _token_in_argument,
    _no_text,
    _duration_wrong,
    _attempts_wrong,
    _store_unknown,
    _redis_wrong,
    _time_zones_off,
    _cookies_refused_by_browsers,
    key_problems,
    event_problems,
    legacy_problems,
    oauth_problems,
    status_problems,
)
