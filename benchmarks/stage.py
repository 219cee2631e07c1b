"""The ground all contenders stand on: one database, one secret, one user, one list."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

from .setups import Setup
from .work import ROWS

USERNAME = "alice"
PASSWORD = "correct horse battery staple"
EMAIL = "alice@example.com"

# Longer than any run: no contender may meet an expired token half-way.
TOKEN_LIFETIME = timedelta(days=1)
REFRESH_LIFETIME = timedelta(days=7)


@contextmanager
def prepared(setup: Setup) -> Iterator[Any]:
    """Set Django up on an empty database of its own; yield the user.

    Django can be set up once in a process, so this can be entered once.
    """
    with ExitStack() as open_:
        os.environ.update(_environment() | _servers(setup, open_))
        django.setup()
        open_.callback(_close_connections)
        yield fill()


def books() -> list[dict[str, Any]]:
    """Return the list as an answer shows it, primary keys counted from one."""
    return [
        {
            "id": str(number + 1),
            "title": f"Book {number}",
            "author": f"Author {number % 7}",
            "pages": number,
            "year": 2000,
        }
        for number in range(ROWS)
    ]


def fill() -> Any:
    """Make every table of the settings in force, the list and the user; return the user."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from .models import Book

    call_command("migrate", verbosity=0, interactive=False)
    # The tables of this app, which has no migrations; they refer to those that have.
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    Book.objects.bulk_create(Book(**book) for book in map(_without_id, books()))
    return get_user_model().objects.create_user(USERNAME, EMAIL, PASSWORD)


def _environment() -> dict[str, str]:
    """The variables of a production that listens on this machine, whatever the shell has set."""
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DJANGO_DEBUG": "false",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "localhost",
        "TRUSTED_PROXIES": "",
        "CORS_ALLOWED_ORIGINS": "",
        "HTTPS": "true",
        "GRAPHIQL": "false",
        "INTROSPECTION": "true",
        "JWT_COOKIE_MODE": "false",
        "ACCESS_TOKEN_SECONDS": str(TOKEN_LIFETIME.days * 86_400),
        "REFRESH_TOKEN_SECONDS": str(REFRESH_LIFETIME.days * 86_400),
    }


def _servers(setup: Setup, open_: ExitStack) -> dict[str, str]:
    """Start what the set-up needs; return where it is."""
    from tests.servers import PostgresServer, ValkeyServer

    if setup.database == "sqlite":
        folder = open_.enter_context(TemporaryDirectory(prefix="benchmarks-"))
        database = f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"
    else:
        # Durable, as SQLite is here: others wait for the disk at each write, and so do we.
        database = open_.enter_context(PostgresServer(durable=True)).create_database()
    redis = open_.enter_context(ValkeyServer()).url if setup.store == "redis" else ""
    return {"DATABASE_URL": database, "REVOCATION_STORE": setup.store, "REDIS_URL": redis}


def _without_id(book: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in book.items() if name != "id"}


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
