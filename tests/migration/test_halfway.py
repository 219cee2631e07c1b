"""An upgrade done half: a check says what to change, and no state lets a revoked token in."""

import pytest
from django.core import checks
from django.test import Client
from graphql_jwt.utils import jwt_decode

from revocation import sessions
from revocation.contrib.graphql_jwt import HANDLERS
from revocation.models import Session
from revocation.tokens import read_access
from tests.migration import stock
from tests.migration.forms import ME, FrontEnd

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.stock")]

UNAVAILABLE = "Service unavailable, retry later"


@pytest.fixture
def front_end(alice, settings):
    settings.MIDDLEWARE = stock.DJANGO
    settings.AUTHENTICATION_BACKENDS = stock.BACKENDS
    settings.GRAPHQL_JWT = {}
    settings.GRAPHENE = {
        "SCHEMA": "tests.migration.stock.schema",
        "MIDDLEWARE": ["graphql_jwt.middleware.JSONWebTokenMiddleware"],
    }
    return FrontEnd("plain", Client(raise_request_exception=False))


def found():
    return {one.id: one for one in checks.run_checks() if one.id.startswith("revocation.")}


class TestAppAlone:
    def test_a_token_that_no_logout_can_end_is_not_said_to_be_logged_out(self, front_end):
        client = front_end.bearing(front_end.sign_in()["token"])
        assert client.ask(ME).data == {"username": "alice"}

        assert client.mutate("logout", "ok").message == UNAVAILABLE

    def test_a_check_says_to_set_the_handlers(self, front_end):
        message = found()["revocation.E030"]

        assert "JSONWebTokenBackend" in message.msg
        assert "from revocation.contrib.graphql_jwt import HANDLERS" in message.hint
        assert "{**HANDLERS, ...}" in message.hint


class TestMiddlewareWithoutHandlers:
    @pytest.fixture(autouse=True)
    def middleware(self, front_end, settings):
        settings.MIDDLEWARE = [*stock.DJANGO, stock.OURS]

    def test_a_token_of_the_original_opens_nothing(self, front_end):
        client = front_end.bearing(front_end.sign_in()["token"])

        assert client.ask(ME).body["data"] == {"me": None}

    def test_a_check_says_to_set_the_handlers(self):
        assert "revocation.E030" in found()


class TestSomeHandlers:
    @pytest.mark.parametrize("name", [name for name in HANDLERS if name.endswith("_HANDLER")])
    def test_a_revoked_token_opens_nothing(self, front_end, settings, alice, name):
        token = sessions.open_session(alice).access_token
        sessions.end(read_access(token))
        settings.GRAPHQL_JWT = {key: value for key, value in HANDLERS.items() if key != name}

        assert front_end.bearing(token).ask(ME).body["data"] == {"me": None}

    @pytest.mark.parametrize("name", [name for name in HANDLERS if name.endswith("_HANDLER")])
    def test_a_check_names_what_is_missing(self, front_end, settings, name):
        settings.GRAPHQL_JWT = {key: value for key, value in HANDLERS.items() if key != name}

        assert name in found()["revocation.E031"].msg

    @pytest.mark.parametrize("name", ["JWT_PAYLOAD_HANDLER", "JWT_ALLOW_ANY_HANDLER"])
    def test_one_of_the_project_that_may_call_ours_is_let_stand(self, front_end, settings, name):
        settings.GRAPHQL_JWT = {**HANDLERS, name: "graphql_jwt.utils.jwt_payload"}

        assert not {"revocation.E030", "revocation.E031", "revocation.W002"} & found().keys()


class TestHandlersWithoutMiddleware:
    @pytest.fixture(autouse=True)
    def handlers(self, front_end, settings):
        settings.GRAPHQL_JWT = HANDLERS

    def test_a_check_warns_that_it_is_missing(self, settings):
        warning = found()["revocation.W033"]

        assert warning.level == checks.WARNING
        assert f"Add {stock.OURS!r} to MIDDLEWARE" in warning.hint

    @pytest.mark.parametrize("name", ["ATOMIC_REQUESTS", "ATOMIC_MUTATIONS"])
    def test_with_a_transaction_around_it_is_an_error(self, settings, monkeypatch, name):
        monkeypatch.setitem(settings.DATABASES["default"], name, True)

        assert found()["revocation.E020"].level == checks.ERROR

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("more", ["", " boom { ok }"])
    def test_a_logout_that_could_be_rolled_back_is_refused(
        self, front_end, settings, monkeypatch, more
    ):
        from django.db import connection

        client = front_end.bearing(front_end.sign_in()["token"])
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        answer = client.ask(f"mutation {{ logout {{ ok }}{more} }}")

        assert answer.body["data"]["logout"] is None
        assert answer.body["errors"][0]["message"] == UNAVAILABLE
        assert Session.objects.unended().exists()

    @pytest.mark.django_db(transaction=True)
    def test_with_the_middleware_it_is_made_to_last(self, front_end, settings, monkeypatch):
        from django.db import connection

        settings.MIDDLEWARE = [*stock.DJANGO, stock.OURS]
        client = front_end.bearing(front_end.sign_in()["token"])
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        answer = client.ask("mutation { logout { ok } boom { ok } }")

        assert answer.body["data"]["logout"] == {"ok": True}
        assert client.ask(ME).message == "Token has been revoked"


