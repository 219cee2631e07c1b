"""The ground all contenders stand on: one database file, one secret, one user."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

USERNAME = "alice"
PASSWORD = "correct horse battery staple"
EMAIL = "alice@example.com"

# Longer than any run: no contender may meet an expired token half-way.
TOKEN_LIFETIME = timedelta(days=1)


@contextmanager
def prepared() -> Iterator[Any]:
    """Set Django up on an empty database in a folder of its own; yield the user.

    Django can be set up once in a process, so this can be entered once.
    """
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        os.environ.update(_environment(Path(folder)))
        django.setup()
        try:
            yield _user()
        finally:
            _close_connections()


def _environment(folder: Path) -> dict[str, str]:
    """The variables of a production that listens on this machine, whatever the shell has set."""
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DJANGO_DEBUG": "false",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": f"sqlite:///{folder / 'benchmark.sqlite3'}",
        "ALLOWED_HOSTS": "localhost",
        "TRUSTED_PROXIES": "",
        "HTTPS": "true",
        "GRAPHIQL": "false",
        "INTROSPECTION": "true",
        "ACCESS_TOKEN_SECONDS": str(TOKEN_LIFETIME.days * 86_400),
    }


def _user() -> Any:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return get_user_model().objects.create_user(USERNAME, EMAIL, PASSWORD)


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
