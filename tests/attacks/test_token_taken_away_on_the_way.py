"""Middleware between ours and the view that takes a token from a request, or gives it another one.

A gateway may do so for callers it does not trust, or swap its own credentials for a user's. Who the
request is was noted on the way in; it must not stay so.
"""

import pytest
from django.http import HttpResponse

from revocation import guard, sessions
from revocation.errors import TokenMissing
from revocation.middleware import RevocationMiddleware

pytestmark = pytest.mark.django_db


@pytest.fixture
def header_of(make_user):
    def header_of(name):
        pair = sessions.open_session(make_user(name))
        return f"Bearer {pair.access_token}"

    return header_of


@pytest.fixture
def passing(rf):
    """Send a request through our middleware, changed on the way, to something that looks at it."""

    def send(change, look, **headers):
        seen = []

        def inside(request):
            change(request.META)
            seen.append(look(request))
            return HttpResponse()

        RevocationMiddleware(inside)(rf.get("/", headers=headers))
        return seen.pop()

    return send


def identified(request):
    try:
        return guard.identify(request).user.get_username()
    except TokenMissing:
        return None


def name_of_user(request):
    return request.user.get_username() or None


def taking(meta):
    del meta["HTTP_AUTHORIZATION"]


@pytest.mark.parametrize("look", [identified, name_of_user])
def test_a_token_that_was_taken_away_opens_nothing(passing, header_of, look):
    assert passing(taking, look, authorization=header_of("alice")) is None


@pytest.mark.parametrize("look", [identified, name_of_user])
def test_another_token_is_another_user(passing, header_of, look):
    alice, bob = header_of("alice"), header_of("bob")

    def swapping(meta):
        meta["HTTP_AUTHORIZATION"] = bob

    assert passing(swapping, look, authorization=alice) == "bob"


def test_a_cookie_that_was_taken_away_opens_nothing(passing, header_of, settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}
    cookie = "JWT=" + header_of("alice").removeprefix("Bearer ")
    asked = {"cookie": cookie, "apollo-require-preflight": "1"}

    assert passing(lambda meta: None, identified, **asked) == "alice"
    assert passing(lambda meta: meta.pop("HTTP_COOKIE"), identified, **asked) is None
