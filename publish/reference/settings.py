"""The settings, with the defaults that the code falls back on."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

from api.limits import Limits
from revocation.written import (
    GRAPHQL_JWT_DEFAULTS,
    GRAPHQL_JWT_OVERRIDES,
    REVOCATION_DEFAULTS,
    UNREAD_SETTINGS,
)

from .markdown import code, table, told_in

TITLE = "Settings"
LEAD = "What `REVOCATION` and `GRAPHQL_JWT` may hold, and what counts where nothing is set."
OF_JWT = (
    "Names and meaning are those of django-graphql-jwt. Its other settings have no effect on the "
    "fields of `revocation.graphql`, and `manage.py check` says so."
)
HEAD = ("key", "default", "told in")


def page() -> str:
    own = [(code(key), _written(value), told_in(key)) for key, value in REVOCATION_DEFAULTS.items()]
    limits = [
        (code(field.name.upper()), _written(field.default), told_in(field.name.upper()))
        for field in fields(Limits)
    ]
    return "\n\n".join(
        (
            "## REVOCATION",
            table(HEAD, own),
            '## REVOCATION["LIMITS"]',
            "Of the endpoint in `api/`. [What each is for](../limits.md#of-a-request).",
            table(HEAD, limits),
            "## GRAPHQL_JWT",
            OF_JWT,
            table(HEAD, [(code(key), *_of_jwt(key)) for key in _read()]),
        )
    )


def _read() -> list[str]:
    return sorted(GRAPHQL_JWT_DEFAULTS.keys() - UNREAD_SETTINGS)


def _of_jwt(key: str) -> tuple[str, str]:
    if key == "JWT_SECRET_KEY":
        return "`SECRET_KEY` of Django", told_in(key)
    default = GRAPHQL_JWT_OVERRIDES.get(key, GRAPHQL_JWT_DEFAULTS[key])
    return _written(default), told_in(key)


def _written(value: Any) -> str:
    """Return a default as one would write it; a duration in words of its own."""
    if callable(value):
        return code(f"{value.__module__}.{value.__qualname__}")
    if isinstance(value, timedelta):
        return _duration(value)
    return code(repr(value))


def _duration(value: timedelta) -> str:
    for unit in ("days", "hours", "minutes", "seconds"):
        if value >= timedelta(**{unit: 1}) and not value % timedelta(**{unit: 1}):
            return code(f"timedelta({unit}={value // timedelta(**{unit: 1})})")
    return code(f"timedelta(milliseconds={value // timedelta(milliseconds=1)})")
