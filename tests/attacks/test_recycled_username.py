"""A legacy token names a user by name alone, and a name may be somebody else's by now."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.client import ME
from tests.revocation.legacy.old_world import access_token, in_force, simplejwt_token

pytestmark = pytest.mark.django_db

AN_HOUR_AGO = int(time.time()) - 3600


@pytest.fixture
def users(alice):
    return type(alice).objects


def put_in_force(settings):
    settings.REVOCATION = in_force()


def test_the_name_was_freed_and_taken_before_the_upgrade(graphql, alice, users, settings):
    token = access_token(alice, origIat=AN_HOUR_AGO)
    users.all().delete()
    users.create_user("alice")
    put_in_force(settings)

    assert graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"


def test_so_was_the_primary_key(graphql, alice, users, settings):
    token = simplejwt_token(alice, iat=AN_HOUR_AGO)
    pk = alice.pk
    users.all().delete()
    users.create_user("mallory", pk=pk)
    put_in_force(settings)

    assert graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"


def test_somebody_who_was_there_took_it_after_the_upgrade(graphql, alice, users, settings):
    token = access_token(alice)
    bob = users.create_user("bob", date_joined=timezone.now() - timedelta(days=100))
    put_in_force(settings)
    alice.delete()
    bob.username = "alice"
    bob.save()

    assert graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"


def test_once_seen_a_token_stays_with_its_user(graphql, alice, users, settings):
    put_in_force(settings)
    client = graphql.bearing(access_token(alice))
    client(ME)
    users.filter(pk=alice.pk).update(username="alicia")
    users.create_user("alice", date_joined=timezone.now() - timedelta(days=100))

    assert client(ME).data == {"me": {"username": "alicia"}}


def test_whoever_joined_in_the_second_of_the_token_is_its_user(graphql, alice, settings):
    put_in_force(settings)
    alice.date_joined = timezone.now().replace(microsecond=999_999)
    alice.save()
    token = access_token(alice, origIat=int(alice.date_joined.timestamp()))

    assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}
