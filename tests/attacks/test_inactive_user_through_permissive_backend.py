"""An inactive user gets no tokens and no user data, also from a backend that lets anybody in."""

import pytest

from tests.client import PASSWORD, SIGN_IN

pytestmark = pytest.mark.django_db


def test_the_answer_is_that_of_a_wrong_password(graphql, make_user, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    make_user("alice", is_active=False)

    assert graphql(SIGN_IN, username="alice", password=PASSWORD).reason == "INVALID_CREDENTIALS"
