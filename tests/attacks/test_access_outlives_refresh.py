"""Access tokens that live longer than refresh tokens: no purge may make their logout fail."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from revocation import sessions
from tests.client import LOGOUT, ME

pytestmark = pytest.mark.django_db


@pytest.fixture
def lasting(alice, settings):
    """An access token of a session whose refresh token expired an hour ago."""
    settings.GRAPHQL_JWT = {
        "JWT_EXPIRATION_DELTA": timedelta(days=2),
        "JWT_REFRESH_EXPIRATION_DELTA": timedelta(minutes=1),
    }
    return sessions.open_session(alice, now=timezone.now() - timedelta(hours=1)).access_token


def test_a_purge_leaves_it_good(graphql, lasting):
    call_command("purge_revoked")

    assert graphql.bearing(lasting)(ME).data == {"me": {"username": "alice"}}


@pytest.mark.parametrize("mutation", [LOGOUT, "mutation { logoutAll { ended } }"])
def test_it_can_be_logged_out_for_good(graphql, lasting, mutation):
    assert "errors" not in graphql.bearing(lasting)(mutation).body
    call_command("purge_revoked")

    assert graphql.bearing(lasting)(ME).reason == "TOKEN_REVOKED"