class TestUnsafeSettings:
    """Those of the original that let a dead token live: nobody is let in until they are changed."""

    @pytest.fixture
    def token(self, front_end, settings, alice):
        settings.GRAPHQL_JWT = HANDLERS
        return sessions.open_session(alice).access_token

    @pytest.mark.parametrize(
        ("unsafe", "check_id"),
        [
            ({"JWT_VERIFY_EXPIRATION": False}, "revocation.E004"),
            ({"JWT_VERIFY": False}, "revocation.E003"),
            ({"JWT_ALLOW_ARGUMENT": True}, "revocation.E008"),
        ],
    )
    @pytest.mark.parametrize("middleware", [[], [stock.OURS]])
    def test_no_token_is_let_in_and_a_check_says_why(
        self, front_end, settings, token, unsafe, check_id, middleware
    ):
        settings.MIDDLEWARE = [*stock.DJANGO, *middleware]
        settings.GRAPHQL_JWT = {**HANDLERS, **unsafe}

        answer = front_end.bearing(token).http.post(
            "/plain",
            {"query": ME},
            content_type="application/json",
            headers={"Authorization": f"JWT {token}"},
        )

        assert b"alice" not in answer.content
        assert check_id in found()


class TestStockLeft:
    @pytest.fixture(autouse=True)
    def upgraded(self, front_end, settings):
        settings.MIDDLEWARE = [*stock.DJANGO, stock.OURS]
        settings.GRAPHQL_JWT = HANDLERS

    def test_a_check_names_its_fields_and_what_to_import(self):
        warning = found()["revocation.W030"]

        assert "Mutation.refreshToken, Mutation.tokenAuth, Mutation.verifyToken" in warning.msg
        assert "import revocation.graphql as graphql_jwt" in warning.hint

    def test_a_check_names_what_its_decorators_protect(self):
        warning = found()["revocation.W031"]

        for field in ("Mutation.setMood", "Query.me", "Query.reader", "Query.staff", "Query.users"):
            assert field in warning.msg
        for field in ("Query.who", "Mutation.logout", "Mutation.tokenAuth"):
            assert field not in warning.msg

    def test_with_long_running_refresh_tokens_its_fields_are_an_error(self, settings):
        settings.GRAPHQL_JWT = {**HANDLERS, "JWT_LONG_RUNNING_REFRESH_TOKEN": True}

        assert "Mutation.refreshToken" in found()["revocation.E032"].msg
        assert "revocation.W030" not in found()

    def test_a_check_says_to_take_its_middleware_out(self, settings):
        assert "GRAPHENE['MIDDLEWARE']" in found()["revocation.W034"].hint

        settings.GRAPHENE = {**settings.GRAPHENE, "MIDDLEWARE": []}

        assert "revocation.W034" not in found()

    def test_a_check_names_the_view_that_keeps_its_cookies(self):
        warning = found()["revocation.W035"]

        assert "at 'cookie'" in warning.msg
        assert 'REVOCATION = {"COOKIE_MODE": True}' in warning.hint

    @pytest.mark.urls("tests.graphene_urls")
    def test_a_schema_of_ours_is_left_alone(self, settings):
        settings.GRAPHENE = {"SCHEMA": "schema.root.schema", "MIDDLEWARE": []}
        settings.GRAPHQL_JWT = {}

        assert not [one for one in found() if one[-3:-1] == "03"]

    @pytest.mark.parametrize("name", [None, "nowhere.schema", "tests.migration.stock.nothing"])
    def test_a_schema_that_cannot_be_imported_breaks_no_check(self, settings, name):
        settings.GRAPHENE = {"SCHEMA": name, "MIDDLEWARE": []}

        assert "revocation.W030" not in found()

    def test_its_settings_are_not_called_unread_that_its_code_reads(self, settings):
        settings.GRAPHQL_JWT = {**HANDLERS, "JWT_ALLOW_ANY_CLASSES": (), "JWT_ARGUMENT_NAME": "t"}

        warnings = [one.msg for one in checks.run_checks() if one.id == "revocation.W002"]

        assert len(warnings) == 1
        assert "JWT_ARGUMENT_NAME" in warnings[0]


class TestCleartokens:
    def test_a_command_of_another_app_is_told_from_the_original(self, settings, tmp_path):
        settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.migration.oauth"]

        warning = found()["revocation.W032"]

        assert "tests.migration.oauth" in warning.msg
        assert warning.hint == "python manage.py purge_revoked"


def test_the_tokens_of_a_sign_in_that_was_rolled_back_open_nothing(front_end, settings, alice):
    settings.GRAPHQL_JWT = HANDLERS
    token = front_end.sign_in()["token"]
    Session.objects.all().delete()

    assert front_end.bearing(token).ask(ME).message == "Token has been revoked"
    assert jwt_decode(token)["username"] == "alice"
