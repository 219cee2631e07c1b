"""The system checks: clean on this project, one id each, and each with a remedy."""

import re
from collections import Counter
from pathlib import Path

import pytest
import redis
from django.conf import global_settings
from django.core import checks
from django.core.management import CommandError, call_command

import api
import revocation
from revocation.checks import check_sqlite_transactions
from revocation.conf import conf
from revocation.problems import problems
from tests.revocation.on_redis import settings_of
from tests.revocation.test_signing_keys import OTHER_PAIRS, PAIRS
from tests.servers import ValkeyServer

pytestmark = pytest.mark.urls("tests.graphene_urls")

AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
REVOCATION = "revocation.middleware.RevocationMiddleware"


def found(**options):
    messages = checks.run_checks(**options)
    return {message.id: message for message in messages if message.id.startswith("revocation.")}


def test_this_project_passes_every_check():
    assert checks.run_checks(databases=["default"]) == []


def test_an_id_stands_for_one_question():
    folders = [Path(package.__file__).parent for package in (revocation, api)]
    source = "\n".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    ids = re.findall(r"""["']((?:revocation|api)\.[EWI]\d+)["']""", source)

    assert {"revocation.E001", "api.E001"} <= set(ids)
    assert [check_id for check_id, times in Counter(ids).items() if times > 1] == []


@pytest.mark.parametrize(
    ("middleware", "check_id"),
    [
        ([], "revocation.E020"),
        ([AUTHENTICATION], "revocation.E020"),
        ([REVOCATION, AUTHENTICATION], "revocation.E021"),
    ],
)
def test_a_missing_or_misplaced_middleware_is_named(settings, middleware, check_id):
    settings.MIDDLEWARE = middleware

    assert REVOCATION in found()[check_id].hint


def test_commits_that_nobody_makes_are_named(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "AUTOCOMMIT", False)

    assert "AUTOCOMMIT" in found()["revocation.E022"].hint


@pytest.mark.parametrize(
    "middleware",
    [[REVOCATION], [AUTHENTICATION, REVOCATION], (AUTHENTICATION, REVOCATION)],
    ids=["alone", "after", "tuple"],
)
def test_a_middleware_in_its_place_is_fine(settings, middleware):
    settings.MIDDLEWARE = middleware

    assert found() == {}


@pytest.mark.parametrize("options", [{}, {"transaction_mode": "DEFERRED"}])
class TestDeferredTransactions:
    @pytest.fixture(autouse=True)
    def _deferred(self, settings, options):
        sqlite = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}
        other = {"ENGINE": "django.db.backends.postgresql"}
        # As a dictionary of its own: Django keeps the one it opened connections with.
        settings.DATABASES.update(files=sqlite, server=other)
        yield
        del settings.DATABASES["files"], settings.DATABASES["server"]

    def test_they_are_warned_of_where_databases_are_checked(self, options):
        [warning] = check_sqlite_transactions(databases=["files", "server"])

        assert warning.id == "revocation.W001"
        assert '"files"' in warning.hint

    def test_they_are_nothing_to_a_check_without_databases(self, options):
        assert check_sqlite_transactions(databases=None) == []


def test_every_problem_of_the_settings_is_a_check_with_a_hint(settings):
    settings.GRAPHQL_JWT = {"JWT_VERIFY": False, "UNKNOWN": 1, "JWT_ALGORITHM": "none"}

    reported = found()

    assert {problem.id for problem in problems()} == reported.keys()
    assert all(message.hint and message.is_serious() for message in reported.values())


@pytest.mark.parametrize(
    ("given", "check_id"),
    [
        ({"GRAPHQL_JWT": {"JWT_AUTH_HEADER_PREFIX": None}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_AUTH_HEADER_NAME": b"x"}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_COOKIE_NAME": None}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_REFRESH_TOKEN_COOKIE_NAME": 1}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_AUDIENCE": ""}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_AUDIENCE": ["a", 5]}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_AUDIENCE": []}}, "revocation.E024"),
        ({"GRAPHQL_JWT": {"JWT_ISSUER": ["a"]}}, "revocation.E024"),
        ({"REVOCATION": None}, "revocation.E002"),
        ({"REVOCATION": ["STORE"]}, "revocation.E002"),
        ({"REVOCATION": {"STORE": "memcached"}}, "revocation.E019"),
        ({"REVOCATION": {"STORE": None}}, "revocation.E019"),
        ({"REVOCATION": {"STORE": []}}, "revocation.E019"),
        ({"REVOCATION": {"ATTEMPTS_PER_ADDRESS": 10**400}}, "revocation.W070"),
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_named_and_breaks_no_check(settings, given, check_id):
    for name, value in given.items():
        setattr(settings, name, value)

    assert check_id in found(include_deployment_checks=True)


