"""System checks of what serves well at home, and is unsafe or out of proportion in production.

`manage.py check --deploy` asks them. Nothing here keeps the app from running: what would let a
dead token live is in `problems`.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import checks
from django.db import Error as AnyDatabaseError
from django.db import connections, router
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.utils import timezone

from .duration_problems import duration_problems
from .exposure_problems import exposure_problems
from .models import primary_database
from .password_problems import password_problems
from .problem import Problem
from .problems import problems

_CLOCKS_APART = timedelta(seconds=5)
# How each vendor says when something is committed.
_ASKED = {
    "sqlite": "PRAGMA synchronous",
    "postgresql": "SHOW synchronous_commit",
    "mysql": "SELECT @@innodb_flush_log_at_trx_commit",
}


def register() -> None:
    """Add the checks to `manage.py check`."""
    checks.register(check_routers, checks.Tags.security)
    checks.register(check_production, checks.Tags.security, deploy=True)
    for check in (check_clocks, check_durable):
        checks.register(check, checks.Tags.database, deploy=True)


def check_production(**_: Any) -> list[checks.CheckMessage]:
    """Is there a setting that production should not have?"""
    # What cannot be read at all is told without `--deploy`.
    if problems():
        return []
    found = (*duration_problems(), *exposure_problems(), *password_problems())
    return [message_of(problem) for problem in found]


def check_routers(**_: Any) -> list[checks.CheckMessage]:
    """Does the one statement that decides find both of its tables?"""
    sessions, users = primary_database(), router.db_for_write(get_user_model())
    if sessions == users and sessions in connections.settings:
        return []
    return [message_of(_tables_apart(sessions, users))]


def check_clocks(databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Does this host's clock, by which tokens expire, differ from the database's?"""
    alias = primary_database()
    if alias not in (databases or ()):
        return []
    before = timezone.now()
    try:
        # Any table that has a row will do.
        rows = MigrationRecorder(connections[alias]).migration_qs
        told = rows.annotate(told=Now()).values_list("told", flat=True).first()
    except AnyDatabaseError:
        return []
    if told is None or before - _CLOCKS_APART < told < timezone.now() + _CLOCKS_APART:
        return []
    return [message_of(_clocks_apart(abs(told - before)))]


def check_durable(databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """Would a power cut take logouts back that were acknowledged?"""
    alias = primary_database()
    vendor = connections[alias].vendor
    if alias not in (databases or ()) or vendor not in _ASKED:
        return []
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute(_ASKED[vendor])
            [told] = cursor.fetchone()
    except AnyDatabaseError:
        return []
    return [message_of(problem) for problem in _not_durable(vendor, str(told))]


def message_of(problem: Problem) -> checks.CheckMessage:
    """Return what a check says of a problem: its id tells an error from a warning."""
    is_error = problem.id.partition(".")[2].startswith("E")
    kind = checks.Error if is_error else checks.Warning
    return kind(problem.message, hint=problem.hint, id=problem.id)


def _tables_apart(sessions: str, users: str) -> Problem:
    return Problem(
        "revocation.E061",
        f"DATABASE_ROUTERS write sessions to {sessions!r} and users to {users!r}: one statement "
        "asks for both, where sessions are.",
        "In db_for_write of the first router, return the same name of DATABASES for the apps "
        '"revocation" and that of AUTH_USER_MODEL: return "default"',
    )


def _not_durable(vendor: str, told: str) -> Iterator[Problem]:
    match vendor, told:
        case "sqlite", "0" | "1":
            remedy = (
                'DATABASES["default"]["OPTIONS"]["init_command"] = '
                '"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"'
            )
        case "postgresql", "off":
            remedy = "ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf()"
        case "mysql", "0" | "2" | "3":
            remedy = "SET GLOBAL innodb_flush_log_at_trx_commit = 1, and the same in its my.cnf"
        case _:
            return
    yield Problem(
        "revocation.W073",
        "The database says that something is committed before it is on the disk: a power cut "
        "takes back the last logouts that were acknowledged.",
        remedy,
    )


def _clocks_apart(distance: timedelta) -> Problem:
    return Problem(
        "revocation.W067",
        f"This host's clock and the database's are {distance.total_seconds():.0f} seconds apart: "
        "tokens expire by the one, refresh tokens are exchanged by the other.",
        "timedatectl set-ntp true, on both hosts",
    )
