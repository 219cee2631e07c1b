"""System checks. Each asks one question and gives a hint that can be pasted."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from .keys import UNUSABLE, key_ring
from .problems import UNREAD_SETTINGS, Problem, problems

MIDDLEWARE = "revocation.middleware.RevocationMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


def register() -> None:
    """Add the checks to `manage.py check`."""
    for check in (
        check_settings,
        check_unread_settings,
        check_keys,
        check_middleware_installed,
        check_middleware_order,
    ):
        checks.register(check, checks.Tags.security)
    checks.register(check_sqlite_transactions, checks.Tags.database)


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Is there a setting that would let a dead token live, or that nobody reads?"""
    return [_error(problem) for problem in problems()]


def check_unread_settings(**_: Any) -> list[checks.CheckMessage]:
    """Is there a setting of django-graphql-jwt that has no effect here?"""
    return [
        checks.Warning(
            f"GRAPHQL_JWT[{name!r}] has no effect on the fields of `revocation.graphql`.",
            hint=f'Remove it: del GRAPHQL_JWT["{name}"]',
            id="revocation.W002",
        )
        for name in sorted(getattr(settings, "GRAPHQL_JWT", {}).keys() & UNREAD_SETTINGS)
    ]


def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """Do the keys sign what they verify?"""
    if problems():
        return []
    try:
        key_ring()
    except ImproperlyConfigured:
        return [_error(UNUSABLE)]
    return []


def check_middleware_installed(**_: Any) -> list[checks.CheckMessage]:
    """Would a rollback undo a logout?"""
    if MIDDLEWARE in settings.MIDDLEWARE:
        return []
    return [
        checks.Error(
            "RevocationMiddleware is not installed: a failing field could roll a logout back.",
            hint=f"Add {MIDDLEWARE!r} to MIDDLEWARE, after AuthenticationMiddleware.",
            id="revocation.E020",
        )
    ]


def check_middleware_order(**_: Any) -> list[checks.CheckMessage]:
    """Would a session cookie outrank a token?"""
    middleware = list(settings.MIDDLEWARE)
    if MIDDLEWARE not in middleware or AUTHENTICATION not in middleware:
        return []
    if middleware.index(AUTHENTICATION) < middleware.index(MIDDLEWARE):
        return []
    return [
        checks.Error(
            "RevocationMiddleware stands before AuthenticationMiddleware, which overrules it.",
            hint=f"Move {MIDDLEWARE!r} behind {AUTHENTICATION!r}.",
            id="revocation.E021",
        )
    ]


def check_sqlite_transactions(databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Would SQLite refuse a logout because another request was writing?"""
    return [
        checks.Warning(
            f"The SQLite database {alias!r} begins transactions deferred: under load a logout may "
            "be refused with SERVICE_UNAVAILABLE.",
            hint=f'DATABASES["{alias}"].setdefault("OPTIONS", {{}})'
            '["transaction_mode"] = "IMMEDIATE"',
            id="revocation.W001",
        )
        for alias, database in settings.DATABASES.items()
        if alias in (databases or ())
        and database["ENGINE"].endswith("sqlite3")
        and database.get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE"
    ]


def _error(problem: Problem) -> checks.Error:
    return checks.Error(problem.message, hint=problem.hint, id=problem.id)