@pytest.mark.parametrize(
    "given",
    [
        {"CORS_ALLOWED_ORIGINS": None},
        {"REVOCATION": {"STATUS_LIST_LIFETIME": None}},
        {"GRAPHQL_JWT": {"JWT_AUDIENCE": ("a", "b"), "JWT_ISSUER": "a"}},
        {"GRAPHQL_JWT": {"JWT_AUTH_HEADER_PREFIX": ""}},
    ],
    ids=repr,
)
def test_what_does_no_harm_is_overlooked(settings, given):
    for name, value in given.items():
        setattr(settings, name, value)

    assert not problems()
    assert conf().allowed_origins == frozenset()


def test_a_setting_without_effect_is_warned_of(settings):
    settings.GRAPHQL_JWT = {"JWT_REUSE_REFRESH_TOKENS": True}

    assert "JWT_REUSE_REFRESH_TOKENS" in found()["revocation.W002"].msg


def test_the_check_command_fails_on_an_unsafe_setting(settings):
    settings.GRAPHQL_JWT = {"JWT_VERIFY_EXPIRATION": False}

    with pytest.raises(CommandError, match=r"revocation\.E004"):
        call_command("check")


UNREADABLE = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
ONE, OTHER = PAIRS["RS256"], OTHER_PAIRS["RS256"]


@pytest.mark.parametrize(
    "keys",
    [
        {"JWT_PRIVATE_KEY": "not a key"},
        {"JWT_PRIVATE_KEY": ONE["JWT_PUBLIC_KEY"]},
        {"JWT_PUBLIC_KEY": "not a key"},
        {"JWT_PUBLIC_KEY": UNREADABLE},
        {"JWT_PUBLIC_KEY": OTHER["JWT_PUBLIC_KEY"]},
        {"JWT_ALGORITHM": "ES256"},
        {"JWT_ALGORITHM": "EdDSA"},
    ],
    ids=["no key", "public as private", "no public key", "damaged", "of another pair", "EC", "Ed"],
)
def test_keys_that_cannot_sign_and_verify_are_found_before_the_first_sign_in(settings, keys):
    settings.GRAPHQL_JWT = {**ONE, **keys}

    assert any(message.is_serious() for message in found().values())


@pytest.mark.parametrize("key", ["not a key", UNREADABLE, ONE["JWT_PRIVATE_KEY"]])
def test_a_previous_key_that_cannot_verify_is_found_before_the_first_request(settings, key):
    settings.GRAPHQL_JWT, settings.REVOCATION = ONE, {"PREVIOUS_KEYS": [key]}

    assert any(message.is_serious() for message in found().values())


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_key_pair_in_order_passes(settings, pair):
    settings.GRAPHQL_JWT = pair
    settings.REVOCATION = {"PREVIOUS_KEYS": [pair["JWT_PUBLIC_KEY"]]}

    assert found() == {}


@pytest.mark.parametrize(("cookie_mode", "is_named"), [(False, True), (True, False)])
def test_tokens_that_reach_nobody_are_named(settings, cookie_mode, is_named):
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_HIDE_TOKEN_FIELDS": True}
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": cookie_mode}

    assert ("revocation.W003" in found()) is is_named


