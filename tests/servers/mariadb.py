"""A private MariaDB, from this machine's own programs: there is no wheel that carries it."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from secrets import token_hex
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.databases import Databases, name_in
from tests.servers.process import Server

USER = "root"
# What was committed survives a kill of the server, and need not survive a power cut.
HURRY = ("--debug-no-sync", "--innodb-flush-log-at-trx-commit=2", "--skip-innodb-doublewrite")
SETTINGS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--skip-performance-schema",
    "--max-connections=200",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--character-set-server=utf8mb4",
)


class MariaDBDatabases(Databases):
    """The databases of a server that runs, reached as the user of this URL."""

    def __init__(self, url: str) -> None:
        self._server = url.partition("?")[0].rpartition("/")[0]

    def url(self, database: str) -> str:
        return f"{self._server}/{name_in(database)}"

    def create_database(self, template: str | None = None) -> str:
        name = f"test_{token_hex(4)}"
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        if template:
            self._copy_tables(name_in(template), name)
        return self.url(name)

    def restore(self, url: str, *, template: str) -> None:
        original = name_in(template)
        with self._unconstrained(url) as cursor:
            for table in tables_of(original, cursor):
                cursor.execute(f"DELETE FROM `{table}`")
                cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{original}`.`{table}`")

    def drop_database(self, url: str) -> None:
        self.execute(f"DROP DATABASE `{name_in(url)}`")

    def execute(self, sql: str, *parameters: Any, database: str = "mysql") -> list[tuple[Any, ...]]:
        with closing(self._connect(database)) as connection:
            cursor = connection.cursor()
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def _copy_tables(self, original: str, name: str) -> None:
        with self._unconstrained(name) as cursor:
            for table in tables_of(original, cursor):
                # `LIKE` would leave out foreign keys.
                cursor.execute(f"SHOW CREATE TABLE `{original}`.`{table}`")
                cursor.execute(cursor.fetchone()[1])
                cursor.execute(f"INSERT INTO `{table}` SELECT * FROM `{original}`.`{table}`")

    @contextmanager
    def writing(self, table: str, *, database: str) -> Iterator[None]:
        with closing(self._connect(database)) as connection:
            cursor = connection.cursor()
            cursor.execute("START TRANSACTION")
            # Whatever is between the rows, or behind the last, is locked as well.
            cursor.execute(f"SELECT * FROM `{table}` FOR UPDATE")
            yield
            connection.rollback()

    @contextmanager
    def _unconstrained(self, database: str) -> Iterator[Any]:
        """A transaction in which rows may come before those they point at."""
        with closing(self._connect(database)) as connection:
            cursor = connection.cursor()
            cursor.execute("SET foreign_key_checks = 0")
            cursor.execute("START TRANSACTION")
            yield cursor
            connection.commit()

    def _connect(self, database: str) -> Any:
        import MySQLdb

        server = urlsplit(self._server)
        return MySQLdb.connect(
            host=server.hostname,
            port=server.port or 3306,
            user=unquote(server.username or ""),
            password=unquote(server.password or ""),
            database=name_in(database),
            charset="utf8mb4",
            connect_timeout=5,
            autocommit=True,
        )


class MariaDBServer(Server, MariaDBDatabases):
    """The MariaDB of this machine. Arguments are further options of `mariadbd`."""

    refuses_root = True

    def __init__(self, *options: str, durable: bool = False) -> None:
        super().__init__()
        self._options = [*SETTINGS, *(() if durable else HURRY), *options]

    @staticmethod
    def is_available() -> bool:
        """Whether this machine has it, and Python its driver."""
        return bool(mariadbd()) and find_spec("MySQLdb") is not None

    def prepare(self) -> None:
        self._server = f"mysql://{USER}@127.0.0.1:{self.port}"
        install = shutil.which("mariadb-install-db")
        assert install, "Install MariaDB 10.11 or newer."
        self.run(
            *(install, "--no-defaults", f"--datadir={self.folder / 'data'}", "--skip-test-db"),
            # A password that is empty, instead of the name of the operating system's user.
            "--auth-root-authentication-method=normal",
            *("--innodb-log-file-size=16M", "--debug-no-sync"),
        )

    def command(self) -> list[str]:
        return [
            *(mariadbd(), "--no-defaults", f"--datadir={self.folder / 'data'}"),
            *(f"--port={self.port}", f"--socket={self.folder / 'socket'}"),
            f"--pid-file={self.folder / 'pid'}",
            *self._options,
        ]

    def is_answering(self) -> bool:
        import MySQLdb

        try:
            self.execute("SELECT 1")
        except MySQLdb.OperationalError:
            return False
        return True


def tables_of(database: str, cursor: Any) -> list[str]:
    cursor.execute(f"SHOW TABLES FROM `{database}`")
    return [name for (name,) in cursor.fetchall()]


def mariadbd() -> str | None:
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
