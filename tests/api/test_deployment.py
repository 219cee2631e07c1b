"""What the environment decides, asked of new processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "x" * 64
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("DJANGO", "ALLOWED", "HTTPS", "DATABASE", "GRAPHIQL", "JWT"))
}


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=CLEAN | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def setting(name: str, **environment: str) -> str:
    code = f"from api import settings; print(settings.{name})"
    return python("-c", code, **environment).stdout.strip()


@pytest.mark.parametrize("module", ["api.wsgi", "api.asgi"])
class TestServing:
    @pytest.mark.parametrize(
        "environment",
        [{}, {"DJANGO_DEBUG": "false"}, {"DJANGO_SECRET_KEY": "short"}],
    )
    def test_is_refused_without_a_secret_and_says_what_to_set(self, module, environment):
        process = python("-c", f"import {module}", **environment)

        assert process.returncode != 0
        assert "Set DJANGO_SECRET_KEY" in process.stderr

    @pytest.mark.parametrize(
        "environment", [{"DJANGO_DEBUG": "true"}, {"DJANGO_SECRET_KEY": SECRET}]
    )
    def test_goes_on_with_a_secret_or_in_development(self, module, environment):
        assert python("-c", f"import {module}", **environment).returncode == 0


class TestSigningKeys:
    @pytest.mark.parametrize(
        ("environment", "said"),
        [
            ({"JWT_SECRET_KEY": "do-not-print-me"}, "revocation.E050"),
            ({"JWT_ALGORITHM": "none"}, "revocation.E005"),
            ({"JWT_ALGORITHM": "RS256"}, "JWT_PRIVATE_KEY"),
            ({"JWT_KEYS_FILE": "/nowhere/keys.json"}, "rotate_key --create"),
            ({"JWT_SECRET_KEY_FILE": "/nowhere/key"}, "JWT_SECRET_KEY_FILE"),
        ],
    )
    def test_a_server_does_not_start_on_one_that_cannot_sign(self, environment, said):
        process = python("-c", "import api.wsgi", DJANGO_SECRET_KEY=SECRET, **environment)

        assert process.returncode != 0
        assert said in process.stderr
        assert "do-not-print-me" not in process.stderr

    def test_signing_with_the_secret_of_django_is_told_before_a_deployment(self):
        process = python(
            *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            DJANGO_SECRET_KEY="".join(chr(33 + i) for i in range(80)),
            ALLOWED_HOSTS="api.example.com",
        )

        assert process.returncode != 0
        assert "revocation.W050" in process.stderr


def test_settings_that_cannot_stand_are_told_by_the_check_and_not_by_a_traceback():
    process = python("manage.py", "check", JWT_ALGORITHM="none", DJANGO_SECRET_KEY=SECRET)

    assert process.returncode != 0
    assert "?: (revocation.E005)" in process.stderr
    assert "Traceback" not in process.stderr


def test_management_commands_run_without_a_secret():
    assert python("manage.py", "check").returncode == 0


def test_the_deployment_check_is_clean():
    process = python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        DJANGO_SECRET_KEY="".join(chr(33 + i) for i in range(80)),
        JWT_SECRET_KEY="".join(chr(34 + i) for i in range(80)),
        ALLOWED_HOSTS="api.example.com",
    )

    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize(
    ("name", "environment", "value"),
    [
        ("DEBUG", {}, "False"),
        ("GRAPHIQL", {}, "False"),
        ("GRAPHIQL", {"DJANGO_DEBUG": "true"}, "True"),
        ("INTROSPECTION", {"INTROSPECTION": "off"}, "False"),
        ("SECURE_SSL_REDIRECT", {}, "True"),
        ("SECURE_SSL_REDIRECT", {"HTTPS": "off"}, "False"),
        ("SESSION_COOKIE_SECURE", {"DJANGO_DEBUG": "true"}, "False"),
        ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "a.example,b.example"}, "['a.example', 'b.example']"),
        ("GRAPHQL_JWT['JWT_EXPIRATION_DELTA']", {"ACCESS_TOKEN_SECONDS": "60"}, "0:01:00"),
        ("GRAPHQL_JWT['JWT_REFRESH_EXPIRATION_DELTA']", {}, "7 days, 0:00:00"),
        ("REVOCATION['GRACE_SECONDS']", {"REFRESH_GRACE_SECONDS": "0"}, "0"),
        (
            "DATABASES['default']['NAME']",
            {"DATABASE_URL": "sqlite:////other.db"},
            "/other.db",
        ),
        (
            "DATABASES['default']['OPTIONS']['transaction_mode']",
            {"DATABASE_URL": "sqlite:////other.db"},
            "IMMEDIATE",
        ),
        (
            "DATABASES['default']['ENGINE']",
            {"DATABASE_URL": "postgres://u:p@db/name"},
            "api.postgresql",
        ),
        (
            "DATABASES['default']['OPTIONS']['prepare_threshold']",
            {"DATABASE_URL": "postgres://u:p@db/name?prepare_threshold=none"},
            "None",
        ),
        (
            "DATABASES['default']['OPTIONS']['connect_timeout']",
            {"DATABASE_URL": "mysql://u:p@db/name?connect_timeout=1"},
            "1",
        ),
    ],
)
def test_the_environment_decides(name, environment, value):
    assert setting(name, **environment) == value


def test_sqlite_survives_power_cuts_and_lets_writers_wait(tmp_path):
    code = """
import django; django.setup()
from django.db import connection
cursor = connection.cursor()
for pragma in ("journal_mode", "synchronous", "busy_timeout"):
    print(cursor.execute(f"PRAGMA {pragma}").fetchone()[0])
"""
    process = python(
        *("-c", code),
        DJANGO_SETTINGS_MODULE="api.settings",
        DATABASE_URL=f"sqlite:///{tmp_path / 'db.sqlite3'}",
    )

    assert process.stdout.split() == ["wal", "2", "20000"]


class TestProxies:
    CODE = """
import io, sys
from api.wsgi import application
from django.test import RequestFactory
environ = RequestFactory().get("/health/live", HTTP_X_FORWARDED_PROTO="https",
    HTTP_X_FORWARDED_FOR="203.0.113.9", REMOTE_ADDR="10.0.0.1").environ
application(environ, lambda *_: None)
print(environ["wsgi.url_scheme"], environ["REMOTE_ADDR"])
"""

    def test_are_not_believed_by_default(self):
        process = python("-c", self.CODE, DJANGO_DEBUG="true")

        assert process.stdout.split() == ["http", "10.0.0.1"]

    def test_are_believed_when_they_are_trusted(self):
        process = python("-c", self.CODE, DJANGO_DEBUG="true", TRUSTED_PROXIES="10.0.0.0/8")

        assert process.stdout.split() == ["https", "203.0.113.9"]
