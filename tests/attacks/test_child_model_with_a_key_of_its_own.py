"""A model derived from the user model may have another primary key than the user's row.

Clerk 1 is not user 1, who must not be signed out when the clerk is saved, deleted or demoted.
"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import models

from revocation import sessions, sign_in
from revocation.models import Session
from tests.attacks.child_models import derived
from tests.client import PASSWORD
from tests.revocation.legacy.old_world import access_token, soon
from tests.revocation.verdicts import judged

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk_model():
    user = models.OneToOneField(get_user_model(), models.CASCADE, parent_link=True)
    with derived("Clerk", number=models.AutoField(primary_key=True), user_ptr=user) as model:
        yield model


@pytest.fixture
def clerk(alice, clerk_model):
    """A clerk who has the number that is alice's primary key."""
    made = clerk_model(number=alice.pk, username="carol", is_staff=True)
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def user_of(clerk):
    return get_user_model().objects.get(username="carol")


def unended(user_id):
    return Session.objects.unended().filter(user_id=user_id).count()


def change_password(clerk):
    clerk.set_password("another one")
    clerk.save()


def deactivate(clerk):
    clerk.is_active = False
    clerk.save()


def demote(clerk):
    clerk.is_staff = False
    clerk.save()


def delete(clerk):
    clerk.delete()


@pytest.mark.parametrize("change", [change_password, deactivate, demote, delete])
def test_the_user_behind_it_is_meant_and_nobody_else(alice, clerk, user_of, settings, change):
    settings.REVOCATION = settings.REVOCATION | {
        "END_ON_DEMOTION": True,
        "ACCEPT_LEGACY_UNTIL": soon(),
    }
    theirs, legacy = sessions.open_session(alice), access_token(alice)
    sessions.open_session(user_of)

    change(clerk)

    assert unended(user_of.pk) == 0
    assert judged(theirs.access_token) == judged(legacy) == "good"


def test_sessions_follow_their_password(alice, clerk, user_of, settings):
    settings.REVOCATION = settings.REVOCATION | {"END_ON_PASSWORD_CHANGE": False}
    pair, theirs = sessions.open_session(user_of), sessions.open_session(alice)

    change_password(clerk)

    assert judged(pair.access_token) == judged(theirs.access_token) == "good"


def test_verbs_mean_that_user_as_well(alice, clerk, user_of, settings):
    settings.REVOCATION = settings.REVOCATION | {"MAX_SESSIONS": 1}
    theirs, older = sessions.open_session(alice), sessions.open_session(user_of)

    newest = sign_in(clerk)

    assert judged(older.access_token) == "TOKEN_REVOKED"
    assert judged(newest.access_token) == "good"
    assert [one.user_id for one in sessions.live_sessions(clerk)] == [user_of.pk]
    assert sessions.end_all(clerk) == 1
    assert (judged(newest.access_token), judged(theirs.access_token)) == ("TOKEN_REVOKED", "good")


def test_the_session_of_another_is_not_theirs_to_end(alice, clerk):
    sessions.open_session(alice)
    [theirs] = sessions.live_sessions(alice)

    assert not sessions.end_by_id(theirs.pk, user=clerk)
    assert unended(alice.pk) == 1


def test_nobody_has_no_session_whatever_the_key_is_called(monkeypatch):
    """Django's anonymous user has an `id` and a `pk`, and no field of the project's."""
    monkeypatch.setattr(get_user_model()._meta.pk, "attname", "number")

    assert sessions.live_sessions(AnonymousUser()) == []
