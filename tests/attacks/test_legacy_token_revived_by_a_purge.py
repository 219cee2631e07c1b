"""A purge forgets what has expired. A legacy token may have no end, and its date may be moved.

Whoever copied a token before the upgrade waits until its logout is forgotten, and tries it again.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from revocation import blacklist, sessions
from revocation.models import Session
from tests.client import LOGOUT, ME
from tests.revocation.legacy.old_world import access_token, in_force, simplejwt_token

pytestmark = pytest.mark.django_db

LATER = timedelta(days=400)


def purge_long_after():
    for purge in (sessions.purge, blacklist.purge):
        list(purge(now=timezone.now() + LATER))


@pytest.fixture(params=[False, True], ids=["expiry counts", "expiry does not count"])
def client(request, graphql, alice, settings):
    settings.REVOCATION = in_force(ACCEPT_LEGACY_EXPIRED=request.param)
    end = 1 if request.param else int((timezone.now() + 2 * LATER).timestamp())
    return graphql.bearing(access_token(alice, exp=end))


@pytest.fixture
def move_the_date(settings):
    """Let the old date pass, and a new one be set."""

    def move():
        settings.REVOCATION = settings.REVOCATION | {"ACCEPT_LEGACY_UNTIL": "2020-01-01T00:00:00Z"}
        purge_long_after()
        until = timezone.now() + timedelta(days=1)
        settings.REVOCATION = settings.REVOCATION | {"ACCEPT_LEGACY_UNTIL": until}

    return move


def test_after_a_logout(client, move_the_date):
    client(LOGOUT)

    move_the_date()

    assert client(ME).reason == "TOKEN_REVOKED"


def test_after_a_logout_that_came_when_the_date_had_passed(client, settings, move_the_date):
    settings.REVOCATION = settings.REVOCATION | {"ACCEPT_LEGACY_UNTIL": "2020-01-01T00:00:00Z"}
    client(LOGOUT)

    move_the_date()

    assert client(ME).reason == "TOKEN_REVOKED"


def test_unseen_after_logging_out_everywhere(client, alice, move_the_date):
    sessions.end_all(alice)

    move_the_date()

    assert client(ME).reason == "TOKEN_REVOKED"


def test_unseen_after_a_new_password(client, alice, move_the_date):
    alice.set_password("another one")
    alice.save()

    move_the_date()

    assert client(ME).reason == "TOKEN_REVOKED"


def test_unseen_after_everybody_was_logged_out(client, move_the_date):
    list(sessions.end_everything())

    move_the_date()

    assert client(ME).reason == "TOKEN_REVOKED"


def test_a_refresh_token_that_was_exchanged(graphql, alice, settings, move_the_date):
    settings.REVOCATION = in_force()
    end = int((timezone.now() + 2 * LATER).timestamp())
    token = simplejwt_token(alice, "refresh", exp=end)
    graphql.bearing(graphql.refresh(token))(LOGOUT)

    move_the_date()

    assert graphql.try_refresh(token).reason == "SESSION_ENDED"


def test_a_session_that_is_gone_although_its_key_is_not(graphql, alice, settings):
    settings.REVOCATION = in_force()
    token = simplejwt_token(alice, "refresh")
    graphql.bearing(graphql.refresh(token))(LOGOUT)
    Session.objects.all().delete()

    assert graphql.try_refresh(token).reason == "SESSION_ENDED"
