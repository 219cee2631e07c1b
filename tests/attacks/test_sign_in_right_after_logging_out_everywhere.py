"""One request that logs out everywhere and signs in, in a transaction that is committed.

Our writes are made again when it is over. By then the new session is there as well, and was ended
like the others: its tokens were dead before anybody held them.
"""

import pytest
from django.db import connection

from revocation.models import Session
from tests.client import ME, PASSWORD

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.http.failing_urls"),
]

SIGN_IN = f'tokenAuth(username: "alice", password: "{PASSWORD}") {{ token refreshToken }}'


@pytest.fixture(autouse=True, params=["ATOMIC_REQUESTS", "ATOMIC_MUTATIONS"])
def _atomic(request, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, request.param, True)


@pytest.mark.parametrize("more", ["", "boom"])
@pytest.mark.parametrize("end_all", ["logoutAll", "logoutAll(exceptCurrent: true)"])
def test_the_new_session_goes_on(graphql, alice, end_all, more):
    old, other = graphql.sign_in(), graphql.sign_in()
    fields = f"{end_all} {{ ended }} {SIGN_IN} {more}"

    answer = graphql.bearing(old)(f"mutation {{ {fields} }}")

    new = answer.body["data"]["tokenAuth"]
    assert graphql.bearing(new["token"])(ME).data == {"me": {"username": "alice"}}
    assert graphql.refresh(new["refreshToken"]).access
    assert graphql.bearing(other)(ME).reason == "TOKEN_REVOKED"


def test_one_from_before_does_not(graphql, alice):
    old = graphql.sign_in()

    answer = graphql.bearing(old)(f"mutation {{ {SIGN_IN} logoutAll {{ ended }} boom }}")

    assert answer.body["data"]["logoutAll"] == {"ended": 2}
    token = answer.body["data"]["tokenAuth"]["token"]
    assert graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"
    assert not Session.objects.unended().exists()
