"""Claims that a project adds to its access tokens are in those of every sign-in and refresh."""

import pytest
from graphql_jwt.utils import jwt_payload

from revocation import sessions
from revocation.contrib.graphql_jwt import HANDLERS, handlers
from revocation.keepalive import keep_alive
from revocation.models import Session
from revocation.tokens import read_access, read_refresh

pytestmark = pytest.mark.django_db


def on_top_of_ours(user, context=None):
    payload = handlers.payload(user, context)
    payload["role"] = "editor"
    return payload


def on_top_of_the_originals(user, context=None):
    return {**jwt_payload(user, context), "role": "editor"}


def everything(user, context=None):
    claims = ("aud", "exp", "gen", "iat", "iss", "jti", "nbf", "origIat", "sid", "sub", "username")
    return {**dict.fromkeys(claims, "mine"), "role": "editor"}


@pytest.fixture(params=[on_top_of_ours, on_top_of_the_originals, everything])
def handler(request, settings):
    settings.GRAPHQL_JWT = {**HANDLERS, "JWT_PAYLOAD_HANDLER": request.param}


@pytest.mark.usefixtures("handler")
class TestHandler:
    def test_every_token_says_what_it_adds(self, alice):
        pair = sessions.open_session(alice)
        rotated = sessions.rotate(read_refresh(pair.refresh_token))
        kept = keep_alive(read_access(pair.access_token))

        for one in (pair, rotated, kept):
            assert one.payload["role"] == read_access(one.access_token).payload["role"] == "editor"

    def test_nothing_that_decides_is_its_to_say(self, alice):
        pair = sessions.open_session(alice)

        assert "mine" not in pair.payload.values()
        assert read_access(pair.access_token).sub == str(alice.pk)

    def test_it_opens_no_session_of_its_own(self, alice):
        sessions.open_session(alice)

        assert Session.objects.count() == 1


@pytest.mark.parametrize("setting", [{}, HANDLERS])
def test_without_one_nothing_is_added(settings, alice, setting):
    settings.GRAPHQL_JWT = setting

    payload = sessions.open_session(alice).payload

    assert payload.keys() == {"username", "origIat", "sub", "jti", "sid", "iat", "exp"}


def test_one_is_found_by_its_path(settings, alice):
    settings.GRAPHQL_JWT = {"JWT_PAYLOAD_HANDLER": f"{__name__}.on_top_of_the_originals"}

    assert sessions.open_session(alice).payload["role"] == "editor"
