"""Who is served by granian: ours, on each database and store."""

import sys
from typing import ClassVar

from tests.servers import ValkeyServer
from tests.servers.process import Server

from .. import mutations
from .ground import Ground
from .served import QUERIES, Served


class PythonServed(Served):
    """A WSGI application behind granian, with the options of `manage.py serve`."""

    application: ClassVar[str]

    def __init__(self, ground: Ground, *, workers: int) -> None:
        super().__init__(workers=workers)
        self._ground = ground
        self._database = self.database()

    def database(self) -> str:
        """Return the URL of a database of its own."""
        return self._ground.sqlite_url()

    def program(self) -> list[str]:
        """Let granian take this process's place."""
        serve = [sys.executable, "-m", "benchmarks.over_http.serve"]
        return [*serve, self.application, str(self.port), str(self._workers)]

    def environment(self) -> dict[str, str]:
        """Return the variables of a production, and where the database is."""
        return self._ground.environment(self._database)


class Ours(PythonServed):
    """The API of this repository, as it is deployed: with revocation."""

    name = "ours"
    summary = "this API, tokens checked for revocation, on SQLite"
    is_revoking = True
    does = QUERIES | {"sign-in", "refresh", "logout"}
    is_in_full = True
    sign_in_query = mutations.SIGN_IN_FOR_BOTH
    refresh_query = mutations.REFRESH_FOR_BOTH
    application = "api.wsgi:application"

    def environment(self) -> dict[str, str]:
        """Name the settings."""
        return {
            **super().environment(),
            "DJANGO_SETTINGS_MODULE": "benchmarks.over_http.api_settings",
        }


class OursOnPostgreSQL(Ours):
    """The same on PostgreSQL."""

    name = "ours-postgresql"
    summary = "the same, on PostgreSQL"

    def database(self) -> str:
        """Return the URL of a database on PostgreSQL."""
        return self._ground.postgres_url()

    def backing(self) -> list[Server]:
        """It asks PostgreSQL."""
        return [self._ground.postgres]


class OursWithRedis(OursOnPostgreSQL):
    """The same with the Redis store."""

    name = "ours-redis"
    summary = "the same, the Redis store over PostgreSQL (`me` needs the user's row)"

    def __init__(self, ground: Ground, *, workers: int) -> None:
        super().__init__(ground, workers=workers)
        self.valkey: ValkeyServer = ground.valkey()

    def environment(self) -> dict[str, str]:
        """Name the store and where it is."""
        store = {"REVOCATION_STORE": "redis", "REDIS_URL": self.valkey.url}
        return {**super().environment(), **store}

    def backing(self) -> list[Server]:
        """It asks Valkey, and PostgreSQL for the user."""
        return [self.valkey, *super().backing()]
