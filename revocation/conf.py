"""Typed settings, read from Django's when they are first needed and again whenever they change."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from .problems import as_timedelta, jwt_setting, own_setting, problems


@dataclass(frozen=True, slots=True, eq=False)
class Conf:
    """One consistent reading of the settings; what is derived from it is kept by its identity."""

    algorithm: str
    signing_key: str | bytes = field(repr=False)
    verifying_key: str | bytes = field(repr=False)
    previous_keys: tuple[str | bytes, ...] = field(repr=False)
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


@cache
def conf() -> Conf:
    """Return the settings in force. Raises `ImproperlyConfigured` rather than an unsafe reading."""
    found = problems()
    if found:
        raise ImproperlyConfigured(" ".join(f"{p.message} {p.hint} ({p.id})" for p in found))
    return _read()


def _read() -> Conf:
    secret = jwt_setting("JWT_SECRET_KEY")
    prefixes = {"bearer", "jwt", jwt_setting("JWT_AUTH_HEADER_PREFIX").lower()}
    audience = jwt_setting("JWT_AUDIENCE")
    return Conf(
        algorithm=jwt_setting("JWT_ALGORITHM"),
        signing_key=jwt_setting("JWT_PRIVATE_KEY") or secret,
        verifying_key=jwt_setting("JWT_PUBLIC_KEY") or secret,
        previous_keys=tuple(own_setting("PREVIOUS_KEYS")),
        issuer=jwt_setting("JWT_ISSUER"),
        audience=tuple(audience) if isinstance(audience, list) else audience,
        leeway=as_timedelta(jwt_setting("JWT_LEEWAY")),
        access_lifetime=as_timedelta(jwt_setting("JWT_EXPIRATION_DELTA")),
        refresh_lifetime=as_timedelta(jwt_setting("JWT_REFRESH_EXPIRATION_DELTA")),
        session_absolute_lifetime=as_timedelta(own_setting("SESSION_ABSOLUTE_LIFETIME")),
        grace=as_timedelta(own_setting("GRACE_SECONDS")),
        retention_margin=as_timedelta(own_setting("RETENTION_MARGIN")),
        store=own_setting("STORE"),
        auth_header=jwt_setting("JWT_AUTH_HEADER_NAME"),
        auth_prefixes=frozenset(prefixes),
        hide_token_fields=bool(jwt_setting("JWT_HIDE_TOKEN_FIELDS")),
    )


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"GRAPHQL_JWT", "REVOCATION", "SECRET_KEY", "USE_TZ"}:
        conf.cache_clear()


setting_changed.connect(_forget)
