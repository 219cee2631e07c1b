"""RFC 7662, paragraph by paragraph: what other services are told of a token."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.utils import timezone

from revocation import blacklist, guard, sessions
from revocation.models import Session
from revocation.stores import current_store
from revocation.tokens import read_access, read_refresh
from tests.revocation.forge import forge

pytestmark = pytest.mark.django_db

URL = "/oauth/introspect"


@pytest.fixture
def introspect(ask):
    return lambda token, **form: ask(URL, token=token, **form).json()


class TestActive:
    """2.2: a token that would be accepted now, and what it says."""

    def test_an_access_token_is_described(self, introspect, pair, alice):
        payload = pair.payload

        assert introspect(pair.access_token) == {
            "active": True,
            "token_type": "Bearer",
            "username": "alice",
            **{name: payload[name] for name in ("exp", "iat", "sub", "jti", "sid")},
        }

    def test_a_refresh_token_is_described(self, introspect, pair, alice):
        told = introspect(pair.refresh_token)

        assert told == {
            "active": True,
            "username": "alice",
            "exp": int(pair.refresh_expires_at.timestamp()),
            "sub": str(alice.pk),
            "sid": pair.payload["sid"],
        }

    def test_issuer_and_audience_are_told(self, introspect, alice, settings):
        settings.GRAPHQL_JWT = {"JWT_ISSUER": "us", "JWT_AUDIENCE": "them"}

        told = introspect(sessions.open_session(alice).access_token)

        assert (told["iss"], told["aud"]) == ("us", "them")

    @pytest.mark.parametrize("hint", ["access_token", "refresh_token", "whatever"])
    def test_a_wrong_hint_does_no_harm(self, introspect, pair, hint):
        assert introspect(pair.access_token, token_type_hint=hint)["active"]
        assert introspect(pair.refresh_token, token_type_hint=hint)["active"]


class TestInactive:
    """2.2: of any other token nothing is said, so that asking teaches nobody anything."""

    @pytest.fixture
    def ensure_inactive(self, introspect, pair):
        def ensure():
            assert introspect(pair.access_token) == {"active": False}
            assert introspect(pair.refresh_token) == {"active": False}

        return ensure

    def test_after_a_logout(self, ensure_inactive, pair):
        sessions.end(read_refresh(pair.refresh_token))
        ensure_inactive()

    def test_of_a_user_who_was_deactivated(self, ensure_inactive):
        get_user_model().objects.update(is_active=False)
        ensure_inactive()

    def test_after_a_changed_password(self, ensure_inactive):
        get_user_model().objects.update(password="another")
        ensure_inactive()

    def test_of_a_user_who_is_gone(self, ensure_inactive, alice):
        get_user_model().objects.all()._raw_delete(using="default")
        ensure_inactive()

    def test_of_a_session_that_was_idle_for_too_long(self, introspect, pair, settings):
        Session.objects.update(rotated_at=timezone.now() - timedelta(hours=2))
        settings.REVOCATION = settings.REVOCATION | {"IDLE_TIMEOUT": timedelta(hours=1)}

        assert introspect(pair.refresh_token) == {"active": False}

    def test_a_revoked_access_token_alone(self, introspect, pair):
        blacklist.revoke_token(read_access(pair.access_token))

        assert introspect(pair.access_token) == {"active": False}
        assert introspect(pair.refresh_token)["active"]

    @pytest.mark.parametrize(
        "text", ["garbage", "a.b.c", "null", "x" * 100_000, "\x00", "\N{SNOWMAN}"]
    )
    def test_garbage(self, introspect, text):
        assert introspect(text) == {"active": False}

    def test_a_forged_token(self, introspect, pair):
        assert introspect(forge(pair.access_token, key=b"another key" * 4)) == {"active": False}

    def test_an_expired_token(self, introspect, alice):
        ago = timezone.now() - timedelta(days=30)

        pair = sessions.open_session(alice, now=ago)

        assert introspect(pair.access_token) == {"active": False}
        assert introspect(pair.refresh_token) == {"active": False}


class TestAsking:
    def test_an_exchanged_refresh_token_is_inactive_and_no_alarm(self, introspect, pair):
        ago = timezone.now() - timedelta(minutes=1)
        newer = sessions.rotate(read_refresh(pair.refresh_token), now=ago)

        assert introspect(pair.refresh_token) == {"active": False}
        assert introspect(newer.refresh_token)["active"]
        assert guard.judge(newer.access_token)

    def test_a_verdict_that_cannot_be_known_is_no_verdict(self, ask, pair, monkeypatch):
        def fail(claims):
            raise DatabaseError("secret detail")

        monkeypatch.setattr(current_store(), "facts", fail)
        response = ask(URL, token=pair.access_token)

        assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
        assert response.json() == {"error": "temporarily_unavailable"}
