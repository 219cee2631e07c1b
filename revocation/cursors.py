"""Closes the cursor of a statement that failed on SQLite, for Python 3.11, which leaves it open.

An open cursor is reset by whoever collects it as garbage, and SQLite makes a reset wait while the
cursor's connection waits for its turn to write. Collected by a thread that has that turn, it would
stop the whole process until the turn is given up. Waits that give up soon are usual here, since
nobody is to wait for a purge; Django's error keeps each such cursor in a cycle.
"""

import sys
from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created


def connect() -> None:
    if sys.version_info < (3, 12):
        connection_created.connect(_watch, dispatch_uid="revocation.cursors")


def _watch(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite" and _closing_failed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_closing_failed)


def _closing_failed(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    try:
        return execute(sql, params, many, context)
    except BaseException:
        context["cursor"].close()
        raise
