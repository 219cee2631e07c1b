"""`check --deploy`: silent about what is safe; of what is unsafe, it says what to paste."""

import re
import runpy
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.conf import global_settings
from django.core import checks
from django.db import DatabaseError, InterfaceError, connection
from django.test import override_settings
from django.utils import timezone

from api.limits import Limits
from revocation import production

from .test_deployment import ROOT, SECRET, python

SAFE = {
    "DJANGO_SECRET_KEY": "".join(chr(33 + number) for number in range(80)),
    "JWT_SECRET_KEY": "".join(chr(33 + number) for number in range(64)),
    "ALLOWED_HOSTS": "api.example.com",
}
# What one process has only once.
KEPT = {"CACHES", "DATABASES", "INSTALLED_APPS", "LOGGING", "TEMPLATES"}
STOCK = "django.contrib.auth.backends.ModelBackend"
MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
OURS = "revocation.middleware.RevocationMiddleware"
REDIS = {"REVOCATION_STORE": "redis"}
COOKIES = {"JWT_COOKIE_MODE": "true"}
DEVELOPMENT = "django-insecure-for-development-only-everybody-knows-it"
LEGACY = f'REVOCATION |= {{"ACCEPT_LEGACY_UNTIL": "{timezone.now() + timedelta(days=9)}"}}'


class Project:
    """The settings of this environment, with lines of Python below them."""

    def __init__(self, monkeypatch, environment, lines=""):
        with monkeypatch.context() as patch:
            for name, text in {**SAFE, **environment}.items():
                patch.setenv(name, text)
            namespace = runpy.run_path(str(ROOT / "api/settings.py"))
        self.settings = {name: value for name, value in namespace.items() if name.isupper()}
        self.settings["PASSWORD_HASHERS"] = [*global_settings.PASSWORD_HASHERS]
        self.paste(lines)

    def paste(self, lines):
        exec(lines, {"Limits": Limits, "re": re, "timedelta": timedelta}, self.settings)  # noqa: S102

    def found(self):
        used = {name: value for name, value in self.settings.items() if name not in KEPT}
        with override_settings(**used):
            return {found.id: found for found in run_checks() if not found.is_silenced()}


def run_checks():
    return checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)


@pytest.fixture(autouse=True)
def _undecided_by_this_machine(monkeypatch):
    """Whatever the environment of the test run says, it does not say it here."""
    for name in (*SAFE, "DJANGO_DEBUG", "HTTPS", "DATABASE_URL", "REDIS_URL", "GRAPHIQL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "lines"),
    [
        ({}, ""),
        (COOKIES, ""),
        ({"TRUSTED_PROXIES": "10.0.0.0/8,fc00::/7,104.16.0.0/13,203.0.113.7"}, ""),
        ({"CORS_ALLOWED_ORIGINS": "https://app.example.com,http://localhost:5173"}, ""),
        ({"ACCESS_TOKEN_SECONDS": "3600", "REFRESH_GRACE_SECONDS": "60"}, ""),
        ({"OAUTH_CLIENTS": f"one={'1' * 32},two={'2' * 32}"}, ""),
        ({"INTROSPECTION": "false", "SILENCED_SYSTEM_CHECKS": "revocation.W004"}, ""),
        ({}, "CORS_ALLOW_ALL_ORIGINS = True; CORS_ALLOW_CREDENTIALS = False"),
        ({}, r'CORS_ALLOWED_ORIGIN_REGEXES = [r"https://\w+\.example\.com\Z", "(https://a.org$)"]'),
        ({}, 'REVOCATION["ATTEMPTS_PER_ADDRESS"] = 3000'),
        ({}, 'REVOCATION["STORE"] = "project.stores.OurStore"'),
        ({"METRICS_TOKEN": SECRET}, ""),
        ({}, 'REVOCATION["LIMITS"] = {"DEPTH": 30, "ONCE": ("signIn", *Limits().once)}'),
    ],
)
def test_what_is_safe_is_met_with_silence(monkeypatch, environment, lines):
    assert Project(monkeypatch, environment, lines).found() == {}


