"""Django's PostgreSQL backend for connections that are kept, and for servers that stop answering.

A kept connection is looked at before a request, without asking the server: the verdict is one round
trip and stays one. No statement of a server that hangs is waited for longer than `patience`, an
option in seconds; libpq itself would wait for ever.
"""

from collections.abc import Callable, Generator
from functools import partial
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from api.keeping import KeptConnection


class DatabaseWrapper(KeptConnection, base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        self._patience = params.pop("patience", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        connection = super().get_new_connection(conn_params)
        if self._patience:
            connection.wait = partial(_wait, connection, connection.wait, self._patience)
        return connection


def _wait(
    connection: psycopg.Connection,
    wait: Callable[..., Any],
    seconds: float,
    exchange: Generator[Any, Any, Any],
    **options: Any,
) -> Any:
    try:
        return wait(_bounded(exchange, seconds), **options)
    except TimeoutError as error:
        # Whatever comes of the statement now is nobody's answer.
        connection.close()
        raise psycopg.OperationalError(f"No answer in {seconds} seconds") from error


def _bounded(exchange: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """Go on with an exchange whenever psycopg does, now and then without news, for so long."""
    deadline = monotonic() + seconds
    try:
        wanted = next(exchange)
        while True:
            news = yield wanted
            if not news and monotonic() > deadline:
                raise TimeoutError
            wanted = exchange.send(news)
    except StopIteration as done:
        return done.value
