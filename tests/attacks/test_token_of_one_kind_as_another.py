"""Legacy tokens and ours are signed with one key; none of them passes for one of another kind.

A refresh token lives for a week and longer. Taken as an access token it could not be rotated, and a
token of ours taken as a legacy one would have a second session that its logout does not end.
"""

import time

import pytest

from revocation.models import Session
from tests.client import LOGOUT, ME
from tests.revocation.forge import LEFT_OUT, forge
from tests.revocation.legacy.old_world import (
    access_token,
    in_force,
    simplejwt_token,
    without_refresh_tokens,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _upgraded(settings):
    settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=True)
    settings.GRAPHQL_JWT = without_refresh_tokens(settings.GRAPHQL_JWT)


def test_a_revoked_token_of_ours_is_no_legacy_token(graphql, alice):
    tokens = graphql.sign_in()
    graphql.bearing(tokens)(LOGOUT)

    assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
    assert graphql.try_refresh(tokens.access).reason == "REFRESH_INVALID"
    assert graphql.bearing(tokens.refresh)(ME).reason == "TOKEN_INVALID"
    assert Session.objects.count() == 1


def test_an_expired_token_of_ours_is_no_legacy_token(graphql, alice):
    assert graphql.bearing(forge(graphql.sign_in().access, exp=1))(ME).reason == "TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"kid": LEFT_OUT}, {"typ": LEFT_OUT, "kid": LEFT_OUT}, {"typ": "jwt"}],
)
def test_half_the_header_of_a_legacy_token_is_none(graphql, alice, header):
    text = forge(graphql.sign_in().access, header=header)

    assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"


def test_a_legacy_token_under_our_type_is_none_of_ours(graphql, alice):
    for typ in ("at+jwt", "rt+jwt"):
        text = forge(access_token(alice), header={"typ": typ})

        assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"
        assert graphql.try_refresh(text).reason == "REFRESH_INVALID"


def test_a_refresh_token_of_simplejwt_that_names_the_user_twice(graphql, alice):
    """A serializer of a project's own may have put into it what django-graphql-jwt looks at."""
    claims = {"username": "alice", "origIat": int(time.time())}
    text = simplejwt_token(alice, "refresh", **claims)

    assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"


def test_an_access_token_of_simplejwt_that_does(graphql, alice):
    claims = {"username": "alice", "origIat": int(time.time())}
    text = simplejwt_token(alice, **claims)

    assert graphql.try_refresh(text).reason == "REFRESH_INVALID"
    assert graphql.bearing(simplejwt_token(alice, exp=1, **claims))(ME).reason == "TOKEN_EXPIRED"


def test_what_says_no_kind_is_an_access_token_of_django_graphql_jwt_or_nothing(graphql, alice):
    text = simplejwt_token(alice, token_type=None, username="alice")

    assert graphql.bearing(text)(ME).reason == "TOKEN_INVALID"
