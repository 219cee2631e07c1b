"""A legacy token presented after a request was rolled back and before its writes are made again.

In that moment nothing says that its user has logged out everywhere. The token gets a session, which
the logout never saw.
"""

import pytest
from django.test import Client

from tests.attacks.interleaving import in_between, interleaved
from tests.client import ME, GraphQLClient
from tests.revocation.legacy.old_world import access_token, in_force

LOGOUT_ALL = "mutation ($but: Boolean) { logoutAll(exceptCurrent: $but) { ended } boom }"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.fixture(autouse=True)
def _interleaved(settings, monkeypatch):
    settings.REVOCATION = in_force()
    with interleaved(settings, monkeypatch):
        yield


@pytest.mark.parametrize("but_current", [True, False])
def test_it_is_dead_afterwards(graphql, alice, but_current):
    thief = GraphQLClient(Client(raise_request_exception=False)).bearing(access_token(alice))
    client = graphql.bearing(graphql.sign_in())
    seen = []
    in_between.append(lambda: seen.append(thief(ME).data))

    client(LOGOUT_ALL, but=but_current)

    assert seen == [{"me": {"username": "alice"}}]
    assert thief(ME).reason == "TOKEN_REVOKED"
