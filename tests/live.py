"""A live server, with worker processes and a real socket, and an HTTP client for it."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from tests.client import PASSWORD, GraphQLClient
from tests.settings import SECRET_KEY

ROOT = Path(__file__).resolve().parent.parent
JSON = "application/json"
SETTINGS = "tests.live_settings"
USERS = ("alice", "bob", *(f"user{number}" for number in range(20)))
PATIENCE_SECONDS = 60

CREATE_USERS = f"""
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
for name in {USERS!r}:
    get_user_model().objects.create_user(name, password={PASSWORD!r})
"""


@dataclass(frozen=True)
class Response:
    """As much of Django's response as `GraphQLClient` asks for; can be sent between processes."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise AssertionError((self.status_code, self.content)) from error


class Http:
    """Speaks HTTP over one connection, kept alive or not; for one thread alone.

    A request is sent once. Whatever breaks before its answer is complete raises `OSError` or
    `http.client.HTTPException`.
    """

    def __init__(self, port: int, *, keep_alive: bool = True) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._keep_alive = keep_alive

    def post(
        self, path: str, body: Any, *, content_type: str, headers: Mapping[str, str]
    ) -> Response:
        data = json.dumps(body).encode()
        return self._send("POST", path, data, {**headers, "Content-Type": content_type})

    def get(
        self, path: str, parameters: Mapping[str, str], *, headers: Mapping[str, str]
    ) -> Response:
        return self._send("GET", f"{path}?{urlencode(parameters)}", None, headers)

    def post_unheard(self, path: str, body: Any) -> None:
        """Send a request whose answer nobody reads: close the connection, once it was served."""
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": JSON})

    def close(self) -> None:
        self._connection.close()

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        is_answered = False
        try:
            self._connection.request(method, path, body, headers)
            with self._connection.getresponse() as response:
                answer = Response(response.status, response.headers, response.read())
            is_answered = True
            return answer
        finally:
            if not (self._keep_alive and is_answered):
                self._connection.close()


class LiveServer:
    """`manage.py serve` on a free port of this machine, with a SQLite file of its own.

    Keyword arguments beside `template` and `workers` are its environment. Its clients are closed
    and every one of its processes is gone when the context ends.
    """

    def __init__(self, template: Path, *, workers: int = 2, **environ: str) -> None:
        self._template = template
        self._workers = workers
        self._environ = environ
        self._open = ExitStack()
        self._clients = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> "LiveServer":
        self.folder = Path(self._open.enter_context(TemporaryDirectory(prefix="live-server-")))
        self.database = self.folder / "db.sqlite3"
        shutil.copy(self._template, self.database)
        self._log = self._open.enter_context((self.folder / "log").open("wb"))
        self._open.callback(self.stop)
        try:
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
            cwd=ROOT,
            env=environment(self.database, **self._environ),
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
        with (
            closing(sqlite3.connect(self._template)) as template,
            closing(sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)) as database,
        ):
            template.backup(database)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement on the database file and return its rows."""
        with (
            closing(sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)) as database,
            database,
        ):
            return database.execute(statement, parameters).fetchall()

    def manage(self, *command: str) -> str:
        """Run a management command beside the server and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment(self.database, **self._environ),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self) -> str:
        """Return what the server has printed and logged."""
        return (self.folder / "log").read_text()

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


def create_template(path: Path) -> Path:
    """Write a SQLite file with every table and `USERS`, each with the same password."""
    subprocess.run(
        [sys.executable, "-c", CREATE_USERS], cwd=ROOT, env=environment(path), check=True
    )
    return path


def environment(database: Path, **more: str) -> dict[str, str]:
    """Return the environment of a production server on this machine, without HTTPS."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        # A test can sign what this server verifies.
        "DJANGO_SECRET_KEY": SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{database}",
        "HTTPS": "false",
        **more,
    }


def wait_until(look: Callable[[], Any], *, else_say: Callable[[], str]) -> Any:
    """Look again and again until something is there; return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, else_say()
        # Leaves the processor to what is waited for.
        time.sleep(0.005)
    return found


def is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
