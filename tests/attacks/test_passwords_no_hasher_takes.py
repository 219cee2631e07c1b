"""Half of a pair of surrogates, which JSON can say and UTF-8 cannot.

Hashers and databases fail on it with an error of their own: one that no counter sees, and that
comes sooner than the answer to a wrong password.
"""

import json

import pytest

from tests.client import PASSWORD, SIGN_IN
from tests.revocation.test_passwords import CHANGE, NEW_PASSWORD

# graphene-django's view reads JSON as Python does; ours takes no such text.
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]

HALF = "\ud800"


@pytest.mark.parametrize(
    ("username", "password"), [("alice", HALF), (f"alice{HALF}", PASSWORD), (HALF, HALF)], ids=ascii
)
def test_it_is_a_wrong_one_like_others(graphql, alice, username, password):
    told = [graphql(SIGN_IN, username=username, password=password).reason for _ in range(11)]

    assert told == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [(HALF, NEW_PASSWORD, "INVALID_CREDENTIALS"), (PASSWORD, HALF * 20, "PASSWORD_REJECTED")],
    ids=ascii,
)
def test_none_is_changed_from_or_to_it(graphql, alice, old, new, reason):
    answer = graphql.bearing(graphql.sign_in())(CHANGE, old=old, new=new)

    assert answer.reason == reason
    assert json.dumps(HALF) not in json.dumps(answer.body)
    assert graphql.sign_in()
