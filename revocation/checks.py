"""System checks. Each asks one question and gives a hint that can be pasted."""

from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings
from django.core import checks
from graphene import Schema

from .exposure_problems import LOOPBACK
from .problem import Problem
from .problems import STORES_OF_REDIS, problems
from .protection import UNDECIDED, UNDECIDED_HINT, root_fields, served_schema
from .stores import SAFE_POLICY
from .written import (
    READ_BY_STOCK_CODE,
    READ_FOR_LEGACY,
    UNREAD_SETTINGS,
    has_our_handler,
    jwt_setting,
    own_setting,
    written,
)

MIDDLEWARE = "revocation.middleware.RevocationMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
# What redis-py takes for it in a URL.
_NO = {"0", "F", "FALSE", "N", "NO"}


def register() -> None:
    """Add the checks to `manage.py check`."""
    for check in (
        check_settings,
        check_unread_settings,
        check_hidden_tokens,
        check_middleware_installed,
        check_middleware_order,
        check_autocommit,
        check_undecided,
    ):
        checks.register(check, checks.Tags.security)
    checks.register(check_redis_in_clear, checks.Tags.security)
    checks.register(check_redis_keeps_keys, checks.Tags.security, deploy=True)
    checks.register(check_sqlite_transactions, checks.Tags.database)


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """Is there a setting that would let a dead token live, or that nobody reads?"""
    return [_error(problem) for problem in problems()]


def check_unread_settings(**_: Any) -> list[checks.CheckMessage]:
    """Is there a setting of django-graphql-jwt that has no effect here?"""
    unread = UNREAD_SETTINGS
    if own_setting("ACCEPT_LEGACY_UNTIL") is not None:
        unread -= READ_FOR_LEGACY
    if has_our_handler("JWT_DECODE_HANDLER"):
        # Code of django-graphql-jwt is in use, and reads them.
        unread -= READ_BY_STOCK_CODE
    return [
        checks.Warning(
            f"GRAPHQL_JWT[{name!r}] has no effect on the fields of `revocation.graphql`.",
            hint=f'Remove it: del GRAPHQL_JWT["{name}"]',
            id="revocation.W002",
        )
        for name in sorted(written("GRAPHQL_JWT").keys() & unread)
    ]


def check_hidden_tokens(**_: Any) -> list[checks.CheckMessage]:
    """Would nobody be handed a token, neither in the body nor as a cookie?"""
    if not jwt_setting("JWT_HIDE_TOKEN_FIELDS") or own_setting("COOKIE_MODE"):
        return []
    return [
        checks.Warning(
            "JWT_HIDE_TOKEN_FIELDS is on and cookie mode is off: nobody is handed a token.",
            hint='Set REVOCATION["COOKIE_MODE"] = True, or remove the setting.',
            id="revocation.W003",
        )
    ]


def check_middleware_installed(**_: Any) -> list[checks.CheckMessage]:
    """Would a rollback undo a logout?"""
    if MIDDLEWARE in settings.MIDDLEWARE:
        return []
    if has_our_handler("JWT_DECODE_HANDLER") and not _rolls_back():
        return [
            checks.Warning(
                "RevocationMiddleware is not installed: Django's session cookie outranks a token, "
                "and a logout inside a transaction is refused.",
                hint=f"Add {MIDDLEWARE!r} to MIDDLEWARE, after AuthenticationMiddleware.",
                id="revocation.W033",
            )
        ]
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


def check_autocommit(**_: Any) -> list[checks.CheckMessage]:
    """Would a logout wait for a commit that nobody makes?"""
    return [
        checks.Error(
            f"The database {alias!r} has AUTOCOMMIT off: what is revoked is not committed before "
            "the answer leaves.",
            hint=f'Remove it: del DATABASES["{alias}"]["AUTOCOMMIT"]',
            id="revocation.E022",
        )
        for alias, database in settings.DATABASES.items()
        if not database.get("AUTOCOMMIT", True)
    ]


def check_undecided(**_: Any) -> list[checks.CheckMessage]:
    """Was a root field left open by forgetting to say who may use it?"""
    if not own_setting("DEFAULT_DENY"):
        return []
    schema = None
    with suppress(ImportError):
        schema = served_schema()
    if not isinstance(schema, Schema):
        return [
            checks.Warning(
                "REVOCATION['DEFAULT_DENY'] is on, and GRAPHENE['SCHEMA'] names no graphene.Schema:"
                " nobody looks whether each root field says who may use it.",
                hint='GRAPHENE = {"SCHEMA": "project.schema.schema"}',
                id="revocation.W007",
            )
        ]
    return [
        checks.Error(f"{UNDECIDED} {field}.", hint=UNDECIDED_HINT, id="revocation.E023")
        for field in root_fields(schema.graphql_schema)
        if not field.rules
    ]


def check_redis_in_clear(**_: Any) -> list[checks.CheckMessage]:
    """Could somebody on the way to Redis unrevoke a token?"""
    if not _has_redis() or problems():
        return []
    parts = urlsplit(own_setting("REDIS_URL"))
    # Sentinels and the nodes of a cluster name others, wherever they are themselves.
    is_here = parts.scheme in {"redis", "rediss"} and parts.hostname in LOOPBACK
    if is_here or parts.scheme == "unix" or _is_verified(parts):
        return []
    return [
        checks.Warning(
            "REVOCATION['REDIS_URL'] leads to another host without TLS, or with TLS that does not "
            "ask who answers: whoever can change what Redis answers decides what is revoked.",
            hint='Write "rediss://..." without ssl_cert_reqs and ssl_check_hostname, and have the '
            "server speak TLS. Where the network between them is yours alone, name this check in "
            "SILENCED_SYSTEM_CHECKS.",
            id="revocation.W004",
        )
    ]


def check_redis_keeps_keys(**_: Any) -> list[checks.CheckMessage]:
    """Would Redis forget revocations, so that the database is asked after all?"""
    if not _has_redis() or problems():
        return []
    from .stores.connection import Unreachable
    from .stores.redis import RedisStore

    try:
        policy = RedisStore().eviction_policy()
    except Unreachable:
        return [
            checks.Warning(
                "Redis does not answer: the database is asked about every token.",
                hint="Run `manage.py rebuild_store`, which says more.",
                id="revocation.W006",
            )
        ]
    if policy == SAFE_POLICY:
        return []
    return [
        checks.Warning(
            f"Redis may evict revocations (maxmemory-policy is {policy}): it is not believed, and "
            "the database is asked about every token.",
            hint=f"redis-cli CONFIG SET maxmemory-policy {SAFE_POLICY}",
            id="revocation.W005",
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


def _rolls_back() -> bool:
    """Whether a transaction surrounds requests, or mutations."""
    names = ("ATOMIC_REQUESTS", "ATOMIC_MUTATIONS")
    everywhere = getattr(settings, "GRAPHENE", {}).get("ATOMIC_MUTATIONS")
    return bool(everywhere) or any(
        database.get(name) for database in settings.DATABASES.values() for name in names
    )


def _is_verified(parts: SplitResult) -> bool:
    """Whether Redis must prove who it is, for which redis-py asks unless it is told not to."""
    told = parse_qs(parts.query)
    names = {text.upper() for text in told.get("ssl_check_hostname", ())}
    is_anybody = "none" in told.get("ssl_cert_reqs", ()) or names & _NO
    return parts.scheme.startswith("rediss") and not is_anybody


def _has_redis() -> bool:
    return own_setting("STORE") in STORES_OF_REDIS


def _error(problem: Problem) -> checks.Error:
    return checks.Error(problem.message, hint=problem.hint, id=problem.id)
