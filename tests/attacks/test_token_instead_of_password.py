"""A token signs nobody in as its user in place of the password.

django-graphql-jwt's authentication backend answers `authenticate()` with the user of whatever token
the request presents, unless it is told that a password is being checked.
"""

import pytest

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
