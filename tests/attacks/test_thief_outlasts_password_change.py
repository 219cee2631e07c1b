"""Whoever copied the tokens of a session must lose them when its owner changes the password."""

import pytest

from tests.client import ME, PASSWORD

pytestmark = pytest.mark.django_db

CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { token refreshToken }
}"""


@pytest.fixture
def copied(graphql, alice):
    """The tokens of a session whose owner has just changed the password in it."""
    tokens = graphql.sign_in()
    answer = graphql.bearing(tokens)(CHANGE, old=PASSWORD, new="an entirely different one")
    assert answer.data["changePassword"]["token"]
    return tokens


def test_the_copied_access_token_is_refused(graphql, copied):
    assert graphql.bearing(copied)(ME).reason == "TOKEN_REVOKED"


def test_the_copied_refresh_token_is_refused_within_the_grace_window_too(graphql, copied):
    answer = graphql.try_refresh(copied)

    assert answer.body["data"] == {"refreshToken": None}