# Variables, what is wrong with them, and the hint, which is pasted among them.
@pytest.mark.parametrize(
    ("environment", "check_id"),
    [
        ({"DJANGO_DEBUG": "true"}, "api.E002"),
        ({"ALLOWED_HOSTS": "*"}, "api.E003"),
        ({"ALLOWED_HOSTS": "api.example.com,*"}, "api.E003"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "api.E004"),
        ({"TRUSTED_PROXIES": "10.0.0.1,128.0.0.0/1"}, "api.E004"),
        ({"TRUSTED_PROXIES": "::/0"}, "api.E004"),
        ({"TRUSTED_PROXIES": "2000::/3"}, "api.E004"),
        ({"TRUSTED_PROXIES": "::ffff:0.0.0.0/96"}, "api.E004"),
        ({"HTTPS": "off"}, "api.W001"),
        ({"GRAPHIQL": "on"}, "api.W002"),
    ],
)
def test_an_unsafe_variable_is_named_until_its_hint_is_pasted(monkeypatch, environment, check_id):
    message = Project(monkeypatch, environment).found()[check_id]

    name, value = re.match(r"([A-Z_]+)=(\S+?),?(?: |$)", message.hint).groups()
    assert name in message.msg
    assert check_id not in Project(monkeypatch, {**environment, name: value}).found()


# Settings, as variables or as lines of Python; the hint is pasted below them.
@pytest.mark.parametrize(
    ("environment", "lines", "check_id"),
    [
        ({"ACCESS_TOKEN_SECONDS": "3601"}, "", "revocation.W061"),
        ({"REFRESH_TOKEN_SECONDS": "99999999"}, "", "revocation.W062"),
        (
            {},
            'REVOCATION["SESSION_ABSOLUTE_LIFETIME"] = timedelta(days=400)',
            "revocation.W062",
        ),
        ({"REFRESH_GRACE_SECONDS": "61"}, "", "revocation.W063"),
        ({}, 'GRAPHQL_JWT["JWT_LEEWAY"] = timedelta(minutes=2)', "revocation.W063"),
        ({}, 'REVOCATION["RETENTION_MARGIN"] = 0', "revocation.W064"),
        ({}, 'REVOCATION["REDIS_TIMEOUT"] = 5', "revocation.W065"),
        ({}, 'REVOCATION["ATTEMPTS_PER_ADDRESS"] = None', "revocation.W068"),
        ({}, 'REVOCATION["ATTEMPTS_WINDOW"] = 1', "revocation.W070"),
        ({}, 'REVOCATION["ATTEMPTS_PER_ADDRESS"] = 100_000', "revocation.W070"),
        ({}, 'REVOCATION["ATTEMPTS_PER_ACCOUNT_AND_ADDRESS"] = 1000', "revocation.W070"),
        (
            {},
            f'AUTHENTICATION_BACKENDS = ["{STOCK.replace("M", "AllowAllUsersM")}"]',
            "revocation.W074",
        ),
        ({}, f'{LEGACY}; REVOCATION["ACCEPT_LEGACY_EXPIRED"] = True', "revocation.W071"),
        ({}, f'{LEGACY}; SIMPLE_JWT = {{"SIGNING_KEY": "short"}}', "revocation.W072"),
        ({"END_ON_PASSWORD_CHANGE": "false"}, "", "revocation.W075"),
        ({}, 'REVOCATION["LIMITS"] = {"DEPTH": 10**6}', "api.W004"),
        ({}, 'REVOCATION["LIMITS"] = {"BODY_BYTES": 10**12, "BATCH": 20}', "api.W004"),
        ({}, 'REVOCATION["LIMITS"] = {"ONCE": ()}', "api.W004"),
        (COOKIES, 'GRAPHQL_JWT["JWT_COOKIE_PATH"] = "/graphql"', "revocation.W069"),
        ({}, 'CORS_ALLOWED_ORIGIN_REGEXES = [".*"]', "revocation.E064"),
        ({}, 'CORS_ALLOWED_ORIGIN_REGEXES = [re.compile("null|https://a$")]', "revocation.E064"),
        ({}, r'CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.example\.com"]', "revocation.E064"),
        ({}, f'AUTHENTICATION_BACKENDS = ["{STOCK}"]', "revocation.W074"),
        (COOKIES, 'GRAPHQL_JWT["JWT_COOKIE_DOMAIN"] = ".example.com"', "revocation.W069"),
        (COOKIES, 'GRAPHQL_JWT["JWT_COOKIE_SAMESITE"] = "None"', "revocation.W069"),
        ({**COOKIES, "HTTPS": "off"}, "", "revocation.E063"),
        ({"SILENCED_SYSTEM_CHECKS": "revocation.E020"}, "", "revocation.E062"),
        ({"SILENCED_SYSTEM_CHECKS": "api.E003"}, "", "revocation.E062"),
        ({"CORS_ALLOWED_ORIGINS": "http://app.example.com"}, "", "revocation.E064"),
        ({}, 'CORS_ALLOWED_ORIGINS = ["null"]', "revocation.E064"),
        ({}, "CORS_ALLOW_ALL_ORIGINS = True", "revocation.E064"),
        ({}, f'PASSWORD_HASHERS = ["{MD5}"]', "revocation.E065"),
        ({}, "AUTH_PASSWORD_VALIDATORS = []", "revocation.E066"),
    ],
)
def test_an_unsafe_setting_is_named_until_its_hint_is_pasted(
    monkeypatch, environment, lines, check_id
):
    project = Project(monkeypatch, environment, lines)
    message = project.found()[check_id]

    project.paste(message.hint)

    assert check_id not in project.found()


