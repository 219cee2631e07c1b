"""`tokenAuth`, as django-graphql-jwt documents it: payload, messages, signal, subclasses."""

import time

import pytest
from graphql_jwt.signals import token_issued
from graphql_jwt.utils import jwt_decode

from revocation.models import Session
from tests.client import PASSWORD
from tests.migration.forms import ME

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.migration.urls")]


def test_its_token_opens_a_protected_field(front_end):
    token = front_end.sign_in()["token"]

    assert front_end.bearing(token).ask(ME).data == {"username": "alice"}


def test_its_payload_has_the_documented_claims(front_end):
    payload = front_end.sign_in()["payload"]

    assert payload["username"] == "alice"
    assert payload["exp"] - payload["origIat"] == 300


def test_its_token_says_what_the_payload_says(front_end, settings):
    signed_in = front_end.sign_in()

    assert jwt_decode(signed_in["token"]) == signed_in["payload"]


def test_it_tells_when_refreshing_ends_as_an_epoch(front_end):
    refresh_expires_in = front_end.sign_in()["refreshExpiresIn"]

    assert refresh_expires_in == pytest.approx(time.time() + 604_800, abs=60)


def test_it_gives_a_refresh_token_of_its_own(front_end):
    first, second = (front_end.sign_in(more="refreshToken") for _ in range(2))

    assert first["refreshToken"] != second["refreshToken"]


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_told_in_the_words_clients_know(front_end, password):
    answer = front_end.mutate("tokenAuth", "token", username="alice", password=password)

    assert answer.message == "Please enter valid credentials"
    assert answer.body["data"] == {"tokenAuth": None}
    assert not Session.objects.exists()


def test_it_works_beside_a_stale_token(front_end):
    token = front_end.sign_in()["token"]
    front_end.bearing(token).mutate("logout", "ok")

    assert front_end.bearing(token).sign_in()["token"]


def test_token_issued_is_sent_with_mutation_request_and_user(front_end, alice):
    heard = []

    def note(sender, request, user, **_):
        heard.append((sender.__name__, request.path, user))

    token_issued.connect(note)
    front_end.sign_in()
    token_issued.disconnect(note)

    assert heard == [("ObtainJSONWebToken", f"/{front_end.form}", alice)]


def test_a_subclass_that_resolves_sees_who_signs_in(front_end, alice):
    answer = front_end.mutate("signIn", "token userId", username="alice", password=PASSWORD)

    assert answer.data["userId"] == str(alice.pk)
    assert front_end.bearing(answer.data["token"]).ask(ME).data == {"username": "alice"}


def test_a_subclass_that_does_not_resolve_is_refused_in_the_words_of_the_original(front_end):
    from revocation import graphql

    base = (graphql if front_end.form == "plain" else graphql.relay).JSONWebTokenMutation

    with pytest.raises(AssertionError, match=r"Half\.resolve method is required in a JSONWebToken"):
        type("Half", (base,), {})
