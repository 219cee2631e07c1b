"""A receiver of `token_issued` says no, and the field is refused: no token may leave by a cookie.

django-graphql-jwt sends the signal before it sets a cookie, so projects have relied on it.
"""

import pytest
from django.core.exceptions import PermissionDenied
from graphql_jwt.signals import token_issued

from tests.client import ME, PASSWORD, SIGN_IN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cookie_mode(settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}


@pytest.fixture(autouse=True)
def refusing():
    def refuse(**_):
        raise PermissionDenied

    token_issued.connect(refuse)
    yield
    token_issued.disconnect(refuse)


def test_who_was_refused_is_not_signed_in(graphql, alice):
    answer = graphql(SIGN_IN, username="alice", password=PASSWORD)

    assert answer.reason == "PERMISSION_DENIED"
    assert graphql(ME).reason == "TOKEN_MISSING"
    assert not graphql.http.cookies
