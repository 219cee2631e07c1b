"""The ground it happens on: a private PostgreSQL with two databases, one small and one large."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import django

from tests.servers import PostgresServer

USERNAME = "alice"
PASSWORD = "correct horse battery staple"
# A small machine's. What differs from PostgreSQL's defaults is its memory, and the room it has for
# its log before it must write tables out.
SERVER = {"shared_buffers": "512MB", "max_wal_size": "4GB", "maintenance_work_mem": "512MB"}


@contextmanager
def prepared() -> Iterator[PostgresServer]:
    """Start PostgreSQL, set Django up on two migrated databases, and create the user in both.

    The alias of the large one is "default", of the other "small". Django can be set up once in a
    process, so this can be entered once.
    """
    with PostgresServer(durable=True, **SERVER) as server:
        os.environ.update(_environment(server))
        django.setup()
        from django.db import connections

        try:
            for alias in ("default", "small"):
                _fill_in(alias)
            yield server
        finally:
            connections.close_all()


def _environment(server: PostgresServer) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "benchmarks.scale.settings",
        "DJANGO_DEBUG": "false",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "DATABASE_URL": server.create_database(),
        "SMALL_DATABASE_URL": server.create_database(),
        "ALLOWED_HOSTS": "testserver",
        "HTTPS": "false",
        "REVOCATION_STORE": "database",
    }


def _fill_in(alias: str) -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", database=alias, verbosity=0, interactive=False)
    call_command("createcachetable", database=alias, verbosity=0)
    get_user_model().objects.db_manager(alias).create_user(USERNAME, password=PASSWORD)
