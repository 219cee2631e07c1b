"""A page puts a frame without an origin of its own into itself: its requests say `Origin: null`.

A project may have listed "null" as an allowed origin, for files opened from a disk, and
django-cors-headers takes it. Cookies would count then for requests of any page of any site that
shares the API's site, or of all where `SameSite` is `None`.
"""

import pytest

from revocation import sessions
from tests.client import LOGOUT, ME

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cookie_mode(settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}


@pytest.mark.parametrize("listed", ["null", "NULL"])
@pytest.mark.parametrize("query", [ME, LOGOUT])
def test_no_cookie_counts_for_it(graphql, settings, alice, listed, query):
    settings.CORS_ALLOWED_ORIGINS = [listed, "https://app.example.com"]
    token = sessions.open_session(alice).access_token
    headers = {"cookie": f"JWT={token}", "origin": "null"}

    def ask(query, **headers):
        body = {"query": query}
        return graphql.http.post(
            "/graphql", body, content_type="application/json", headers=headers
        ).json()

    assert ask(query, **headers)["errors"][0]["extensions"]["reason"] == "ORIGIN_NOT_ALLOWED"
    listed_origin = {**headers, "origin": "https://app.example.com"}
    assert ask(ME, **listed_origin)["data"] == {"me": {"username": "alice"}}
