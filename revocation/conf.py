"""Typed settings, read from Django's when they are first needed and again whenever they change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils import timezone

from .problems import problems
from .written import as_moment, as_timedelta, has_our_handler, jwt_setting, own_setting

# Believed of cookies that are `Secure` and of this host alone.
COOKIE_PREFIX = "__Host-"
_READ_FROM = {
    "CORS_ALLOWED_ORIGINS",
    "GRAPHQL_JWT",
    "REVOCATION",
    "SECRET_KEY",
    "SIMPLE_JWT",
    "USE_TZ",
}


@dataclass(frozen=True, slots=True, eq=False)
class Conf:
    """One consistent reading of the settings; what is derived from it is kept by its identity."""

    algorithm: str
    signing_key: str | bytes = field(repr=False)
    # Of a pair; none where it is derived from the private one.
    verifying_key: str | bytes | None = field(repr=False)
    previous_keys: tuple[str | bytes, ...] = field(repr=False)
    keys_file: Path | None
    issuer: str | None
    audience: str | tuple[str, ...] | None
    leeway: timedelta
    access_lifetime: timedelta
    refresh_lifetime: timedelta
    session_absolute_lifetime: timedelta
    idle_timeout: timedelta | None
    max_sessions: int | None
    end_on_password_change: bool
    end_on_deactivation: bool
    end_on_demotion: bool
    grace: timedelta
    retention_margin: timedelta
    attempts_per_account_and_address: int | None
    attempts_per_address: int | None
    attempts_window: timedelta
    keep_device_for: timedelta | None
    store: str
    redis_url: str = field(repr=False)
    redis_timeout: timedelta
    auth_header: str
    auth_prefixes: frozenset[str]
    keep_alive: bool
    is_asked_by_stock_code: bool
    strict_401: bool
    oauth_clients: Mapping[str, str] = field(repr=False)
    cookie_mode: bool
    access_cookie: str
    refresh_cookie: str
    cookie_attributes: Mapping[str, Any]
    allowed_origins: frozenset[str]
    status_list_url: str | None
    status_list_lifetime: timedelta
    accept_legacy_until: datetime | None
    accept_legacy_expired: bool


@cache
def conf() -> Conf:
    """Return the settings in force. Raises `ImproperlyConfigured` rather than an unsafe reading."""
    found = problems()
    if found:
        raise ImproperlyConfigured(" ".join(f"{p.message} {p.hint} ({p.id})" for p in found))
    return _read()


def accepts_legacy(*, now: datetime | None = None, is_ending: bool = False) -> bool:
    """Whether legacy tokens count, or may one day: what ends one counts beyond the date as well.

    The date may be moved, and a token whose owner logged out meanwhile must not come back.
    """
    until = conf().accept_legacy_until
    return until is not None and (is_ending or (now or timezone.now()) < until)


def _read() -> Conf:
    secret = jwt_setting("JWT_SECRET_KEY")
    prefixes = {"bearer", "jwt", jwt_setting("JWT_AUTH_HEADER_PREFIX").lower()}
    audience = jwt_setting("JWT_AUDIENCE")
    until = own_setting("ACCEPT_LEGACY_UNTIL")
    keep = own_setting("KEEP_DEVICE_FOR")
    file = own_setting("KEYS_FILE")
    return Conf(
        algorithm=jwt_setting("JWT_ALGORITHM"),
        signing_key=jwt_setting("JWT_PRIVATE_KEY") or secret,
        verifying_key=jwt_setting("JWT_PUBLIC_KEY") or None,
        previous_keys=tuple(own_setting("PREVIOUS_KEYS")),
        keys_file=Path(file) if file else None,
        issuer=jwt_setting("JWT_ISSUER"),
        audience=tuple(audience) if isinstance(audience, list) else audience,
        leeway=as_timedelta(jwt_setting("JWT_LEEWAY")),
        access_lifetime=as_timedelta(jwt_setting("JWT_EXPIRATION_DELTA")),
        refresh_lifetime=as_timedelta(jwt_setting("JWT_REFRESH_EXPIRATION_DELTA")),
        session_absolute_lifetime=as_timedelta(own_setting("SESSION_ABSOLUTE_LIFETIME")),
        idle_timeout=_idle_timeout(),
        max_sessions=own_setting("MAX_SESSIONS"),
        end_on_password_change=bool(own_setting("END_ON_PASSWORD_CHANGE")),
        end_on_deactivation=bool(own_setting("END_ON_DEACTIVATION")),
        end_on_demotion=bool(own_setting("END_ON_DEMOTION")),
        grace=as_timedelta(own_setting("GRACE_SECONDS")),
        retention_margin=as_timedelta(own_setting("RETENTION_MARGIN")),
        attempts_per_account_and_address=own_setting("ATTEMPTS_PER_ACCOUNT_AND_ADDRESS"),
        attempts_per_address=own_setting("ATTEMPTS_PER_ADDRESS"),
        attempts_window=as_timedelta(own_setting("ATTEMPTS_WINDOW")),
        keep_device_for=keep if keep is None else as_timedelta(keep),
        store=own_setting("STORE"),
        redis_url=own_setting("REDIS_URL") or "",
        redis_timeout=as_timedelta(own_setting("REDIS_TIMEOUT")),
        auth_header=jwt_setting("JWT_AUTH_HEADER_NAME"),
        auth_prefixes=frozenset(prefixes),
        keep_alive=not jwt_setting("JWT_LONG_RUNNING_REFRESH_TOKEN"),
        is_asked_by_stock_code=has_our_handler("JWT_DECODE_HANDLER"),
        strict_401=bool(own_setting("STRICT_401")),
        oauth_clients=dict(own_setting("OAUTH_CLIENTS")),
        cookie_mode=bool(own_setting("COOKIE_MODE")),
        access_cookie=_cookie_prefix() + jwt_setting("JWT_COOKIE_NAME"),
        refresh_cookie=_cookie_prefix() + jwt_setting("JWT_REFRESH_TOKEN_COOKIE_NAME"),
        cookie_attributes=_cookie_attributes(),
        allowed_origins=_allowed_origins(),
        status_list_url=own_setting("STATUS_LIST_URL"),
        status_list_lifetime=_status_list_lifetime(),
        accept_legacy_until=until if until is None else as_moment(until),
        accept_legacy_expired=own_setting("ACCEPT_LEGACY_EXPIRED"),
    )


def _allowed_origins() -> frozenset[str]:
    # Any page can have the origin "null": a frame of its own making has.
    return frozenset(map(str.lower, getattr(settings, "CORS_ALLOWED_ORIGINS", None) or ())) - {
        "null"
    }


def _idle_timeout() -> timedelta | None:
    """Return none where access tokens alone keep sessions alive: it is over with the last of them.

    Such a session is refreshed by a token that has not expired, hence was not idle for that long.
    """
    timeout = own_setting("IDLE_TIMEOUT")
    if timeout is None or not jwt_setting("JWT_LONG_RUNNING_REFRESH_TOKEN"):
        return None
    return as_timedelta(timeout)


def _status_list_lifetime() -> timedelta:
    """Return none where there are no lists: nobody has looked at what is written then."""
    is_on = own_setting("STATUS_LIST_URL") is not None
    return as_timedelta(own_setting("STATUS_LIST_LIFETIME")) if is_on else timedelta()


def _cookie_attributes() -> dict[str, Any]:
    return {
        "secure": bool(jwt_setting("JWT_COOKIE_SECURE")),
        "path": jwt_setting("JWT_COOKIE_PATH"),
        "domain": jwt_setting("JWT_COOKIE_DOMAIN"),
        "samesite": jwt_setting("JWT_COOKIE_SAMESITE"),
        "httponly": True,
    }


def _cookie_prefix() -> str:
    """Return what keeps other hosts of the domain from planting a cookie (RFC 6265bis, 4.1.3.2).

    Browsers believe the prefix only of cookies that are `Secure` and of this host alone.
    """
    is_secure = jwt_setting("JWT_COOKIE_SECURE")
    is_of_host = jwt_setting("JWT_COOKIE_PATH") == "/" and not jwt_setting("JWT_COOKIE_DOMAIN")
    return COOKIE_PREFIX if is_secure and is_of_host else ""


def _forget(*, setting: str, **_: Any) -> None:
    if setting in _READ_FROM:
        conf.cache_clear()


setting_changed.connect(_forget)
