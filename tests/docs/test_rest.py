"""The examples of docs/rest.md: settings, three views, and plain Django ones."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.decorators import login_required
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path

from api.urls import urlpatterns as api_urls
from revocation.stores.database import DatabaseStore
from tests.client import ME, PASSWORD
from tests.docs.examples import examples, run

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

PAGE = "rest.md"
SETTINGS, VIEWS = examples(PAGE, "REST framework")
BY_USER, BY_GUARD = (run(source)["who"] for source in examples(PAGE, "Plain Django views"))
REST = SimpleNamespace(**run(VIEWS))

urlpatterns = [
    *api_urls,
    path("rest/sign-in", REST.SignIn.as_view()),
    path("rest/refresh", REST.Refresh.as_view()),
    path("rest/logout", REST.Logout.as_view()),
    path("by-user", BY_USER),
    path("by-guard", BY_GUARD),
    path("login-required", login_required(lambda request: HttpResponse("in"))),
]


@pytest.fixture
def post(graphql):
    def post(name, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return graphql.http.post(
            f"/rest/{name}", body or {}, content_type="application/json", headers=headers
        )

    return post


@pytest.fixture
def pair(alice, post):
    """What signing in by REST gives."""
    return post("sign-in", {"username": "alice", "password": PASSWORD}).json()


@pytest.fixture
def get(graphql):
    def get(name, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return graphql.http.get(f"/{name}", headers=headers)

    return get


def test_these_tests_run_under_the_settings_it_tells(settings):
    assert run(SETTINGS)["REST_FRAMEWORK"] == settings.REST_FRAMEWORK


class TestTheThreeViews:
    def test_what_they_hand_out_opens_graphql(self, graphql, pair):
        assert graphql.bearing(pair["access"])(ME).data == {"me": {"username": "alice"}}

    def test_a_logout_by_rest_ends_graphql(self, graphql, post, pair):
        assert post("logout", token=pair["access"]).status_code == 204

        assert graphql.bearing(pair["access"])(ME).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(pair["refresh"]).reason == "SESSION_ENDED"

    def test_a_logout_by_graphql_ends_rest(self, graphql, post, pair):
        graphql.bearing(pair["access"])("mutation { logout { ok } }")

        refused = post("logout", token=pair["access"])

        assert (refused.status_code, refused.json()["reason"]) == (401, "TOKEN_REVOKED")
        refused = post("refresh", {"refresh": pair["refresh"]})
        assert (refused.status_code, refused.json()["reason"]) == (401, "SESSION_ENDED")

    def test_a_refresh_gives_the_next_pair(self, graphql, post, pair):
        newer = post("refresh", {"refresh": pair["refresh"]}).json()

        assert newer["refresh"] != pair["refresh"]
        assert graphql.bearing(newer["access"])(ME).data

    def test_what_is_no_refresh_token_is_refused(self, post):
        refused = post("refresh", {"refresh": "garbage"})

        assert (refused.status_code, refused.json()["reason"]) == (401, "REFRESH_INVALID")

    def test_a_wrong_password_is_refused(self, alice, post):
        refused = post("sign-in", {"username": "alice", "password": "wrong"})

        assert (refused.status_code, refused.json()["reason"]) == (401, "INVALID_CREDENTIALS")
        assert refused["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("name", ["sign-in", "refresh"])
    @pytest.mark.parametrize("body", [{}, [], {"refresh": None}, {"refresh": ["x"]}], ids=repr)
    def test_a_body_of_another_form_is_told_what_is_missing(self, post, name, body):
        assert post(name, body).status_code == 400

    def test_guessing_ends(self, alice, post):
        wrong = {"username": "alice", "password": "wrong"}
        for _ in range(10):
            post("sign-in", wrong)

        refused = post("sign-in", wrong)

        assert (refused.status_code, refused.json()["reason"]) == (429, "RATE_LIMITED")
        assert 0 < int(refused["Retry-After"]) <= 900


@pytest.mark.parametrize("name", ["by-user", "by-guard"])
class TestPlainViews:
    def test_a_token_opens_them(self, get, pair, name):
        assert get(name, pair["access"]).json() == {"username": "alice"}

    def test_nobody_is_answered_with_401(self, get, name):
        assert get(name).status_code == 401

    def test_a_logout_closes_them(self, get, graphql, pair, name):
        graphql.bearing(pair["access"])("mutation { logout { ok } }")

        assert get(name, pair["access"]).status_code == 401

    def test_a_bad_token_outranks_a_session_of_django(self, get, graphql, alice, name):
        graphql.http.force_login(alice)

        assert get(name, "garbage").status_code == 401

    def test_doubt_refuses(self, get, pair, name, monkeypatch):
        def fail(*_):
            raise OperationalError("gone")

        monkeypatch.setattr(DatabaseStore, "facts", fail)

        assert get(name, pair["access"]).status_code == (401 if name == "by-user" else 503)


def test_the_guard_says_why(get, graphql, pair):
    graphql.bearing(pair["access"])("mutation { logout { ok } }")

    assert get("by-guard", pair["access"]).json()["reason"] == "TOKEN_REVOKED"


def test_a_session_of_django_alone_opens_what_asks_for_the_user(get, graphql, alice):
    graphql.http.force_login(alice)

    assert get("by-user").status_code == 200
    assert get("by-guard").status_code == 401


def test_djangos_login_required_takes_a_token(get, graphql, pair):
    assert get("login-required", pair["access"]).content == b"in"

    graphql.bearing(pair["access"])("mutation { logout { ok } }")
    assert get("login-required", pair["access"]).status_code == 302
