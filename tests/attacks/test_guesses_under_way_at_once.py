"""Guesses that are all under way before the first is counted.

Each found the counter below its limit. Were the right one let in, or answered otherwise than the
wrong ones, as many passwords could be tried as requests can be sent at once.
"""

from contextvars import copy_context

import pytest
from django.contrib.auth.backends import ModelBackend

from revocation import attempts
from revocation.errors import InvalidCredentials, TooManyAttempts
from revocation.models import Session
from tests.client import PASSWORD, SIGN_IN
from tests.revocation.counted import counted
from tests.revocation.requests import request_with

pytestmark = pytest.mark.django_db

meanwhile = []


class Slow(ModelBackend):
    """Compares, and is overtaken before it says what it found."""

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        while meanwhile:
            meanwhile.pop()()
        return user


class UnderWay:
    """A guess that has been let through and is being compared."""

    def __init__(self, username):
        # Of its own, as every request has one.
        self._context = copy_context()
        self._guess = attempts.signing_in(username, request=request_with())
        self._context.run(self._guess.__enter__)

    def told(self, error=None):
        """Return what it is told now that it was compared, with this outcome."""
        outcome = (type(error), error, None) if error else (None, None, None)
        try:
            self._context.run(self._guess.__exit__, *outcome)
        except TooManyAttempts as refusal:
            return refusal.reason
        return error and error.reason


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_right_and_wrong_are_refused_alike(graphql, alice, settings, password):
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Slow"]
    others = [UnderWay("alice") for _ in range(10)]
    meanwhile.append(lambda: [other.told(InvalidCredentials()) for other in others])

    answer = graphql(SIGN_IN, username="alice", password=password)

    assert answer.reason == "RATE_LIMITED"
    assert not Session.objects.exists()
    assert counted() == 20


def test_of_a_hundred_ten_are_told_that_they_are_wrong():
    guesses = [UnderWay("alice") for _ in range(100)]

    told = [guess.told(InvalidCredentials()) for guess in guesses]

    assert told == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"] * 90


def test_the_right_one_among_them_is_not_told_after_that():
    right, *wrong = [UnderWay("alice") for _ in range(11)]
    for guess in wrong:
        guess.told(InvalidCredentials())

    assert right.told() == "RATE_LIMITED"
