"""A batch that logs out in a mutation that is undone, and goes on with the token.

`ATOMIC_MUTATIONS` ends a transaction with each entry. A logout beside a failing field was told, and
was made again only when the whole batch was over: until then the token opened what it had opened.
"""

import pytest
from django.db import connection
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView as StockView

from api.view import GraphQLView
from tests.client import ME, PASSWORD
from tests.revocation.boom_urls import schema

REFRESH = "mutation ($t: String) { refreshToken(refreshToken: $t) { token } }"
CHECKED = "mutation { checked }"
WHO = "mutation { whoAmI }"
LOGOUT = {"query": "mutation { logout { ok } boom }"}

urlpatterns = [
    path("graphql", GraphQLView.as_view(schema)),
    path("stock", csrf_exempt(StockView.as_view(schema=schema, batch=True))),
]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def _atomic(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_MUTATIONS", True)


@pytest.fixture(params=["/graphql", "/stock"])
def post(request, client):
    client.raise_request_exception = False

    def post(body, tokens):
        bearer = {"Authorization": f"Bearer {tokens.access}"}
        return client.post(request.param, body, content_type="application/json", headers=bearer)

    return post


@pytest.fixture
def tokens(graphql, alice):
    return graphql.sign_in()


def reason_of(answer):
    [error] = answer["errors"]
    return error.get("extensions", {}).get("reason")


@pytest.mark.parametrize("query", [ME, CHECKED])
def test_the_token_opens_nothing_more(post, tokens, query):
    logout, protected = post([LOGOUT, {"query": query}], tokens).json()

    assert logout["data"]["logout"] == {"ok": True}
    assert reason_of(protected) == "TOKEN_REVOKED"


def test_the_requests_user_is_nobody(post, tokens):
    _, who = post([LOGOUT, {"query": WHO}], tokens).json()

    assert who["data"] == {"whoAmI": ""}


def test_the_refresh_token_gives_no_successor(post, tokens):
    refresh = {"query": REFRESH, "variables": {"t": tokens.refresh}}
    _, refreshed = post([LOGOUT, refresh], tokens).json()

    assert reason_of(refreshed) == "SESSION_ENDED"


def test_the_token_a_query_asks_about_is_refused(post, tokens):
    verify = {"query": "mutation { verifyToken { payload } }"}
    _, verified = post([LOGOUT, verify], tokens).json()

    assert reason_of(verified) == "TOKEN_REVOKED"


def test_in_the_same_mutation_it_is_refused_as_ever(post, tokens):
    [answer] = post([{"query": "mutation { logout { ok } checked boom }"}], tokens).json()

    assert answer["data"]["checked"] is None


def test_a_session_that_was_ended_is_not_listed(post, graphql, tokens):
    other = graphql.sign_in().payload["sid"]
    end = {"query": f'mutation {{ revokeSession(id: "{other}") {{ ok }} checked boom }}'}
    ended, listed = post([end, {"query": "{ sessions { id } }"}], tokens).json()

    assert ended["data"]["revokeSession"] == {"ok": True}
    assert listed["data"] == {"sessions": [{"id": tokens.payload["sid"]}]}


def test_wrong_passwords_are_counted_before_the_next_is_tried(client, alice):
    guess = 'mutation {{ tokenAuth(username: "alice", password: "{}") {{ token }} boom }}'
    batch = [{"query": guess.format(word)} for word in ["wrong"] * 10 + [PASSWORD]]
    client.raise_request_exception = False

    *_, right = client.post("/stock", batch, content_type="application/json").json()

    assert right["data"]["tokenAuth"] is None
