"""Serves the API with granian, after saying in a sentence why it cannot."""

import fcntl
import json
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

from api.metrics.folder import FOLDER, make_folder

from .create_demo_user import NAME, PASSWORD

WSGI = "api.wsgi:application"

# Python runs one request at a time in a process; threads are there for the moments it waits: for
# the database, for Redis, and for password hashing, which lets go of the interpreter. Four keep a
# worker answering while somebody signs in, and WORKERS * 4 is what the database must accept in
# connections, since every thread keeps its own.
THREADS = 4
# The longest granian allows. A thread that ends takes its database connection with it.
THREAD_IDLE_SECONDS = 600
# How long a worker may finish its requests after SIGTERM.
STOP_SECONDS = 10
# A worker now and then misses the signal while it waits for work; nobody should wait for it at a
# terminal.
STOP_SECONDS_IN_DEBUG = 2

SIGN_IN = "mutation {{ tokenAuth(username: {}, password: {}) {{ token refreshToken }} }}"


class Command(BaseCommand):
    help = "Serve the API with granian on 127.0.0.1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--port", default=os.environ.get("PORT", "8000"), help="0 takes any free port"
        )
        parser.add_argument(
            "--workers",
            default=os.environ.get("WORKERS", "2"),
            help="how many processes (default: WORKERS from the environment, or 2)",
        )
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="first migrate the database and, in development, create the demo user",
        )

    def handle(self, *, host: str, port: str, workers: str, prepare: bool, **_: Any) -> None:
        workers_wanted = whole_number(workers, name="WORKERS", lowest=1, highest=1000)
        held = hold(host, whole_number(port, name="PORT", lowest=0, highest=65535))
        ensure_shared_database()
        load_application()
        if prepare:
            self.prepare()
        if settings.METRICS_TOKEN:
            os.environ[FOLDER] = str(folder_to_count_in())
        self.announce(*held.getsockname()[:2])
        become_granian(held, workers=workers_wanted)

    def prepare(self) -> None:
        try:
            with only_one_at_a_time():
                self.stdout.write("Preparing the database ...", ending="")
                self.stdout.flush()
                call_command("migrate", interactive=False, verbosity=0)
                self.stdout.write(" done")
                call_command("create_demo_user", stdout=self.stdout)
        except DatabaseError as error:
            raise CommandError(
                f"The database {settings.DATABASES['default']['NAME']} cannot be used "
                f"({str(error).strip()}). Check DATABASE_URL; for SQLite, that the folder of the "
                "file exists and can be written."
            ) from error

    def announce(self, host: str, port: int) -> None:
        url = f"http://[{host}]:{port}/graphql" if ":" in host else f"http://{host}:{port}/graphql"
        name, password = (NAME, PASSWORD) if has_demo_user() else ("YOUR_NAME", "YOUR_PASSWORD")
        body = json.dumps({"query": SIGN_IN.format(json.dumps(name), json.dumps(password))})
        self.stdout.write(f"Serving {url} (Ctrl-C stops). Open it in a browser, or sign in with:")
        self.stdout.write(f"curl -s {url} -H 'Content-Type: application/json' -d '{body}'")
        self.stdout.flush()


def whole_number(text: str, *, name: str, lowest: int, highest: int) -> int:
    if text.isascii() and text.isdigit() and lowest <= int(text) <= highest:
        return int(text)
    raise CommandError(f"{name} must be a whole number from {lowest} to {highest}, not {text!r}.")


def hold(host: str, port: int) -> socket.socket:
    """Take the port for ourselves until granian listens on it."""
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # Connections a server closed a minute ago must not read as a server that still runs.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((host, port))
    except PermissionError as error:
        raise CommandError(f"Port {port} needs privileges; choose one above 1023.") from error
    except OSError as error:
        raise CommandError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Stop what listens there, "
            f"or choose another: make run PORT={port + 1}"
        ) from error
    # granian's workers share their port on Linux, with any process of this user that asks to: a
    # second server would silently answer half of the requests. Held like this, from here until it
    # listens, they can join the port and another `serve` cannot.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    if sys.platform == "linux":
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.set_inheritable(True)
    return held


def folder_to_count_in() -> Path:
    try:
        return make_folder()
    except OSError as error:
        raise CommandError(
            f"Workers cannot count for /metrics: {error}. Set TMPDIR to a folder that can be "
            "written, or leave METRICS_TOKEN unset."
        ) from error


def load_application() -> None:
    """Load the application once here: granian would try again and again, with tracebacks."""
    try:
        import_string(WSGI.replace(":", "."))
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from error


def ensure_shared_database() -> None:
    """Refuse a database in memory: each worker would have one of its own."""
    database = settings.DATABASES["default"]
    name = str(database["NAME"])
    if database["ENGINE"].endswith("sqlite3") and (not name or ":memory:" in name):
        raise CommandError(
            "DATABASE_URL names no file, and workers do not share memory. Write four slashes for "
            "an absolute path: sqlite:////path/to/db.sqlite3"
        )


def has_demo_user() -> bool:
    """Whether there is one whose password nobody has changed."""
    model = get_user_model()
    try:
        users = model._default_manager.filter(**{model.USERNAME_FIELD: NAME})
        stored = users.values_list("password", flat=True).first() if settings.DEBUG else None
    except DatabaseError:
        return False
    return stored is not None and check_password(PASSWORD, stored)


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Keep two starts at once from creating the same tables."""
    folder = os.open(settings.BASE_DIR, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def become_granian(held: socket.socket, *, workers: int) -> None:
    """Replace this process, so that signals reach the server and nothing of ours stays behind."""
    host, port = held.getsockname()[:2]
    connections.close_all()
    granian = [sys.executable, "-m", "granian", *options(host, port, workers), WSGI]
    os.execv(sys.executable, granian)  # noqa: S606  No shell is what we want.


def options(host: str, port: int, workers: int) -> list[str]:
    return [
        *("--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(workers), "--respawn-failed-workers"),
        *("--blocking-threads", str(THREADS)),
        *("--blocking-threads-idle-timeout", str(THREAD_IDLE_SECONDS)),
        # Counts connections, idle ones too: a low number lets a few browsers lock out the rest.
        *("--backlog", "1024", "--backpressure", "512"),
        *("--workers-kill-timeout", str(STOP_SECONDS_IN_DEBUG if settings.DEBUG else STOP_SECONDS)),
        *("--working-dir", str(settings.BASE_DIR), "--log-level", "warning"),
    ]
