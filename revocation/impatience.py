"""Has a database give up, by itself, what takes longer than it is worth."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connections, transaction

# PostgreSQL's query_canceled, and MariaDB's ER_STATEMENT_TIMEOUT.
_CANCELED = "57014"
_STATEMENT_TIMEOUT = 1969


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
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return sqlstate == _CANCELED or error.args[:1] == (_STATEMENT_TIMEOUT,)
