"""The ground all servers stand on: one secret, one user, and databases of one content."""

import os
import secrets
import subprocess
import sys
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.databases import Databases, SQLiteFolder
from tests.servers import PostgresServer, ValkeyServer

from .. import stage
from ..scale.stage import SERVER

ROOT = Path(__file__).resolve().parents[2]
TOKEN_SECONDS = int(stage.TOKEN_LIFETIME.total_seconds())
# What a process needs of the shell it was started from; nothing else may differ between two runs.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


class Ground:
    """Makes databases, and starts private servers once somebody asks for them.

    All of it is gone when the context ends.
    """

    def __init__(self) -> None:
        self.secret = secrets.token_urlsafe(64)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._folder = Path(self._open.enter_context(TemporaryDirectory(prefix="over-http-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @cached_property
    def sqlite(self) -> SQLiteFolder:
        """The folder of this run's SQLite files."""
        return SQLiteFolder(self._folder)

    @cached_property
    def postgres(self) -> PostgresServer:
        """The PostgreSQL of this run, as safe from power cuts as one in production."""
        return self._open.enter_context(PostgresServer(durable=True, **SERVER))

    def valkey(self) -> ValkeyServer:
        """Return a Valkey of the caller's own."""
        return self._open.enter_context(ValkeyServer())

    def sqlite_url(self) -> str:
        """Return the URL of a new SQLite file with the user in it."""
        return self.sqlite.create_database(self._sqlite_template)

    def postgres_url(self) -> str:
        """Return the URL of a new database on PostgreSQL with the user in it."""
        return self.postgres.create_database(self._postgres_template)

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """Return the variables of a production on this machine, whatever the shell has set."""
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "api.settings",
            "DJANGO_SECRET_KEY": self.secret,
            "DATABASE_URL": database,
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "false",
            "ACCESS_TOKEN_SECONDS": str(TOKEN_SECONDS),
            **more,
        }

    def run(self, module: str, *arguments: str, database: str, **more: str) -> str:
        """Run a module of this package in a process of its own and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", f"{__package__}.{module}", *arguments],
            cwd=ROOT,
            env=self.environment(database, **more),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    @cached_property
    def _sqlite_template(self) -> str:
        return self._template(self.sqlite)

    @cached_property
    def _postgres_template(self) -> str:
        return self._template(self.postgres)

    def _template(self, databases: Databases) -> str:
        url = databases.create_database()
        self.run("filled", database=url, DJANGO_SETTINGS_MODULE="benchmarks.settings")
        return url
