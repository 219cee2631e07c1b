"""A sign-in whose request is rolled back, with `MAX_SESSIONS`, and others who come in between.

What it ended is undone with it. Made again, it must leave as many sessions as there may be, and
never end the one whose tokens it hands out.
"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.test import Client

from revocation.models import Session
from revocation.tokens import read_access
from tests.attacks.interleaving import in_between, interleaved
from tests.client import ME, PASSWORD, SIGN_IN, GraphQLClient

ALICE = {"me": {"username": "alice"}}
SIGN_IN_AND_BOOM = SIGN_IN.rstrip().removesuffix("}") + " boom }"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.fixture(autouse=True, params=["ATOMIC_REQUESTS", "ATOMIC_MUTATIONS"])
def _interleaved(request, settings, monkeypatch):
    settings.REVOCATION = settings.REVOCATION | {"MAX_SESSIONS": 1}
    with interleaved(settings, monkeypatch, atomic=request.param):
        yield


@pytest.fixture
def elsewhere():
    """Another client of the same API."""
    return GraphQLClient(Client(raise_request_exception=False))


def sign_in_and_boom(graphql):
    return graphql(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD)


def unended():
    return list(Session.objects.unended().values_list("pk", flat=True))


def test_it_ends_what_the_rollback_has_brought_back(graphql, alice):
    before = graphql.sign_in()

    answer = sign_in_and_boom(graphql)

    token = answer.body["data"]["tokenAuth"]["token"]
    assert graphql.bearing(token)(ME).data == ALICE
    assert graphql.bearing(before)(ME).reason == "TOKEN_REVOKED"
    assert unended() == [read_access(token).sid]


def test_it_ends_who_has_signed_in_meanwhile_and_not_itself(graphql, elsewhere, alice):
    others = []
    in_between.append(lambda: others.append(elsewhere.sign_in()))

    answer = sign_in_and_boom(graphql)

    token = answer.body["data"]["tokenAuth"]["token"]
    assert graphql.bearing(token)(ME).data == ALICE
    assert elsewhere.bearing(others[0])(ME).reason == "TOKEN_REVOKED"
    assert unended() == [read_access(token).sid]


def test_one_that_cannot_be_made_again_ends_nobodys_session(graphql, elsewhere, alice):
    """The password was changed in between: the answer has no tokens, and others go on."""
    others = []

    def change_the_password_and_sign_in():
        get_user_model().objects.update(password=make_password("another"))
        others.append(elsewhere.sign_in(password="another"))

    in_between.append(change_the_password_and_sign_in)

    answer = sign_in_and_boom(graphql)

    assert (answer.status, answer.reasons) == (503, ["REVOCATION_UNAVAILABLE"])
    assert elsewhere.bearing(others[0])(ME).data == ALICE
    assert unended() == [read_access(others[0].access).sid]
