"""Who a request is: its access token says it, nothing else does, and nothing else suffers."""

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse

from revocation import sessions
from revocation.middleware import RevocationMiddleware
from revocation.tokens import read_access
from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN
from tests.revocation.forge import forge

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]


def garbage(alice):
    return "garbage"


def unsigned(alice):
    return "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."


def of_another_key(alice):
    return forge(sessions.open_session(alice).access_token, key=b"another" * 8)


def expired(alice):
    return forge(sessions.open_session(alice).access_token, exp=1)


def refresh_token(alice):
    return sessions.open_session(alice).refresh_token


def revoked(alice):
    pair = sessions.open_session(alice)
    sessions.end(read_access(pair.access_token))
    return pair.access_token


def of_no_session(alice):
    return forge(sessions.open_session(alice).access_token, sid="0" * 32)


def of_a_deleted_user(alice):
    user = get_user_model().objects.create_user("gone")
    text = sessions.open_session(user).access_token
    user.delete()
    return text


def two_words(alice):
    return "two words"


def long_text(alice):
    return "x" * 10_000


BAD_TOKENS = {
    garbage: "TOKEN_INVALID",
    unsigned: "TOKEN_INVALID",
    of_another_key: "TOKEN_INVALID",
    expired: "TOKEN_EXPIRED",
    refresh_token: "TOKEN_INVALID",
    revoked: "TOKEN_REVOKED",
    of_no_session: "TOKEN_REVOKED",
    of_a_deleted_user: "USER_INACTIVE",
    two_words: "TOKEN_INVALID",
    long_text: "TOKEN_INVALID",
}


@pytest.fixture(params=BAD_TOKENS, ids=lambda make: make.__name__)
def bad_client(graphql, alice, request):
    return graphql.bearing(request.param(alice))


class TestABadToken:
    @pytest.mark.parametrize("make", BAD_TOKENS, ids=lambda make: make.__name__)
    def test_a_protected_field_says_what_is_wrong_with_it(self, graphql, alice, make):
        answer = graphql.bearing(make(alice))(ME)

        assert answer.body["data"] == {"me": None}
        assert answer.reason == BAD_TOKENS[make]

    def test_public_fields_answer_beside_it(self, bad_client):
        assert bad_client("{ version }").data["version"]

    def test_introspection_answers_beside_it(self, bad_client):
        assert bad_client("{ __schema { queryType { name } } }").data["__schema"]

    def test_one_can_sign_in_with_it(self, bad_client):
        tokens = bad_client.sign_in()

        assert bad_client.bearing(tokens)(ME).data == {"me": {"username": "alice"}}

    def test_one_can_refresh_beside_it(self, bad_client, alice):
        pair = sessions.open_session(alice)

        assert bad_client.refresh(pair.refresh_token).access

    def test_one_can_log_out_with_it(self, bad_client):
        assert bad_client(LOGOUT).data == {"logout": {"ok": True}}

    def test_one_can_log_out_a_refresh_token_beside_it(self, bad_client, alice):
        pair = sessions.open_session(alice)

        bad_client(f'mutation {{ logout(refreshToken: "{pair.refresh_token}") {{ ok }} }}')

        assert bad_client.bearing(pair.access_token)(ME).reason == "TOKEN_REVOKED"

    def test_it_does_not_hide_a_wrong_password(self, bad_client):
        answer = bad_client(SIGN_IN, username="alice", password="wrong")

        assert answer.reason == "INVALID_CREDENTIALS"


class TestADjangoSession:
    """Somebody is signed in to the Django admin in the same browser."""

    @pytest.fixture
    def in_admin(self, graphql, make_user):
        graphql.http.force_login(make_user("root", is_staff=True, is_superuser=True))
        return graphql

    def test_it_opens_nothing_without_a_token(self, in_admin):
        assert in_admin(ME).reason == "TOKEN_MISSING"

    @pytest.mark.parametrize("make", BAD_TOKENS, ids=lambda make: make.__name__)
    def test_it_opens_nothing_beside_a_bad_token(self, in_admin, alice, make):
        answer = in_admin.bearing(make(alice))(ME)

        assert answer.reason == BAD_TOKENS[make]
        assert answer.body["data"] == {"me": None}

    def test_a_good_token_of_somebody_else_outranks_it(self, in_admin, alice):
        token = sessions.open_session(alice).access_token

        assert in_admin.bearing(token)(ME).data == {"me": {"username": "alice"}}

    @pytest.mark.parametrize("mutation", ["logoutAll { ended }", 'revokeSession(id: "x") { ok }'])
    def test_it_changes_nothing_without_a_token(self, in_admin, mutation):
        assert in_admin(f"mutation {{ {mutation} }}").reason == "TOKEN_MISSING"

    def test_it_is_not_ended_by_a_logout_of_the_api(self, in_admin, alice):
        in_admin.bearing(sessions.open_session(alice).access_token)(LOGOUT)

        assert "_auth_user_id" in in_admin.http.session


class TestRequestUser:
    """`request.user` of a Django view follows the same verdict."""

    pytestmark = pytest.mark.urls("tests.revocation.who_urls")

    def test_it_is_the_user_of_a_good_token(self, client, alice):
        token = sessions.open_session(alice).access_token

        assert who(client, token) == "alice"

    @pytest.mark.parametrize("make", BAD_TOKENS, ids=lambda make: make.__name__)
    def test_it_is_nobody_with_a_bad_token_even_in_a_django_session(self, client, alice, make):
        client.force_login(alice)

        assert who(client, make(alice)) == ""

    def test_it_is_known_to_whoever_asks_when_the_request_is_gone(self, rf, alice):
        token = sessions.open_session(alice).access_token
        kept = []
        middleware = RevocationMiddleware(
            lambda request: kept.append(request.user) or HttpResponse()
        )

        middleware(rf.get("/", headers={"Authorization": f"Bearer {token}"}))

        assert kept[0].get_username() == "alice"

    def test_it_is_nobody_where_neither_a_token_nor_django_says(self, rf):
        seen = []
        middleware = RevocationMiddleware(
            lambda request: seen.append(request.user) or HttpResponse()
        )

        middleware(rf.get("/"))

        assert seen[0].is_anonymous

    def test_it_is_whoever_django_says_without_a_token(self, client, alice):
        client.force_login(alice)

        assert client.get("/who").text == "alice"


def who(client, token):
    return client.get("/who", headers={"Authorization": f"Bearer {token}"}).text


def test_a_password_sign_in_is_the_same_as_an_opened_session(graphql, alice):
    tokens = graphql.sign_in("alice", PASSWORD)

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
