"""A token signs nobody in as its user in place of the password.

django-graphql-jwt's authentication backend answers `authenticate()` with the user of whatever token
the request presents, unless it is told that a password is being checked.
"""

import pytest

from revocation import sessions
from revocation.contrib.graphql_jwt import HANDLERS
from tests.client import SIGN_IN

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]


@pytest.mark.parametrize("name", ["alice", "bob", "nobody"])
def test_a_token_is_no_password(graphql, alice, make_user, settings, name):
    settings.AUTHENTICATION_BACKENDS = [
        "graphql_jwt.backends.JSONWebTokenBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]
    make_user("bob")
    tokens = graphql.sign_in()
    bearing = {**graphql.headers, "Authorization": f"JWT {tokens.access}"}

    answer = type(graphql)(graphql.http, bearing)(SIGN_IN, username=name, password="wrong")

    assert answer.reason == "INVALID_CREDENTIALS"


@pytest.mark.parametrize("handlers", [{}, HANDLERS])
@pytest.mark.parametrize("name", ["alice", "admin"])
def test_a_token_logs_nobody_in_at_another_door(
    graphql, alice, make_user, settings, handlers, name
):
    settings.AUTHENTICATION_BACKENDS = [
        "graphql_jwt.backends.JSONWebTokenBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]
    settings.ROOT_URLCONF = "tests.revocation.admin_urls"
    settings.GRAPHQL_JWT = handlers
    alice.is_staff = True
    alice.save()
    token = sessions.open_session(alice).access_token

    graphql.http.post(
        "/admin/login/",
        {"username": name, "password": "wrong"},
        headers={"Authorization": f"JWT {token}"},
    )

    assert "sessionid" not in graphql.http.cookies
