"""A password is changed and its user logs out, in one request: nothing may be left signed in.

The session goes on under another id, which the token of the request does not name.
"""

import pytest

from tests.client import LOGOUT, ME, PASSWORD

CHANGE = (
    f'changePassword(oldPassword: "{PASSWORD}", newPassword: "another long password") '
    "{ token refreshToken }"
)

pytestmark = pytest.mark.django_db


def is_refused(graphql, changed):
    return (
        graphql.bearing(changed["token"])(ME).reason == "TOKEN_REVOKED"
        and graphql.try_refresh(changed["refreshToken"]).reason == "SESSION_ENDED"
    )


def test_in_one_operation(graphql, alice):
    caller = graphql.bearing(graphql.sign_in())

    data = caller(f"mutation {{ {CHANGE} logout {{ ok }} }}").data

    assert data["logout"] == {"ok": True}
    assert is_refused(graphql, data["changePassword"])


def test_in_one_batch(graphql, alice):
    caller = graphql.bearing(graphql.sign_in())

    changed, left = caller.post([{"query": f"mutation {{ {CHANGE} }}"}, {"query": LOGOUT}]).body

    assert left == {"data": {"logout": {"ok": True}}}
    assert is_refused(graphql, changed["data"]["changePassword"])


def test_another_session_signed_in_beside_it_goes_on(graphql, alice):
    caller = graphql.bearing(graphql.sign_in())
    sign_in = f'tokenAuth(username: "alice", password: "{PASSWORD}") {{ token }}'

    data = caller(f"mutation {{ {sign_in} logout {{ ok }} }}").data

    assert graphql.bearing(data["tokenAuth"]["token"])(ME).data
