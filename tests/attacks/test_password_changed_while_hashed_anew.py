"""A sign-in that hashes the password anew while somebody changes it must not undo the change.

Django saves the new hash of the old password whatever the row says by then.
"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.test import Client

from tests.client import ME, PASSWORD, SIGN_IN, GraphQLClient

NEW_PASSWORD = "an entirely different one"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""
OLD = "django.contrib.auth.hashers.MD5PasswordHasher"

in_between = []


class SlowHasher(PBKDF2PasswordHasher):
    """Hashing takes its time; another worker changes the password meanwhile."""

    iterations = 1000

    def encode(self, password, salt, iterations=None):
        if in_between and password == PASSWORD:
            in_between.pop()()
        return super().encode(password, salt, iterations)


NEW = f"{__name__}.SlowHasher"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(graphql, alice, settings):
    """Tokens of a session from before the hasher changed."""
    in_between.clear()
    settings.PASSWORD_HASHERS = [OLD]
    get_user_model().objects.update(password=make_password(PASSWORD))
    tokens = graphql.sign_in()
    settings.PASSWORD_HASHERS = [NEW, OLD]
    yield tokens
    in_between.clear()


def sign_in_while_the_password_is_changed(graphql, owner):
    changed = []

    def change():
        client = GraphQLClient(Client()).bearing(owner)
        changed.append(client(CHANGE, old=PASSWORD, new=NEW_PASSWORD).data["changePassword"])

    in_between.append(change)
    answer = graphql(SIGN_IN, username="alice", password=PASSWORD)
    assert changed
    return changed[0], answer


def test_the_changed_password_stands(graphql, alice, owner):
    sign_in_while_the_password_is_changed(graphql, owner)

    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)


def test_who_changed_it_stays_signed_in(graphql, owner):
    changed, _ = sign_in_while_the_password_is_changed(graphql, owner)

    assert graphql.bearing(changed["token"])(ME).data == {"me": {"username": "alice"}}


def test_the_old_password_opens_nothing(graphql, owner):
    _, answer = sign_in_while_the_password_is_changed(graphql, owner)

    token = ((answer.body.get("data") or {}).get("tokenAuth") or {}).get("token")
    assert token is None or graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"
