"""What ends a session says why, once for each session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from revocation import sessions
from revocation.errors import SessionEnded
from revocation.models import Session
from revocation.tokens import read_refresh
from tests.client import ME
from tests.revocation.told import told

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.graphene_urls"),
]


def ends(heard):
    """Return the reason of each end, and who did it."""
    return [event[1:] for event in heard.events if event[0] == "session_ended"]


def test_one_too_many_ends_by_its_owner(graphql, alice, put):
    put(MAX_SESSIONS=1)
    first = graphql.sign_in()

    with told() as heard:
        graphql.sign_in()

    assert ends(heard) == [("session_cap", alice)]
    assert graphql.bearing(first)(ME).reason == "TOKEN_REVOKED"


def test_an_idle_one_ends_by_nobody(alice, put):
    pair = sessions.open_session(alice)
    Session.objects.update(rotated_at=timezone.now() - timedelta(hours=1))
    put(IDLE_TIMEOUT=timedelta(minutes=15))

    with told() as heard, pytest.raises(SessionEnded):
        sessions.rotate(read_refresh(pair.refresh_token))

    assert ends(heard) == [("idle_timeout", None)]


def test_a_demotion_is_the_reason_and_not_what_was_saved_beside_it(make_user, put):
    put(END_ON_DEMOTION=True)
    admin = make_user("admin", is_staff=True)
    sessions.open_session(admin)
    admin.is_staff = False
    admin.set_password("another one")

    with told() as heard:
        admin.save()

    assert ends(heard) == [("staff_lost", None)]


@pytest.mark.parametrize(
    ("is_for_good", "reason"), [(True, "user_deactivated"), (False, "password_changed")]
)
def test_a_deactivation_is_none_where_it_ends_nothing(alice, put, is_for_good, reason):
    put(END_ON_DEACTIVATION=is_for_good)
    sessions.open_session(alice)
    alice.is_active = False
    alice.set_password("another one")

    with told() as heard:
        alice.save()

    assert ends(heard) == [(reason, None)]
