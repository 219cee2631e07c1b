"""A service is told that a token was revoked, and the token opens everything all the same.

While legacy tokens are accepted `/oauth/introspect` calls them active, so `/oauth/revoke` must end
them, and say so only then.
"""

import pytest

from revocation import guard, sessions
from revocation.errors import RefreshRejected, TokenRevoked
from revocation.legacy.refresh import read_legacy_refresh
from revocation.models import RevokedToken, Session
from tests.revocation.legacy.old_world import (
    access_token,
    in_force,
    simplejwt_token,
    without_refresh_tokens,
)
from tests.revocation.oauth.conftest import NAME, SECRET, ask  # noqa: F401  A fixture.

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _upgraded(settings):
    settings.REVOCATION = in_force(OAUTH_CLIENTS={NAME: SECRET})


@pytest.fixture
def introspect(ask):  # noqa: F811
    return lambda token: ask("/oauth/introspect", token=token).json()


@pytest.fixture
def revoke(ask):  # noqa: F811
    return lambda token: ask("/oauth/revoke", token=token).status_code


@pytest.mark.parametrize("issue", [access_token, simplejwt_token], ids=["graphql", "rest"])
@pytest.mark.parametrize("is_seen", [True, False], ids=["seen", "unseen"])
def test_an_access_token_opens_nothing_any_more(introspect, revoke, alice, issue, is_seen):
    token = issue(alice)
    if is_seen:
        assert introspect(token)["active"]

    assert revoke(token) == 200

    with pytest.raises(TokenRevoked):
        guard.judge(token)
    assert introspect(token) == {"active": False}


@pytest.mark.parametrize("issue", [access_token, simplejwt_token], ids=["graphql", "rest"])
def test_nor_does_one_that_nobody_accepts_any_more_if_the_date_is_moved(
    revoke, alice, issue, settings
):
    in_time = settings.REVOCATION
    token = issue(alice)
    settings.REVOCATION = in_time | {"ACCEPT_LEGACY_UNTIL": "2020-01-01T00:00:00+00:00"}

    assert revoke(token) == 200

    settings.REVOCATION = in_time
    with pytest.raises(TokenRevoked):
        guard.judge(token)


def test_a_refresh_token_is_exchanged_for_nothing_any_more(revoke, alice):
    token = simplejwt_token(alice, "refresh")

    assert revoke(token) == 200

    with pytest.raises(RefreshRejected):
        sessions.rotate(read_legacy_refresh(token))


def test_one_that_was_exchanged_ends_what_it_was_exchanged_for(revoke, alice):
    token = simplejwt_token(alice, "refresh")
    pair = sessions.rotate(read_legacy_refresh(token))

    assert revoke(token) == 200

    with pytest.raises(TokenRevoked):
        guard.judge(pair.access_token)


def test_an_access_token_that_could_be_refreshed_cannot(revoke, alice, settings):
    settings.GRAPHQL_JWT = without_refresh_tokens(settings.GRAPHQL_JWT)
    token = access_token(alice)

    assert revoke(token) == 200

    with pytest.raises(RefreshRejected):
        sessions.rotate(read_legacy_refresh(token))


@pytest.mark.parametrize("again", [1, 3])
def test_asking_again_is_no_error(revoke, alice, again):
    token = access_token(alice)

    assert {revoke(token) for _ in range(again)} == {200}
    assert Session.objects.get().ended_at


@pytest.mark.parametrize("text", ["garbage", "a.b.c", "x" * 10_000, "\x00"])
def test_garbage_writes_nothing(revoke, text):
    assert revoke(text) == 200

    assert not RevokedToken.objects.exists()
    assert not Session.objects.exists()
