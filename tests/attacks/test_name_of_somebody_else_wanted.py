"""Who tries to be called like somebody else must not sign that user out.

A name that changes hands revokes the legacy tokens that name it. One that is taken does not change
hands, whatever somebody types into a form.
"""

import pytest
from django.db import IntegrityError

from tests.client import ME
from tests.revocation.legacy.old_world import access_token, in_force

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(graphql, alice, settings):
    settings.REVOCATION = in_force()
    return graphql.bearing(access_token(alice))


def test_by_renaming_oneself(client, make_user):
    mallory = make_user("mallory")
    mallory.username = "alice"

    with pytest.raises(IntegrityError):
        mallory.save()

    assert client(ME).data == {"me": {"username": "alice"}}


def test_by_signing_up(client, make_user):
    with pytest.raises(IntegrityError):
        make_user("alice")

    assert client(ME).data == {"me": {"username": "alice"}}
