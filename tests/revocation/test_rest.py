"""The authentication class of REST framework: the same guard, under REST framework's rules."""

import subprocess
import sys

import pytest
from django.core import checks
from django.db import OperationalError, connection
from django.http import Http404
from django.urls import path
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.response import Response
from rest_framework.views import APIView

from api.urls import urlpatterns as api_urls
from revocation import errors, sessions
from revocation.contrib.checks import REST
from revocation.contrib.rest_framework import AccessTokenAuthentication
from revocation.models import Session
from revocation.stores.database import DatabaseStore
from revocation.testing import travel
from tests.client import ME
from tests.revocation.leaving import ROUTES

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

REFUSALS = {error.__name__: error for error in (errors.SessionNotFound, errors.PasswordRejected)}
IMPORT_FIRST = """
import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a key for an import alone",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "revocation"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "revocation.contrib.rest_framework.AccessTokenAuthentication"
        ],
        "EXCEPTION_HANDLER": "revocation.contrib.rest_framework.exception_handler",
    },
)
django.setup()
import revocation.contrib.rest_framework
from rest_framework.views import APIView

print(APIView.authentication_classes[0].__name__)
"""
FAILURES = {"404": Http404, "400": ParseError, "boom": KeyError}


class Who(APIView):
    def get(self, request):
        claims = request.auth
        return Response({"user": request.user.get_username(), "sid": claims and claims.sid})


class Logout(APIView):
    def post(self, request):
        sessions.end(request.auth)
        raise FAILURES[request.data["then"]]


class Raising(APIView):
    permission_classes = ()

    def get(self, request):
        raise REFUSALS[request.query_params["what"]]


ORDERS = {
    "ours": [AccessTokenAuthentication],
    "first": [AccessTokenAuthentication, SessionAuthentication, BasicAuthentication],
    "last": [SessionAuthentication, AccessTokenAuthentication],
}
urlpatterns = [
    *api_urls,
    *(path(f"who/{name}", Who.as_view(authentication_classes=o)) for name, o in ORDERS.items()),
    path("public", Who.as_view(permission_classes=[AllowAny])),
    path("staff", Who.as_view(permission_classes=[IsAdminUser])),
    path("logout", Logout.as_view()),
    path("raising", Raising.as_view()),
]


@pytest.fixture
def get(graphql):
    def get(url, token=None, **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return graphql.http.get(url, headers=headers)

    return get


def refusal(response):
    body = response.json()
    return response.status_code, body["code"], body["reason"]


class TestWhoIsAsking:
    def test_a_token_says_who_and_which_session(self, get, alice, issued):
        sid = Session.objects.get().id

        assert get("/who/ours", issued.access_token).json() == {"user": "alice", "sid": sid}

    def test_nobody_is_told_that_a_token_is_missing(self, get):
        response = get("/who/ours")

        assert refusal(response) == (401, "UNAUTHENTICATED", "TOKEN_MISSING")
        assert response["WWW-Authenticate"] == "Bearer"
        assert response.json()["detail"]

    def test_garbage_is_told_so(self, get):
        response = get("/who/ours", "garbage")

        assert refusal(response) == (401, "UNAUTHENTICATED", "TOKEN_INVALID")
        assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'

    def test_a_refresh_token_is_no_access_token(self, get, issued):
        response = get("/who/ours", issued.refresh_token)

        assert refusal(response) == (401, "UNAUTHENTICATED", "TOKEN_INVALID")

    def test_a_bad_token_is_refused_even_where_nobody_need_be_known(self, get):
        assert get("/public").status_code == 200
        assert get("/public", "garbage").status_code == 401

    @pytest.mark.parametrize("leave", ROUTES.values(), ids=ROUTES)
    def test_who_was_deactivated_or_deleted_is_refused(self, get, alice, issued, leave):
        leave(alice)

        code = refusal(get("/who/ours", issued.access_token))
        assert code[:2] == (401, "UNAUTHENTICATED")
        assert code[2] in {"USER_INACTIVE", "TOKEN_REVOKED"}

    def test_who_may_not_is_forbidden(self, get, issued):
        response = get("/staff", issued.access_token)

        assert refusal(response) == (403, "FORBIDDEN", "PERMISSION_DENIED")

    def test_it_costs_one_statement(self, get, issued, django_assert_num_queries):
        with django_assert_num_queries(1):
            get("/who/ours", issued.access_token)

    def test_in_cookie_mode_the_cookie_counts_where_no_other_site_can_have_sent_it(
        self, get, graphql, alice, settings
    ):
        settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}
        graphql.sign_in()

        assert get("/who/ours", apollo_require_preflight="1").json()["user"] == "alice"
        assert refusal(get("/who/ours"))[2] == "TOKEN_MISSING"


