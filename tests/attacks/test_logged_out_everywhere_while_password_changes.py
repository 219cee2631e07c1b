"""Of `logoutAll` and `changePassword` at once, one comes first: nobody stays signed in after both.

Either the password is changed first, and its new session is one of all; or the session that asks
for the change has been ended, and the change is refused.
"""

import pytest
from django.db import connection
from django.test import Client

from tests.client import ME, PASSWORD, GraphQLClient

CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { token }
}"""

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_session_is_left_after_both_were_acknowledged(graphql, alice):
    thief, owner = graphql.sign_in(), graphql.sign_in()
    seen, changed = [], []

    def change_in_between(execute, sql, params, many, context):
        """Another worker's transaction fits in before this request begins its own."""
        if sql.startswith("BEGIN") and seen and not changed:
            changed.append(None)
            client = GraphQLClient(Client()).bearing(thief)
            changed[0] = client(CHANGE, old=PASSWORD, new="an entirely different one")
        if 'FROM "revocation_session"' in sql and "revokedtoken" not in sql:
            seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(change_in_between):
        graphql.bearing(owner)("mutation { logoutAll { ended } }").data  # noqa: B018

    for answer in changed:
        token = answer.data["changePassword"]["token"]
        assert graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"
