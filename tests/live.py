"""A live server, with worker processes and a real socket, and an HTTP client for it."""

import os
import re
import signal
import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.client import PASSWORD, GraphQLClient
from tests.databases import Databases, chosen
from tests.settings import SECRET_KEY
from tests.waiting import PATIENCE_SECONDS, is_process, wait_until
from tests.wire import Http

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = "tests.live_settings"
USERS = ("alice", "bob", *(f"user{number}" for number in range(20)))

CREATE_USERS = f"""
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
for name in {USERS!r}:
    get_user_model().objects.create_user(name, password={PASSWORD!r})
"""


class LiveServer:
    """`manage.py serve` on a free port of this machine, with a copy of a database of its own.

    `database_options` is the query of `DATABASE_URL`; `root` the folder of another release. Further
    keyword arguments are its environment; `DATABASE_URL` among them is the way to `database`,
    should that be another than the direct one. Its clients are closed and every one of its
    processes is gone when the context ends.
    """

    def __init__(
        self,
        template: "Template",
        *,
        workers: int = 2,
        database_options: str = "",
        root: Path = ROOT,
        **environ: str,
    ) -> None:
        self._template = template
        self._root = root
        self._database_options = database_options
        self._workers = workers
        self._environ = environ
        self._open = ExitStack()
        self._clients = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> "LiveServer":
        self.folder = Path(self._open.enter_context(TemporaryDirectory(prefix="live-server-")))
        self._log = self._open.enter_context((self.folder / "log").open("wb"))
        try:
            self.database = self._template.copy()
            self._open.callback(self._template.databases.drop_database, self.database)
            self._open.callback(self.stop)
            self.start()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._clients.close()
        self._open.close()

    def client(self, *, keep_alive: bool = True) -> GraphQLClient:
        """Return a client with a connection of its own, or with a new one for each request."""
        http = Http(self.port, keep_alive=keep_alive)
        return GraphQLClient(self._clients.enter_context(closing(http)))

    def client_on(self, worker: int) -> GraphQLClient:
        """Return a client whose connection leads to this worker."""
        http = connect_to(worker, self.port)
        return GraphQLClient(self._clients.enter_context(closing(http)))

    def worker_pids(self) -> set[int]:
        """Ask over new connections until every worker has answered; return their process ids."""
        pids: set[int] = set()

        def has_met_all() -> bool:
            self._ensure_running()
            try:
                with closing(Http(self.port, keep_alive=False)) as http:
                    answer = http.get("/health/live", {}, headers={})
            except OSError:
                return False
            pids.add(int(answer.headers["X-Worker"]))
            return len(pids) == self._workers

        wait_until(has_met_all, else_say=lambda: f"Answered: {pids}. {self.log()}")
        return pids

    def kill_worker(self, worker: int | None = None) -> int:
        """Kill a worker, any or this one, as the kernel does when memory runs out.

        granian starts another; it gives up where one dies within five seconds of its start.
        """
        victim = min(self.worker_pids()) if worker is None else worker
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: not is_process(victim), else_say=self.log)
        return victim

    def crash(self) -> None:
        """Kill all of it at once."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def start(self) -> None:
        command = [sys.executable, "manage.py", "serve", "--port", "0"]
        printed = len(self.log())
        self._process = subprocess.Popen(
            [*command, "--workers", str(self._workers)],
            cwd=self._root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.port = self._printed_port(since=printed)
        self.worker_pids()

    def stop(self) -> None:
        """Stop as an operator does; whatever outlives that is killed."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE_SECONDS)
        self.crash()

    def restart(self) -> None:
        """Stop and start again on the same database, on another port: clients must be new."""
        self.stop()
        self.start()

    def reset(self) -> None:
        """Close the clients and give the running server the database it began with."""
        self._clients.close()
        self._template.databases.restore(self.database, template=self._template.url)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement on the database and return its rows; `%s` stands for a parameter."""
        return self._template.databases.execute(statement, *parameters, database=self.database)

    def writing(self, table: str) -> AbstractContextManager[None]:
        """While inside, be somebody who writes to this table for long, and in the end nothing."""
        return self._template.databases.writing(table, database=self.database)

    def manage(self, *command: str) -> str:
        """Run a management command beside the server and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=self._root,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self) -> str:
        """Return what the server has printed and logged."""
        return (self.folder / "log").read_text()

    def _environment(self) -> dict[str, str]:
        options = f"?{self._database_options}" if self._database_options else ""
        return environment(f"{self.database}{options}", **self._environ)

    def _printed_port(self, *, since: int) -> int:
        def find() -> re.Match[str] | None:
            printed = self.log()[since:]
            self._ensure_running()
            return re.search(r"Serving http://127\.0\.0\.1:(\d+)/graphql .*\n", printed)

        return int(wait_until(find, else_say=self.log)[1])

    def _ensure_running(self) -> None:
        assert self._process is not None
        assert self._process.poll() is None, self.log()


def connect_to(worker: int, port: int) -> Http:
    """Return a connection to this worker: the kernel deals them out, so connect until it is."""
    http = Http(port)

    def is_there() -> bool:
        answer = http.get("/health/live", {}, headers={})
        if answer.headers["X-Worker"] == str(worker):
            return True
        http.close()
        return False

    wait_until(is_there, else_say=lambda: f"Worker {worker} never answered.")
    return http


@dataclass(frozen=True)
class Template:
    """A database with every table and `USERS`, each with the same password, to be copied."""

    databases: Databases
    url: str

    def copy(self) -> str:
        """Return the URL of a new copy."""
        return self.databases.create_database(self.url)


def create_template(where: Path | Databases, *, root: Path = ROOT, **environ: str) -> Template:
    """Make one on a server, or where `DATABASE_URL` says: on its server, else in this folder.

    `root` is the project's folder; keyword arguments are the environment in which it is made.
    """
    databases = chosen(where) if isinstance(where, Path) else where
    url = databases.create_database()
    create = [sys.executable, "-c", CREATE_USERS]
    subprocess.run(create, cwd=root, env=environment(url, **environ), check=True)
    return Template(databases, url)


def environment(database: str, **more: str) -> dict[str, str]:
    """Return the environment of a production server on this machine, without HTTPS."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        # A test can sign what this server verifies.
        "DJANGO_SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": database,
        "HTTPS": "false",
        **more,
    }
