"""Wrong passwords counted while the clock was ahead, by a year say, and the clock put right since.

Nobody should wait for a moment that a clock made up.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from revocation import attempts
from revocation.conf import conf
from revocation.errors import InvalidCredentials, TooManyAttempts
from tests.revocation.requests import request_with

pytestmark = pytest.mark.django_db

AHEAD = timedelta(days=365)


def signing_in(now):
    return attempts.signing_in("alice", request=request_with(), now=now)


def wait_at(now):
    """Return for how many seconds whoever signs in now is asked to wait."""
    try:
        with signing_in(now):
            return 0
    except TooManyAttempts as refusal:
        return refusal.retry_after


@pytest.fixture
def now():
    now = timezone.now()
    for _ in range(10):
        with pytest.raises(InvalidCredentials), signing_in(now + AHEAD):
            raise InvalidCredentials
    return now


def test_nobody_waits_longer_than_the_window(now):
    assert wait_at(now) <= conf().attempts_window.total_seconds()


def test_they_are_forgotten_as_others_are(now):
    assert wait_at(now + 2 * conf().attempts_window) == 0