class TestDoubt:
    @pytest.fixture(autouse=True)
    def _database_is_gone(self, monkeypatch):
        def fail(*_):
            raise OperationalError("gone")

        monkeypatch.setattr(DatabaseStore, "facts", fail)

    @pytest.mark.parametrize("order", ORDERS)
    def test_refuses_and_says_when_to_come_again(self, get, graphql, alice, issued, order):
        graphql.http.force_login(alice)
        response = get(f"/who/{order}", issued.access_token)

        assert refusal(response) == (503, "SERVICE_UNAVAILABLE", "REVOCATION_UNAVAILABLE")
        assert response["Retry-After"] == "1"


@pytest.mark.usefixtures("redis_store")
class TestOnRedis:
    def test_a_logout_is_known(self, get, alice, issued):
        assert get("/who/ours", issued.access_token).status_code == 200

        sessions.end_all(alice)

        assert refusal(get("/who/ours", issued.access_token))[2] == "TOKEN_REVOKED"

    def test_whoever_was_deactivated_behind_its_back_is_refused_at_once(self, get, alice, issued):
        ROUTES["deactivated by raw SQL"](alice)

        assert refusal(get("/who/ours", issued.access_token))[2] == "USER_INACTIVE"


class TestBesideOthers:
    """Another class is asked where there is no token, and never about a bad one."""

    def test_without_a_token_djangos_session_counts(self, get, graphql, alice):
        graphql.http.force_login(alice)

        assert get("/who/first").json() == {"user": "alice", "sid": None}
        assert get("/who/ours").status_code == 401

    def test_another_scheme_is_left_to_others(self, get, alice):
        assert get("/who/ours", Authorization="Basic YWxpY2U6eA==").status_code == 401
        assert get("/who/first", Authorization="Basic YWxpY2U6eA==").json()["detail"] == (
            "Invalid username/password."
        )

    @pytest.mark.parametrize("order", ["first", "last"])
    @pytest.mark.parametrize("make_bad", ["garbage", "revoked", "expired"])
    def test_a_bad_token_falls_through_to_nobody(
        self, get, graphql, alice, issued, order, make_bad
    ):
        graphql.http.force_login(alice)
        token = {"garbage": "garbage"}.get(make_bad, issued.access_token)
        if make_bad == "revoked":
            sessions.end_all(alice)

        with travel(minutes=6 if make_bad == "expired" else 0):
            response = get(f"/who/{order}", token)

        # REST framework takes the status from the first class, which for a session is 403.
        assert response.status_code == {"first": 401, "last": 403}[order]
        assert response.json()["code"] == "UNAUTHENTICATED"

    @pytest.mark.parametrize("order", ["first", "last"])
    def test_a_good_token_outranks_another_users_session(
        self, get, graphql, issued, make_user, order
    ):
        graphql.http.force_login(make_user("bob"))

        assert get(f"/who/{order}", issued.access_token).json()["user"] == "alice"


@pytest.mark.django_db(transaction=True)
class TestRollback:
    @pytest.mark.parametrize("failure", FAILURES)
    def test_a_logout_holds_although_the_view_fails_after_it(
        self, graphql, issued, failure, monkeypatch
    ):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        bearer = graphql.bearing(issued.access_token)

        response = bearer.http.post(
            "/logout", {"then": failure}, content_type="application/json", headers=bearer.headers
        )

        assert response.status_code == {"404": 404, "400": 400, "boom": 500}[failure]
        assert bearer(ME).reason == "TOKEN_REVOKED"


class TestRefusalsOfVerbs:
    @pytest.mark.parametrize(
        ("what", "told"),
        [
            ("SessionNotFound", (404, "NOT_FOUND", "SESSION_NOT_FOUND")),
            ("PasswordRejected", (400, "BAD_USER_INPUT", "PASSWORD_REJECTED")),
        ],
    )
    def test_they_are_answers(self, get, what, told):
        assert refusal(get(f"/raising?what={what}")) == told


class TestTheImport:
    def test_may_come_before_rest_frameworks_views_which_want_it(self):
        done = subprocess.run(
            [sys.executable, "-c", IMPORT_FIRST], capture_output=True, text=True, check=False
        )

        assert (done.stdout, done.stderr) == ("AccessTokenAuthentication\n", "")


class TestTheCheck:
    @staticmethod
    def found():
        messages = checks.run_checks()
        return [message.hint for message in messages if message.id == "revocation.W060"]

    def test_first_or_absent_is_well(self, settings):
        assert self.found() == []

        settings.REST_FRAMEWORK = {}
        assert self.found() == []

        del settings.REST_FRAMEWORK
        assert self.found() == []

    def test_behind_another_it_is_named(self, settings):
        session = "rest_framework.authentication.SessionAuthentication"
        settings.REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [session, REST]}

        [hint] = self.found()
        assert REST in hint
