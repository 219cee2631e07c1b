"""RFC 7009, paragraph by paragraph: a service revokes a token."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from revocation import guard, sessions
from revocation.errors import SessionEnded, TokenRevoked
from revocation.models import RevokedToken
from revocation.stores import current_store
from revocation.tokens import read_refresh

pytestmark = pytest.mark.django_db

URL = "/oauth/revoke"


@pytest.fixture
def revoke(ask):
    def revoke(token, **form):
        response = ask(URL, token=token, **form)
        assert (response.status_code, response.content) == (200, b"")

    return revoke


class TestRevoking:
    """2.1: what is revoked is invalid immediately."""

    def test_an_access_token_ends_alone(self, revoke, pair):
        revoke(pair.access_token)

        with pytest.raises(TokenRevoked):
            guard.judge(pair.access_token)
        assert sessions.rotate(read_refresh(pair.refresh_token))

    def test_a_refresh_token_takes_every_access_token_along(self, revoke, pair):
        revoke(pair.refresh_token)

        with pytest.raises(TokenRevoked):
            guard.judge(pair.access_token)
        with pytest.raises(SessionEnded):
            sessions.rotate(read_refresh(pair.refresh_token))

    def test_an_exchanged_refresh_token_ends_the_session_too(self, revoke, pair):
        newer = sessions.rotate(read_refresh(pair.refresh_token))

        revoke(pair.refresh_token)

        with pytest.raises(TokenRevoked):
            guard.judge(newer.access_token)

    def test_an_expired_refresh_token_ends_the_session_too(self, revoke, alice):
        expired = sessions.open_session(alice, now=timezone.now() - timedelta(days=30))

        revoke(expired.refresh_token)

        assert RevokedToken.objects.get().key == expired.payload["sid"]

    def test_another_session_goes_on(self, revoke, pair, alice):
        other = sessions.open_session(alice)

        revoke(pair.refresh_token)

        assert guard.judge(other.access_token)

    @pytest.mark.parametrize("hint", ["access_token", "refresh_token", "whatever"])
    def test_a_wrong_hint_does_no_harm(self, revoke, pair, hint):
        revoke(pair.refresh_token, token_type_hint=hint)

        with pytest.raises(TokenRevoked):
            guard.judge(pair.access_token)

    def test_again_is_no_error(self, revoke, pair):
        for _ in range(3):
            revoke(pair.refresh_token)

        assert RevokedToken.objects.count() == 1


class TestNothingToRevoke:
    """2.2: an invalid token is no error, since what was wanted is true."""

    @pytest.mark.parametrize("text", ["garbage", "a.b.c", "x" * 100_000, "\x00"])
    def test_garbage_writes_nothing(self, revoke, text):
        revoke(text)

        assert not RevokedToken.objects.exists()

    def test_an_expired_access_token_writes_nothing(self, revoke, alice):
        expired = sessions.open_session(alice, now=timezone.now() - timedelta(minutes=10))

        revoke(expired.access_token)

        assert not RevokedToken.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_stored_is_not_called_done(ask, pair, monkeypatch):
    def fail(keys, *, until):
        raise DatabaseError("secret detail")

    monkeypatch.setattr(current_store(), "revoke", fail)
    response = ask(URL, token=pair.access_token)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert response.json() == {"error": "temporarily_unavailable"}
