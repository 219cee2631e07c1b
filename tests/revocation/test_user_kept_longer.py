"""`request.user`, kept by somebody who asks it when the request has been answered."""

import gc
import weakref

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse

from revocation import sessions
from revocation.middleware import RevocationMiddleware

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept_from(rf):
    """Return the user of a request that nobody has any more."""

    def answered(**headers):
        kept = []
        middleware = RevocationMiddleware(
            lambda request: kept.append(request.user) or HttpResponse()
        )
        request = rf.post("/", {}, content_type="application/json", headers=headers)
        middleware(request)
        return kept.pop(), weakref.ref(request)

    def keep(**headers):
        user, request = answered(**headers)
        gc.collect()
        assert request() is None
        return user

    return keep


@pytest.mark.parametrize("origin", [{}, {"origin": "http://testserver"}])
def test_it_is_who_the_cookie_names(kept_from, alice, issued, settings, origin):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}

    assert kept_from(cookie=f"JWT={issued.access_token}", **origin) == alice


def test_it_is_nobody_once_the_token_is_revoked(kept_from, issued):
    user = kept_from(authorization=f"Bearer {issued.access_token}")
    sessions.end_all(issued.user)

    assert user == AnonymousUser()


def test_it_is_nobody_where_a_foreign_page_sent_the_cookie(kept_from, issued, settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}

    user = kept_from(cookie=f"JWT={issued.access_token}", origin="https://evil.example")

    assert user == AnonymousUser()
