"""`refreshToken` with long-running refresh tokens, as django-graphql-jwt documents it."""

import pytest
from graphql_jwt.refresh_token.signals import refresh_token_rotated
from graphql_jwt.signals import token_refreshed

from tests.migration.forms import ME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]

SELECTION = "token refreshToken payload refreshExpiresIn"


@pytest.fixture
def signed_in(front_end):
    return front_end.sign_in(more="refreshToken")


@pytest.fixture
def rotated():
    """What receivers of the documented idiom were told; each revokes the old token, as it says."""
    heard = []

    def revoke_refresh_token(sender, request, refresh_token, refresh_token_issued, **_):
        refresh_token.revoke(request)
        refresh_token.revoke()
        heard.append((sender, request, refresh_token, refresh_token_issued))

    refresh_token_rotated.connect(revoke_refresh_token)
    yield heard
    refresh_token_rotated.disconnect(revoke_refresh_token)


def refresh(front_end, token):
    return front_end.mutate("refreshToken", SELECTION, refreshToken=token)


def test_a_refresh_token_is_exchanged_for_a_new_pair(front_end, signed_in):
    new = refresh(front_end, signed_in["refreshToken"]).data

    assert new["token"] != signed_in["token"]
    assert new["refreshToken"] != signed_in["refreshToken"]
    assert new["payload"]["origIat"] == signed_in["payload"]["origIat"]
    assert new["payload"]["username"] == "alice"
    assert front_end.bearing(new["token"]).ask(ME).data == {"username": "alice"}


def test_the_access_token_from_before_is_good_until_it_expires(front_end, signed_in):
    refresh(front_end, signed_in["refreshToken"])

    assert front_end.bearing(signed_in["token"]).ask(ME).data == {"username": "alice"}


@pytest.mark.parametrize("token", ["invalid", "", "a.b.c"])
def test_garbage_is_told_in_the_words_clients_know(front_end, token):
    assert refresh(front_end, token).message == "Invalid refresh token"


def test_no_token_is_told_in_the_words_clients_know(front_end):
    answer = front_end.mutate("refreshToken", "token")

    assert answer.message == "Refresh token is required"


def test_a_revoked_token_is_told_in_the_words_clients_know(front_end, signed_in):
    front_end.mutate("revokeToken", "revoked", refreshToken=signed_in["refreshToken"])

    assert refresh(front_end, signed_in["refreshToken"]).message == "Invalid refresh token"


def test_an_access_token_is_no_refresh_token(front_end, signed_in):
    assert refresh(front_end, signed_in["token"]).message == "Invalid refresh token"


def test_a_disabled_user_is_refused(front_end, signed_in, alice):
    alice.is_active = False
    alice.save()

    assert refresh(front_end, signed_in["refreshToken"]).message == "User is disabled"


def test_the_idiom_that_revokes_what_was_rotated_goes_on_working(front_end, signed_in, rotated):
    new = refresh(front_end, signed_in["refreshToken"]).data

    [(sender, request, _, issued)] = rotated
    assert (sender.__name__, request.path) == ("Refresh", f"/{front_end.form}")
    assert issued == new["refreshToken"]
    assert refresh(front_end, issued).data["token"]


def test_a_receiver_is_shown_whose_token_it_was_and_no_token(front_end, signed_in, rotated, alice):
    refresh(front_end, signed_in["refreshToken"])

    [(_, _, refresh_token, issued)] = rotated
    assert refresh_token.user == alice
    assert refresh_token.revoked is not None
    assert issued not in repr(refresh_token)


def test_token_refreshed_is_sent_with_mutation_request_and_user(front_end, signed_in, alice):
    heard = []

    def note(sender, request, user, **_):
        heard.append((sender.__name__, request.path, user))

    token_refreshed.connect(note)
    refresh(front_end, signed_in["refreshToken"])
    token_refreshed.disconnect(note)

    assert heard == [("Refresh", f"/{front_end.form}", alice)]
