"""After a logout nothing of the session works, and everything else does."""

from tests.client import LOGOUT, ME


def test_a_revoked_token_fails_a_protected_query(graphql, alice):
    tokens = graphql.sign_in()
    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}

    assert graphql.bearing(tokens)(LOGOUT).data == {"logout": {"ok": True}}

    answer = graphql.bearing(tokens)(ME)
    assert answer.reason == "TOKEN_REVOKED"
    assert answer.body["data"] == {"me": None}


def test_it_works_where_nothing_else_knows_users(graphql, alice, settings):
    settings.MIDDLEWARE = ["revocation.middleware.RevocationMiddleware"]
    tokens = graphql.sign_in()

    graphql.bearing(tokens)(LOGOUT)

    assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
