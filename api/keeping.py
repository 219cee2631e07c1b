"""Whether a database connection kept from an earlier request can be used for the next."""

import select
from typing import Any

from django.db.utils import Error


class KeptConnection:
    """Makes a database backend look instead of asking: `CONN_HEALTH_CHECKS` costs no round trip.

    A server that restarts, or ends a connection, says so; and whatever it says between two
    statements, it was asked for nothing. Of a host that vanished without a word TCP must tell.
    """

    connection: Any
    errors_occurred: bool
    wrap_database_errors: Any

    def is_usable(self) -> bool:
        # After an error a new connection costs little, and the old one might fail for ever:
        # PostgreSQL runs no prepared statement whose columns have changed.
        return self.connection is not None and not self.errors_occurred and not self._has_news()

    def _has_news(self) -> bool:
        watch = select.poll()
        try:
            with self.wrap_database_errors:
                watch.register(self.connection.fileno(), select.POLLIN)
        except Error:
            return True
        return bool(watch.poll(0))
