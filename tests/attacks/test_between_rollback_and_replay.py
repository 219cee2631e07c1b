"""What another worker does after a request was rolled back and before its writes are made again.

In that moment nothing of the request is there: whoever logs out everywhere is told so, and sees no
session that the request might bring back.
"""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.attacks.interleaving import in_between, interleaved
from tests.client import ME, PASSWORD, SIGN_IN, GraphQLClient

NEW_PASSWORD = "an entirely different one"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
  boom
}"""
OLD_HASHER, NEW_HASHER = (
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.fixture(autouse=True)
def _interleaved(settings, monkeypatch):
    with interleaved(settings, monkeypatch):
        yield


@pytest.fixture
def elsewhere():
    """Another client of the same API."""
    return GraphQLClient(Client(raise_request_exception=False))


def token_of(answer, field):
    payload = (answer.body.get("data") or {}).get(field) or {}
    return payload.get("token")


def test_a_changed_password_brings_back_no_session_for_who_was_logged_out(
    graphql, alice, elsewhere
):
    thief, owner = graphql.sign_in(), graphql.sign_in()
    in_between.append(lambda: elsewhere.bearing(owner)("mutation { logoutAll { ended } }").data)

    answer = graphql.bearing(thief)(CHANGE, old=PASSWORD, new=NEW_PASSWORD)

    token = token_of(answer, "changePassword")
    assert token is None or graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_changed_password_brings_back_no_session_that_was_logged_out(graphql, alice, elsewhere):
    tokens = graphql.sign_in()
    in_between.append(lambda: elsewhere.bearing(tokens)("mutation { logout { ok } }").data)

    answer = graphql.bearing(tokens)(CHANGE, old=PASSWORD, new=NEW_PASSWORD)

    token = token_of(answer, "changePassword")
    assert token is None or graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"


def test_a_sign_in_beside_another_that_hashes_the_password_anew_holds_or_gives_no_tokens(
    graphql, alice, elsewhere, settings
):
    settings.PASSWORD_HASHERS = [OLD_HASHER, NEW_HASHER]
    get_user_model().objects.update(password=make_password(PASSWORD))
    settings.PASSWORD_HASHERS = [NEW_HASHER, OLD_HASHER]
    in_between.append(elsewhere.sign_in)

    answer = graphql(
        SIGN_IN.rstrip().removesuffix("}") + " boom }", username="alice", password=PASSWORD
    )

    token = token_of(answer, "tokenAuth")
    assert token is None or graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}
