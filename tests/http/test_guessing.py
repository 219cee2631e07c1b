"""Guessed passwords, over several workers at once: so many are looked at, and no more."""

from collections import Counter
from dataclasses import replace
from itertools import chain

import pytest

from tests.client import ME, PASSWORD, SIGN_IN
from tests.http.crowd import Crowd, asking, repeating, signing_in, tokens_in

SIGN_IN_AND_BOOM = SIGN_IN.rstrip().removesuffix("}") + " boom }"
CHANGE_PASSWORD = """mutation ($old: String!) {
  changePassword(oldPassword: $old, newPassword: "an entirely different one") { ok }
}"""
TEN_OF_FORTY = {"INVALID_CREDENTIALS": 10, "RATE_LIMITED": 30}


@pytest.fixture
def proxied(serve):
    """A server that believes its proxy, which is this test."""
    return serve(workers=4, TRUSTED_PROXIES="127.0.0.1")


@pytest.fixture
def atomic(serve):
    return serve(workers=4, ATOMIC_REQUESTS="true", ROOT_URLCONF="tests.http.failing_urls")


def forwarded(client, addresses):
    """Return the client as if the proxy had forwarded for it."""
    return replace(client, headers={**client.headers, "X-Forwarded-For": addresses})


def guess(client, password="wrong", username="alice"):
    return client(SIGN_IN, username=username, password=password)


def forty_at_once(server, act):
    with Crowd(server, 20) as crowd:
        answers = chain.from_iterable(crowd.at_once(*[repeating(act, 2)] * 20))
        return Counter(reason for answer in answers for reason in answer.reasons)


def test_of_forty_guesses_at_once_ten_are_looked_at(proxied):
    assert forty_at_once(proxied, signing_in("alice", "wrong")) == TEN_OF_FORTY

    client = proxied.client()
    assert guess(client, PASSWORD).reason == "RATE_LIMITED"
    assert tokens_in(guess(forwarded(client, "198.51.100.7"), PASSWORD))
    assert tokens_in(guess(client, PASSWORD, "bob"))


def test_so_it_is_when_every_refusal_rolls_its_request_back(atomic):
    seen = forty_at_once(atomic, signing_in("alice", "wrong"))

    # A worker may look between the rollback of another and what it writes again.
    assert 10 <= seen["INVALID_CREDENTIALS"] <= 10 + 20
    assert sum(seen.values()) == 40
    assert guess(atomic.client(), PASSWORD).reason == "RATE_LIMITED"


def test_one_after_the_other_ten_are_looked_at_although_each_is_rolled_back(atomic):
    client = atomic.client(keep_alive=False)

    seen = [
        client(SIGN_IN_AND_BOOM, username="alice", password="wrong").reasons[0] for _ in range(12)
    ]

    assert seen == ["INVALID_CREDENTIALS"] * 10 + ["RATE_LIMITED"] * 2
    assert guess(client, PASSWORD).reason == "RATE_LIMITED"


def test_they_are_remembered_after_a_restart(serve):
    server = serve()
    for _ in range(10):
        guess(server.client())

    server.restart()

    assert guess(server.client(), PASSWORD).reason == "RATE_LIMITED"


def test_of_forty_guesses_of_an_old_password_ten_are_looked_at(wide_server):
    client = wide_server.client()
    tokens = client.sign_in()

    seen = forty_at_once(wide_server, asking(CHANGE_PASSWORD, by=tokens, old="wrong"))

    assert seen == TEN_OF_FORTY
    assert client.bearing(tokens)(CHANGE_PASSWORD, old=PASSWORD).reason == "RATE_LIMITED"
    assert client.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
    assert client.bearing(client.sign_in())(CHANGE_PASSWORD, old=PASSWORD).data


def test_right_ones_are_never_too_many(wide_server):
    client = wide_server.client()
    for _ in range(9):
        guess(client)

    assert forty_at_once(wide_server, signing_in("alice", PASSWORD)) == {}


class TestForwardedAddress:
    def test_without_trusted_proxies_a_forged_one_evades_nothing(self, server):
        client = server.client()

        for number in range(10):
            guess(forwarded(client, f"198.51.100.{number}"))

        assert guess(forwarded(client, "198.51.100.99"), PASSWORD).reason == "RATE_LIMITED"

    def test_behind_a_proxy_what_was_forged_before_it_evades_nothing(self, proxied):
        client = proxied.client()

        for number in range(10):
            guess(forwarded(client, f"192.0.2.{number}, 198.51.100.7"))

        assert guess(forwarded(client, "198.51.100.7"), PASSWORD).reason == "RATE_LIMITED"

    def test_behind_a_proxy_nobody_is_locked_out_in_their_name(self, proxied):
        client = proxied.client()

        for _ in range(12):
            guess(forwarded(client, "192.0.2.1, 198.51.100.7"))

        assert tokens_in(guess(forwarded(client, "192.0.2.1"), PASSWORD))