class TestRedis:
    @pytest.fixture(autouse=True)
    def _as_in_production(self, settings):
        """What is for tests alone is named by `--deploy`, too."""
        settings.ALLOWED_HOSTS = ["api.example.com"]
        settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
        settings.GRAPHQL_JWT = ONE

    @pytest.mark.parametrize("store", ["redis", "standby"])
    def test_an_url_that_is_none_is_named(self, settings, store):
        settings.REVOCATION = settings_of("localhost:6379", STORE=store)

        assert '"redis://' in found()["revocation.E016"].hint

    def test_a_package_that_is_missing_is_named(self, settings, monkeypatch):
        monkeypatch.setattr("revocation.problems.find_spec", lambda name: None)
        settings.REVOCATION = settings_of("redis://localhost")

        assert "pip install 'redis[hiredis]'" in found()["revocation.E017"].hint

    def test_another_store_needs_neither(self, settings, monkeypatch):
        monkeypatch.setattr("revocation.problems.find_spec", lambda name: None)
        settings.REVOCATION = {"STORE": "database", "REDIS_URL": "x"}

        assert found() == {}

    @pytest.mark.parametrize(
        ("url", "is_named"),
        [
            ("redis://redis.example.com", True),
            ("redis://10.0.0.1:6379/0", True),
            ("redis+sentinel://127.0.0.1,redis.example.com/mymaster", True),
            ("redis+cluster://127.0.0.1", True),
            ("rediss://redis.example.com?ssl_cert_reqs=none", True),
            ("rediss+cluster://redis.example.com?ssl_check_hostname=False", True),
            ("rediss+sentinel://one,two/mymaster?db=1&ssl_check_hostname=n", True),
            ("rediss://redis.example.com?ssl_cert_reqs=required&ssl_check_hostname=1", False),
            ("rediss://localhost?ssl_cert_reqs=none", False),
            ("redis://127.0.0.1:6379/0", False),
            ("redis://:pass@localhost", False),
            ("redis://[::1]", False),
            ("unix:///run/redis.sock", False),
            ("rediss://redis.example.com", False),
            ("rediss+sentinel://one,two/mymaster", False),
            ("rediss+cluster://redis.example.com", False),
        ],
    )
    def test_traffic_in_clear_is_warned_of_where_others_may_touch_it(self, settings, url, is_named):
        settings.REVOCATION = settings_of(url)

        assert list(found()) == ["revocation.W004"] * is_named

    def test_the_warning_says_what_helps(self, settings):
        settings.REVOCATION = settings_of("redis://:do-not-print-me@redis.example.com")

        warning = found()["revocation.W004"]

        assert "rediss://" in warning.hint
        assert "do-not-print-me" not in str(warning)

    @pytest.mark.parametrize("url", ["redis://[::1", 42, "redis://host:port"])
    def test_a_broken_url_breaks_no_check(self, settings, url):
        settings.REVOCATION = settings_of(url)

        assert found(include_deployment_checks=True).keys() == {"revocation.E016"}

    def test_a_server_that_keeps_what_it_is_told_is_fine(self, settings, valkey):
        settings.REVOCATION = settings_of(valkey.url)

        assert found(include_deployment_checks=True) == {}

    def test_one_that_may_evict_is_warned_of(self, settings):
        with ValkeyServer(maxmemory_policy="allkeys-lru") as server:
            settings.REVOCATION = settings_of(server.url)

            warnings = found(include_deployment_checks=True)

            assert "allkeys-lru" in warnings["revocation.W005"].msg
            command, *arguments = warnings["revocation.W005"].hint.split()
            assert command == "redis-cli"
            with redis.Redis(port=server.port) as client:
                client.execute_command(*arguments)
            assert found(include_deployment_checks=True) == {}

    def test_one_that_does_not_answer_is_warned_of(self, settings):
        with ValkeyServer() as server:
            settings.REVOCATION = settings_of(server.url)

        warning = found(include_deployment_checks=True)["revocation.W006"]

        assert "manage.py rebuild_store" in warning.hint
        assert str(server.port) not in str(warning)

    def test_nobody_is_asked_but_before_a_deployment(self, settings):
        with ValkeyServer() as server:
            settings.REVOCATION = settings_of(server.url)

        assert found() == {}

    def test_the_check_command_passes_with_a_warning_while_redis_is_down(self, settings, capsys):
        with ValkeyServer() as server:
            settings.REVOCATION = settings_of(server.url)

        call_command("check", deploy=True)

        assert "revocation.W006" in capsys.readouterr().err
