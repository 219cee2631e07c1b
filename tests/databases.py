"""Where tests make databases: a folder of SQLite files, or a server that is there already.

`DATABASE_URL` names the server, as it does for the API; `python -m tests` starts private ones.
"""

import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from tests.waiting import PATIENCE_SECONDS


class Databases(ABC):
    """Makes databases, empty or as copies, and runs statements on them. They are known by URL."""

    @abstractmethod
    def create_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of this one, and return its URL.

        Nobody may be connected to a database that is copied.
        """

    @abstractmethod
    def restore(self, url: str, *, template: str) -> None:
        """Give the tables of a database in use the rows of the one it is a copy of."""

    @abstractmethod
    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""

    @abstractmethod
    def execute(self, sql: str, *parameters: Any, database: str) -> list[tuple[Any, ...]]:
        """Run one statement, committed at once, and return its rows. `%s` stands for a parameter.

        Without parameters `%` is itself.
        """

    @abstractmethod
    def writing(self, table: str, *, database: str) -> AbstractContextManager[None]:
        """While inside, keep everybody else from writing to a table."""


class SQLiteFolder(Databases):
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create_database(self, template: str | None = None) -> str:
        path = self._folder / f"{token_hex(4)}.sqlite3"
        if template:
            shutil.copy(sqlite_path(template), path)
        return f"sqlite:///{path}"

    def restore(self, url: str, *, template: str) -> None:
        with (
            closing(sqlite3.connect(sqlite_path(template))) as original,
            closing(sqlite3.connect(sqlite_path(url), timeout=PATIENCE_SECONDS)) as database,
        ):
            original.backup(database)

    def drop_database(self, url: str) -> None:
        for path in self._folder.glob(f"{sqlite_path(url).name}*"):
            path.unlink()

    def execute(self, sql: str, *parameters: Any, database: str) -> list[tuple[Any, ...]]:
        if parameters:
            sql = sql.replace("%s", "?").replace("%%", "%")
        path = sqlite_path(database)
        with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS)) as connection, connection:
            return connection.execute(sql, parameters).fetchall()

    @contextmanager
    def writing(self, table: str, *, database: str) -> Iterator[None]:
        path = sqlite_path(database)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


def chosen(folder: Path) -> Databases:
    """Return the server that `DATABASE_URL` names, or else a folder of files."""
    from tests.servers.mariadb import MariaDBDatabases
    from tests.servers.postgres import PostgresDatabases

    url = os.environ.get("DATABASE_URL", "")
    match url.partition(":")[0]:
        case "postgres" | "postgresql":
            return PostgresDatabases(url)
        case "mysql":
            return MariaDBDatabases(url)
        case _:
            return SQLiteFolder(folder)


def in_sql(moment: datetime) -> str:
    """Return a moment as a parameter that each of the databases reads as UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def name_in(url: str) -> str:
    """Return the name at the end of a database's URL; a name is its own."""
    return url.partition("?")[0].rpartition("/")[2]


def sqlite_path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
