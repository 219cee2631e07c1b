"""Only the fields are upgraded, and the original's backend goes on letting in what is signed.

It verifies signatures alone, and the key is the same: a session that our `logout` ended would
still open whatever the original protects.
"""

import pytest
from django.test import Client

from revocation import sessions
from revocation.models import Session
from tests.client import PASSWORD
from tests.migration import stock
from tests.migration.forms import ME, FrontEnd

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.stock")]

UNAVAILABLE = "Service unavailable, retry later"


@pytest.fixture
def front_end(alice, settings):
    settings.MIDDLEWARE = stock.DJANGO
    settings.AUTHENTICATION_BACKENDS = stock.BACKENDS
    settings.GRAPHQL_JWT = {}
    return FrontEnd("plain", Client())


def test_no_token_is_given_that_could_not_be_taken_back(front_end):
    answer = front_end.mutate("signIn", "token", username="alice", password=PASSWORD)

    assert answer.message == UNAVAILABLE
    assert not Session.objects.exists()


def test_no_logout_is_told_while_the_token_goes_on_working(front_end, alice):
    client = front_end.bearing(sessions.open_session(alice).access_token)
    assert client.ask(ME).data == {"username": "alice"}

    assert client.mutate("logout", "ok").message == UNAVAILABLE


def test_without_that_backend_nothing_is_refused(front_end, settings):
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]

    answer = front_end.mutate("signIn", "token", username="alice", password=PASSWORD)

    client = front_end.bearing(answer.data["token"])
    assert client.mutate("logout", "ok").data == {"ok": True}
    assert client.ask(ME).body["data"] == {"me": None}
