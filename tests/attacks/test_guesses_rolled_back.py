"""A wrong password fails its field, and a failing field undoes what its request wrote."""

import pytest
from django.db import connection

from tests.client import PASSWORD, SIGN_IN
from tests.revocation.counted import counted
from tests.revocation.test_journal import SIGN_IN_AND_BOOM
from tests.revocation.test_passwords import CHANGE, NEW_PASSWORD

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.fixture(autouse=True, params=["ATOMIC_REQUESTS", "ATOMIC_MUTATIONS"])
def _atomic(request, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, request.param, True)


@pytest.mark.parametrize("query", [SIGN_IN, SIGN_IN_AND_BOOM], ids=["alone", "beside a failure"])
def test_each_is_counted_once(graphql, alice, query):
    answers = [graphql(query, username="alice", password="wrong") for _ in range(12)]

    told = [answer.body["errors"][0]["extensions"]["reason"] for answer in answers]
    assert told == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"] * 2
    assert counted() == 20


def test_so_is_each_old_password(graphql, alice):
    client = graphql.bearing(graphql.sign_in())

    told = [client(CHANGE, old="wrong", new=NEW_PASSWORD).reason for _ in range(12)]

    assert told == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"] * 2


def test_a_right_one_beside_a_failure_forgives(graphql, alice):
    for _ in range(3):
        for _ in range(9):
            graphql(SIGN_IN, username="alice", password="wrong")
        answer = graphql(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD)

        assert answer.body["data"]["tokenAuth"]["token"]