# Where the remedy is for a shell, or needs a choice.
@pytest.mark.parametrize(
    ("environment", "lines", "check_id", "remedy"),
    [
        ({"DJANGO_SECRET_KEY": "short"}, "", "api.E001", "secrets.token_urlsafe(64)"),
        ({}, "SECRET_KEY = DEVELOPMENT_SECRET_KEY", "api.E001", "DJANGO_SECRET_KEY=$("),
        (
            {**REDIS, "REDIS_URL": "rediss://redis.invalid"},
            "",
            "revocation.W066",
            "ACL SETUSER user on >password",
        ),
        ({**REDIS, "REDIS_URL": "redis://:p@redis.invalid"}, "", "revocation.W004", "rediss://"),
        *(
            (
                {**REDIS, "REDIS_URL": f"rediss://:p@r.invalid?{told}"},
                "",
                "revocation.W004",
                told[:9],
            )
            for told in ("ssl_cert_reqs=none", "ssl_check_hostname=False")
        ),
        ({}, 'REVOCATION["STORE"] = "Redis"', "revocation.E019", "'redis'"),
        ({}, "CORS_ORIGIN_ALLOW_ALL = True", "revocation.E064", "CORS_ALLOW_ALL_ORIGINS = False"),
        ({"METRICS_TOKEN": SECRET, "JWT_SECRET_KEY": SECRET}, "", "api.E005", "METRICS_TOKEN=$("),
        ({"METRICS_TOKEN": SECRET, "OAUTH_CLIENTS": f"a={SECRET}"}, "", "api.E005", "openssl rand"),
        ({"JWT_SECRET_KEY": DEVELOPMENT}, "", "revocation.E067", "openssl rand -hex 48"),
        ({"JWT_PREVIOUS_KEYS": DEVELOPMENT}, "", "revocation.E067", "revoke --all"),
        ({"JWT_SECRET_KEY": "ab" * 32}, "", "revocation.E067", "openssl rand -hex 48"),
        (
            {"OAUTH_CLIENTS": f"one={SECRET},two={SECRET}"},
            "",
            "revocation.E060",
            "secrets.token_hex(32)",
        ),
        (
            {"OAUTH_CLIENTS": f"one={SECRET}", "DJANGO_SECRET_KEY": SECRET},
            "",
            "revocation.E060",
            'REVOCATION["OAUTH_CLIENTS"]["one"]',
        ),
        (
            {"OAUTH_CLIENTS": f"one={SECRET}"},
            f'REVOCATION["PREVIOUS_KEYS"] = [b"{SECRET}"]',
            "revocation.E060",
            "secrets.token_hex(32)",
        ),
        ({}, f'MIDDLEWARE.remove("{OURS}")', "revocation.E020", OURS),
        (
            {},
            f'MIDDLEWARE.insert(0, MIDDLEWARE.pop(MIDDLEWARE.index("{OURS}")))',
            *("revocation.E021", OURS),
        ),
        ({}, "USE_TZ = False", "revocation.E010", "USE_TZ = True"),
        ({}, 'GRAPHQL_JWT["JWT_VERIFY_EXPIRATION"] = False', "revocation.E004", "True"),
        ({}, 'REVOCATION["GRACE_SECOND"] = 1', "revocation.E002", "'GRACE_SECONDS'"),
        ({"OAUTH_CLIENTS": "one=short"}, "", "revocation.E018", "secrets.token_hex(32)"),
    ],
)
def test_an_unsafe_setting_is_named_with_its_remedy(
    monkeypatch, environment, lines, check_id, remedy
):
    message = Project(monkeypatch, environment, lines).found()[check_id]

    assert remedy in message.hint
    assert SECRET not in str(message)


