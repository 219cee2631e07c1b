"""`revokeToken`, as django-graphql-jwt documents it; and the access tokens it left alive."""

import time

import pytest
from graphql_jwt.refresh_token.signals import refresh_token_revoked

from tests.migration.forms import ME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]


@pytest.fixture
def signed_in(front_end):
    return front_end.sign_in(more="refreshToken")


def revoke(front_end, token):
    return front_end.mutate("revokeToken", "revoked", refreshToken=token)


def test_it_tells_when_as_an_epoch(front_end, signed_in):
    revoked = revoke(front_end, signed_in["refreshToken"]).data["revoked"]

    assert revoked == pytest.approx(time.time(), abs=60)


def test_the_access_tokens_of_the_session_go_with_it(front_end, signed_in):
    revoke(front_end, signed_in["refreshToken"])

    assert front_end.bearing(signed_in["token"]).ask(ME).message == "Token has been revoked"


def test_a_second_time_tells_the_first(front_end, signed_in):
    first, second = (revoke(front_end, signed_in["refreshToken"]).data for _ in range(2))

    assert first == second


def test_garbage_and_nothing_are_told_in_the_words_clients_know(front_end):
    assert revoke(front_end, "garbage").message == "Invalid refresh token"
    answer = front_end.mutate("revokeToken", "revoked")
    assert answer.message == "Refresh token is required"


def test_refresh_token_revoked_is_sent_with_whose_it_was(front_end, signed_in, alice):
    heard = []

    def note(sender, request, refresh_token, **_):
        heard.append((request.path, refresh_token.user, refresh_token.revoked))

    refresh_token_revoked.connect(note)
    revoked = revoke(front_end, signed_in["refreshToken"]).data["revoked"]
    refresh_token_revoked.disconnect(note)

    [(path, user, moment)] = heard
    assert (path, user, int(moment.timestamp())) == (f"/{front_end.form}", alice, revoked)
