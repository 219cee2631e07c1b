"""Servers that are not what they say have no throughput worth telling."""

import json
import time

import jwt
import pytest

from benchmarks.http import Answer
from benchmarks.over_http import tokens
from benchmarks.over_http.proof import Prover, Unfaithful
from benchmarks.over_http.served import Served

from .over_http import WORK

SECRET = "a secret of forty bytes, as HS256 wants it"
DATA = {"data": WORK.expected}
REFUSED = {"data": {"me": None}, "errors": [{"message": "refused"}]}


class Honest(Served):
    """Needs no process; two workers take turns."""

    name = "honest"
    summary = "for tests"
    is_revoking = True

    def __init__(self):
        super().__init__(workers=2)
        self.signed_in = 0
        self.denied = set()
        self.worker = 0

    def program(self):
        return []

    def environment(self):
        return {}

    def sign_in(self):
        self.signed_in += 1
        claims = {"jti": str(self.signed_in), "exp": int(time.time()) + 60}
        return jwt.encode(claims, SECRET, "HS256")

    def revoke(self, token):
        self.denied.add(token)

    def post(self, body, token=""):
        self.worker = 1 - self.worker
        return Answer(200, {}, json.dumps(DATA if self.admits(token) else REFUSED).encode())

    def admits(self, token):
        return token not in self.denied and self.is_good(token)

    def is_good(self, token):
        try:
            return bool(jwt.decode(token, SECRET, ["HS256"]))
        except jwt.InvalidTokenError:
            return False


class Open(Honest):
    def admits(self, token):
        return True


class Gullible(Honest):
    def is_good(self, token):
        return bool(token)


class Timeless(Honest):
    def is_good(self, token):
        try:
            return bool(jwt.decode(token, SECRET, ["HS256"], options={"verify_exp": False}))
        except jwt.InvalidTokenError:
            return False


class Forgetful(Honest):
    def revoke(self, token):
        """Do nothing about it."""


class HalfForgetful(Honest):
    """Tells one of its workers of a logout."""

    def admits(self, token):
        return self.is_good(token) and not (self.worker and token in self.denied)


class HalfBroken(Honest):
    def admits(self, token):
        return self.worker and super().admits(token)


class SignedElsewhere(Honest):
    """Refuses expired tokens because of their signature, not because of their time."""

    def sign_in(self):
        return tokens.signed_anew(super().sign_in(), secret=f"{SECRET}, but another one")

    def is_good(self, token):
        try:
            return bool(jwt.decode(token, f"{SECRET}, but another one", ["HS256"]))
        except jwt.InvalidTokenError:
            return False


def prove(served):
    return Prover(served, WORK, SECRET).prove()


def test_an_honest_server_is_let_in_with_the_reasons_it_gave():
    what = ("no token", "a forged token", "an expired token", "a revoked token")
    assert prove(Honest()) == dict.fromkeys(what, "refused")


@pytest.mark.parametrize(
    ("cheat", "sentence"),
    [
        (Open, "answers no token with"),
        (Gullible, "answers a forged token with"),
        (Timeless, "answers an expired token with"),
        (Forgetful, "answers a revoked token with"),
        (HalfForgetful, "answers a revoked token with"),
        (HalfBroken, "answers a good token with"),
        (SignedElsewhere, "answers a good token with"),
    ],
)
def test_a_server_that_cheats_is_not_measured(cheat, sentence):
    with pytest.raises(Unfaithful, match=sentence):
        prove(cheat())


def test_a_token_is_signed_anew_with_nothing_changed_but_its_times():
    header = {"kid": "k", "typ": "at+jwt"}
    token = jwt.encode({"exp": 100, "iat": 10, "sub": "1"}, SECRET, "HS256", headers=header)
    moved = tokens.signed_anew(token, secret=SECRET, seconds=-5)
    assert jwt.decode(moved, SECRET, ["HS256"], options={"verify_exp": False}) == {
        "exp": 95,
        "iat": 5,
        "sub": "1",
    }
    assert jwt.get_unverified_header(moved) == {"alg": "HS256", **header}
