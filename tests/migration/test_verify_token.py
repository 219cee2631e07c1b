"""`verifyToken`, as django-graphql-jwt documents it; and what it wrongly let pass."""

import pytest

from tests.client import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]


def test_a_good_token_shows_its_payload(front_end):
    signed_in = front_end.sign_in()

    answer = front_end.mutate("verifyToken", "payload", token=signed_in["token"])

    assert answer.data["payload"] == signed_in["payload"]


@pytest.mark.parametrize("token", ["invalid", "", "a.b.c"])
def test_garbage_is_told_in_the_words_clients_know(front_end, token):
    answer = front_end.mutate("verifyToken", "payload", token=token)

    assert answer.message == "Error decoding signature"


def test_no_token_is_told_in_the_words_clients_know(front_end):
    assert front_end.mutate("verifyToken", "payload").message == "Token is required"


def test_a_revoked_token_is_refused(front_end):
    token = front_end.sign_in()["token"]
    front_end.bearing(token).mutate("logout", "ok")

    answer = front_end.mutate("verifyToken", "payload", token=token)

    assert answer.message == "Token has been revoked"


def test_the_token_of_a_disabled_user_is_refused(front_end, alice):
    token = front_end.sign_in(password=PASSWORD)["token"]
    alice.is_active = False
    alice.save()

    assert front_end.mutate("verifyToken", "payload", token=token).message == "User is disabled"