class TestTheDatabase:
    POSTGRESQL, MARIADB = "api.postgresql", "api.mariadb"

    def found(self, monkeypatch, settings, engine, host, **options):
        database = {"ENGINE": engine, "HOST": host, "OPTIONS": options}
        monkeypatch.setitem(settings.DATABASES, "elsewhere", database)
        return {found.id: found.hint for found in run_checks()}

    @pytest.mark.parametrize(
        ("engine", "options", "remedy"),
        [
            (POSTGRESQL, {}, "?sslmode=verify-full"),
            (POSTGRESQL, {"sslmode": "prefer"}, "?sslmode=verify-full"),
            (MARIADB, {}, "?ssl_mode=VERIFY_IDENTITY"),
            (MARIADB, {"ssl_mode": "PREFERRED"}, "?ssl_mode=VERIFY_IDENTITY"),
        ],
    )
    def test_in_clear_is_named(self, monkeypatch, settings, engine, options, remedy):
        found = self.found(monkeypatch, settings, engine, "db.example.com", **options)

        assert remedy in found["api.W003"]

    @pytest.mark.parametrize(
        ("engine", "host", "options"),
        [
            (POSTGRESQL, "db.example.com", {"sslmode": "require"}),
            (POSTGRESQL, "db.example.com", {"sslmode": "verify-full"}),
            (POSTGRESQL, "127.0.0.1", {}),
            (POSTGRESQL, "", {}),
            (POSTGRESQL, "/run/postgresql", {}),
            (MARIADB, "db.example.com", {"ssl_mode": "VERIFY_IDENTITY"}),
            (MARIADB, "localhost", {}),
        ],
    )
    def test_by_tls_or_here_is_fine(self, monkeypatch, settings, engine, host, options):
        assert "api.W003" not in self.found(monkeypatch, settings, engine, host, **options)

    @pytest.mark.parametrize(("sessions", "users"), [("default", "people"), ("replica", "replica")])
    def test_routed_to_where_half_of_its_tables_are_not_is_named(self, settings, sessions, users):
        class Router:
            def db_for_write(self, model, **hints):
                return sessions if model._meta.app_label == "revocation" else users

        settings.DATABASE_ROUTERS = [Router()]
        [message] = production.check_routers()

        assert (message.id, message.is_serious()) == ("revocation.E061", True)
        assert 'return "default"' in message.hint


def refusing(error):
    def refuse(*_, **__):
        raise error

    return connection.execute_wrapper(refuse)


@pytest.mark.django_db
class TestTheClock:
    @pytest.mark.parametrize("minutes", [-1, 1])
    def test_of_this_host_is_compared_with_the_databases(self, monkeypatch, minutes):
        now = timezone.now() + timedelta(minutes=minutes)
        monkeypatch.setattr(timezone, "now", lambda: now)

        [message] = production.check_clocks(databases=["default"])

        assert (message.id, "timedatectl set-ntp true" in message.hint) == ("revocation.W067", True)
        assert "60 seconds" in message.msg

    def test_is_right_here(self):
        assert production.check_clocks(databases=["default"]) == []

    def test_is_left_alone_where_no_database_is_asked(self, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: None)

        assert production.check_clocks() == production.check_clocks(databases=["other"]) == []

    @pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
    def test_of_a_database_that_does_not_answer_is_not_known(self, error):
        with refusing(error):
            assert production.check_clocks(databases=["default"]) == []


@pytest.mark.django_db(transaction=True)
class TestDurability:
    WEAKENED = {
        "sqlite": ("PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL"),
        "postgresql": ("SET synchronous_commit = off", "RESET synchronous_commit"),
        "mysql": tuple(f"SET GLOBAL innodb_flush_log_at_trx_commit = {n}" for n in (2, 1)),
    }

    @pytest.fixture
    def run(self):
        def run(step):
            with connection.cursor() as cursor:
                cursor.execute(self.WEAKENED[connection.vendor][step])

        yield run
        if connection.vendor == "mysql":
            # As the server was started: it serves other tests, too.
            run(0)
        connection.close()

    def test_a_database_that_commits_too_soon_is_named(self, run):
        run(0)

        [message] = production.check_durable(databases=["default"])

        assert message.id == "revocation.W073"
        assert (
            self.WEAKENED[connection.vendor][1].partition("= ")[2].upper() in message.hint.upper()
        )

    def test_one_that_waits_for_the_disk_is_fine(self, run):
        run(1)

        assert production.check_durable(databases=["default"]) == []

    def test_one_that_is_not_asked_or_does_not_answer_is_not_known(self, run):
        run(0)

        assert production.check_durable() == production.check_durable(databases=["other"]) == []
        with refusing(InterfaceError):
            assert production.check_durable(databases=["default"]) == []


def test_the_command_fails_and_says_why():
    process = python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        **{**SAFE, "TRUSTED_PROXIES": "0.0.0.0/0", "ACCESS_TOKEN_SECONDS": "86400"},
    )

    assert process.returncode == 1
    assert re.findall(r"\((\w+\.[EW]\d+)\)", process.stderr) == ["api.E004", "revocation.W061"]


def test_a_prefix_that_names_strangers_is_not_taken_for_a_private_one():
    """How Django's checks tell 0.0.0.0/0 from 10.0.0.0/8 depends on Python."""
    assert not ip_network("0.0.0.0/0").is_private
    assert not ip_network("::/0").is_private
    assert ip_network("fc00::/7").is_private
