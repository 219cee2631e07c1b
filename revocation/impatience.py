"""What a database gives up by itself: what takes too long, and what stands in another's way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connections, transaction

# PostgreSQL's query_canceled, and MariaDB's ER_STATEMENT_TIMEOUT.
_CANCELED = "57014"
_STATEMENT_TIMEOUT = 1969
# PostgreSQL's serialization_failure and deadlock_detected, and MariaDB's ER_LOCK_DEADLOCK and
# ER_CHECKREAD: whatever was written is undone, and may be tried anew.
_CONFLICTS = frozenset({"40001", "40P01", 1213, 1020})


@contextmanager
def impatient(using: str, *, milliseconds: int) -> Iterator[None]:
    """Give up each statement inside that takes longer, and do not wait for the disk at the end.

    Only for what is no loss when a crash undoes it. SQLite, where a statement cannot be given up,
    waits for its turn as long as ever; a transaction that is open already is left as it is.
    """
    connection: Any = connections[using]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            cursor.execute(f"SET LOCAL statement_timeout = {milliseconds}")
            yield
    elif connection.vendor == "mysql" and connection.mysql_is_mariadb:
        get, put = "SELECT @@max_statement_time", "SET max_statement_time ="
        with set_meanwhile(using, get, put, milliseconds / 1000):
            yield
    else:
        yield


@contextmanager
def set_meanwhile(using: str, get: str, put: str, value: float) -> Iterator[None]:
    """Set something for a connection, and afterwards what it was."""
    with connections[using].cursor() as cursor:
        cursor.execute(get)
        [before] = cursor.fetchone()
        cursor.execute(f"{put} {value}")
        try:
            yield
        finally:
            cursor.execute(f"{put} {before}")


def was_given_up(error: DatabaseError) -> bool:
    """Whether a statement failed because it took too long."""
    return not _codes(error).isdisjoint({_CANCELED, _STATEMENT_TIMEOUT})


def was_in_the_way(error: DatabaseError) -> bool:
    """Whether a transaction was undone so that another could go on."""
    return not _codes(error).isdisjoint(_CONFLICTS)


def _codes(error: DatabaseError) -> set[object]:
    return {getattr(error.__cause__, "sqlstate", None), *error.args[:1]}
