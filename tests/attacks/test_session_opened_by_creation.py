"""A session that a project opens as soon as it hears of a new user holds.

A receiver in a `models` module is connected before any app is ready, hence before ours.
"""

import pytest
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save

from revocation import guard, receivers, sessions
from tests.client import PASSWORD

pytestmark = pytest.mark.django_db

OURS = "revocation._note_save"


@pytest.fixture
def welcomed():
    """The token pairs of new users, opened by a receiver that was connected before ours."""
    pairs = []

    def welcome(instance, created, **_):
        if created:
            pairs.append(sessions.open_session(instance))

    model = get_user_model()
    post_save.disconnect(sender=model, dispatch_uid=OURS)
    post_save.connect(welcome, sender=model)
    receivers.connect()
    yield pairs
    post_save.disconnect(welcome, sender=model)


def test_who_signs_up_is_signed_in(welcomed):
    user = get_user_model().objects.create_user("newcomer", password=PASSWORD)

    [pair] = welcomed
    assert guard.judge(pair.access_token).user == user
