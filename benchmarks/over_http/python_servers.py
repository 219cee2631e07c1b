"""Who is served by granian: ours on each database and store, and those measured in process."""

import sys
from typing import ClassVar

from tests.servers import ValkeyServer
from tests.servers.process import Server

from .ground import Ground
from .served import Served


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
    application = "api.wsgi:application"


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
        return self._ground.environment(self._database, **store)

    def backing(self) -> list[Server]:
        """It asks Valkey, and PostgreSQL for the user."""
        return [self.valkey, *super().backing()]


class Stranger(PythonServed):
    """A contender that is measured in process, too, in a project that has nothing of ours."""

    application = "benchmarks.over_http.wsgi:application"
    contender: ClassVar[str]

    def environment(self) -> dict[str, str]:
        """Name the contender, and the settings it starts from."""
        return self._ground.environment(
            self._database,
            DJANGO_SETTINGS_MODULE="benchmarks.over_http.settings",
            BENCHMARK_CONTENDER=f"benchmarks.contenders.{self.contender}",
        )


class Floor(Stranger):
    """Nothing behind granian can be faster than this."""

    name = "floor"
    summary = "Django answering a constant, without middleware"
    is_protecting = False
    contender = "floor.Floor"

    def sign_in(self) -> str:
        """Send what the others are sent; nobody reads it."""
        return "any"


class DjangoGraphQLJWT(Stranger):
    """It cannot take a token back."""

    name = "django-graphql-jwt"
    summary = "as documented, no revocation, on SQLite"
    scheme = "JWT"
    contender = "django_graphql_jwt.DjangoGraphQLJWT"
