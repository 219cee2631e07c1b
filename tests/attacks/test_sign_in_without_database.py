"""A sign-in the database cannot decide now is unavailable, as every other field is then."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.db import OperationalError

from tests.client import PASSWORD, SIGN_IN

pytestmark = pytest.mark.django_db


class Unreachable(ModelBackend):
    def authenticate(self, request, **credentials):
        raise OperationalError("the server closed the connection unexpectedly")


def test_a_sign_in_may_be_tried_again(graphql, alice, settings):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Unreachable"]

    answer = graphql(SIGN_IN, username="alice", password=PASSWORD)

    assert answer.reason == "REVOCATION_UNAVAILABLE"
