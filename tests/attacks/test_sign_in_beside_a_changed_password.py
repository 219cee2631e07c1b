"""Who signs in and changes the password in one request is answered with what was committed."""

import pytest
from django.db import connection

from tests.client import ME, PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

NEW_PASSWORD = "an entirely different one"
BOTH = """mutation ($old: String!, $new: String!) {
  tokenAuth(username: "alice", password: $old) { token }
  changePassword(oldPassword: $old, newPassword: $new) { token }
}"""


def test_the_new_tokens_arrive(graphql, alice, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    tokens = graphql.sign_in()

    answer = graphql.bearing(tokens)(BOTH, old=PASSWORD, new=NEW_PASSWORD)

    token = answer.data["changePassword"]["token"]
    assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}
