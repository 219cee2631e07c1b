"""`upgrade_report` tells what is left, and for each project what will differ."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from graphql_jwt.refresh_token.models import RefreshToken
from graphql_jwt.settings import DEFAULTS
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from revocation import sessions
from revocation.models import RevokedToken, Session
from tests.revocation.legacy.old_world import in_force
from tests.upgraded.before import of_simplejwt, opaque

pytestmark = pytest.mark.django_db

OPAQUE, SIMPLEJWT = "refresh_token.RefreshToken", "token_blacklist.OutstandingToken"
TOMORROW = (timezone.now() + timedelta(days=1)).isoformat(timespec="seconds")
STOCK = "graphql_jwt.middleware.JSONWebTokenMiddleware"


@pytest.fixture
def report(capsys):
    def ask():
        call_command("upgrade_report", json=True)
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.fixture
def differing(report):
    return lambda: {one["where"] for one in report()["differences"]}


class TestLeft:
    def test_what_can_be_exchanged_is_counted(self, report, alice, make_user):
        for user in (alice, alice, make_user("bob")):
            opaque(user)
            of_simplejwt(user)

        left = report()["left_to_exchange"]

        assert left[OPAQUE]["count"] == left[SIMPLEJWT]["count"] == 3
        newest = RefreshToken.objects.latest("created").created + timedelta(days=7)
        assert left[OPAQUE]["last_expires_at"] == newest.isoformat(timespec="seconds")

    def test_what_cannot_is_not(self, report, graphql, alice, make_user):
        graphql.refresh(opaque(alice))
        graphql.refresh(of_simplejwt(alice))
        opaque(alice)
        of_simplejwt(alice)
        RefreshToken.objects.update(created=timezone.now() - timedelta(days=8))
        OutstandingToken.objects.update(expires_at=timezone.now())
        bob = make_user("bob")
        opaque(bob)
        of_simplejwt(bob)
        sessions.end_all(bob)

        left = report()["left_to_exchange"]

        nothing = {"count": 0, "last_expires_at": None}
        assert left == {OPAQUE: nothing, SIMPLEJWT: nothing}

    def test_nothing_is_written(self, report, alice):
        opaque(alice)
        report()

        assert not Session.objects.exists()
        assert not RevokedToken.objects.exists()
        assert RefreshToken.objects.get().revoked is None

    def test_a_table_that_is_not_there_is_told_from_an_empty_one(self, report, settings):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_REFRESH_TOKEN_MODEL": "gone.Token"}

        assert report()["left_to_exchange"]["gone.Token"] is None


class TestDiffering:
    def test_that_nobody_looked_at_the_expiry(self, differing, settings):
        assert "JWT_VERIFY_EXPIRATION" not in differing()

        settings.GRAPHQL_JWT = {}
        assert "JWT_VERIFY_EXPIRATION" in differing()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("JWT_ALLOW_ARGUMENT", True),
            ("JWT_ALLOW_REFRESH", False),
            ("JWT_REUSE_REFRESH_TOKENS", True),
            ("JWT_REFRESH_TOKEN_N_BYTES", 32),
            ("JWT_ALLOW_ANY_CLASSES", ("a.b",)),
            ("JWT_CSRF_ROTATION", True),
            ("JWT_REFRESH_EXPIRATION_DELTA", timedelta(days=365)),
            *((name, "a.b") for name in DEFAULTS if name.endswith("_HANDLER")),
        ],
    )
    def test_a_setting_that_now_means_something_else(self, differing, settings, name, value):
        before = differing()

        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {name: value}

        assert differing() - before == {name}

    def test_a_handler_of_ours_is_no_difference(self, differing, settings):
        ours = {"JWT_DECODE_HANDLER": "revocation.contrib.graphql_jwt.decode"}
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | ours

        assert "JWT_DECODE_HANDLER" not in differing()

    def test_what_differs_for_everybody(self, report, settings):
        def always():
            return [one["what"] for one in report()["differences"] if one["where"] == "always"]

        before = always()
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_LONG_RUNNING_REFRESH_TOKEN": False}

        assert any("primary key" in what for what in before)
        assert [what for what in before if what not in always()] == [
            "a refresh uses its refresh token up; one that comes back later ends its session"
        ]

    def test_the_mode_that_was_the_default(self, differing, settings):
        assert "JWT_LONG_RUNNING_REFRESH_TOKEN" in differing()

        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_LONG_RUNNING_REFRESH_TOKEN": True}
        assert "JWT_LONG_RUNNING_REFRESH_TOKEN" not in differing()

    def test_attributes_of_cookies(self, differing, settings):
        settings.REVOCATION = in_force(COOKIE_MODE=True)
        settings.GRAPHQL_JWT = {}

        assert {"JWT_COOKIE_SECURE", "JWT_COOKIE_SAMESITE", "JWT_COOKIE_NAME"} <= differing()

    def test_what_is_left_installed(self, differing, settings):
        settings.GRAPHENE = {"MIDDLEWARE": [STOCK]}
        backend = "graphql_jwt.backends.JSONWebTokenBackend"
        settings.AUTHENTICATION_BACKENDS = [backend, *settings.AUTHENTICATION_BACKENDS]

        assert {"GRAPHENE['MIDDLEWARE']", "AUTHENTICATION_BACKENDS", "cleartokens"} <= differing()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("AUTH_TOKEN_CLASSES", ("rest_framework_simplejwt.tokens.SlidingToken",)),
            ("TOKEN_TYPE_CLAIM", None),
            ("JWK_URL", "https://keys.example.com"),
            ("USER_AUTHENTICATION_RULE", "a.b"),
        ],
    )
    def test_what_simplejwt_was_told(self, differing, settings, name, value):
        settings.SIMPLE_JWT = {name: value}

        assert {"SIMPLE_JWT", f"SIMPLE_JWT['{name}']"} <= differing()


class TestText:
    @pytest.mark.parametrize(
        ("until", "said"),
        [
            (None, "ACCEPT_LEGACY_UNTIL is not set"),
            ("2020-01-01T00:00:00Z", "not been accepted since 2020-01-01"),
            (TOMORROW, f"accepted until {TOMORROW}"),
        ],
    )
    def test_it_says_until_when(self, settings, capsys, until, said):
        settings.REVOCATION = in_force(ACCEPT_LEGACY_UNTIL=until)

        call_command("upgrade_report")

        assert said in capsys.readouterr().out

    def test_it_says_what_is_left_and_what_differs(self, alice, capsys):
        opaque(alice)

        call_command("upgrade_report")

        said = capsys.readouterr().out
        assert f"{OPAQUE}: 1, the last one until" in said
        assert f"{SIMPLEJWT}: none" in said
        assert "JWT_AUTH_HEADER_PREFIX: beside 'JWT'" in said

    def test_settings_that_are_refused_are_named_and_the_rest_is_told(self, settings, capsys):
        settings.REVOCATION = {"ACCEPT_LEGACY_UNTIL": "soon"}

        call_command("upgrade_report")

        said = capsys.readouterr().out
        assert "revocation.E040" in said
        assert "JWT_AUTH_HEADER_PREFIX" in said

    def test_tables_that_are_not_made_yet_are_asked_for(self):
        def fail(*_):
            raise OperationalError("no such table")

        with connection.execute_wrapper(fail), pytest.raises(CommandError, match="run migrate"):
            call_command("upgrade_report")
