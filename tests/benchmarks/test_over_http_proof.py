"""Servers that are not what they say have no throughput worth telling."""

import json
import time

import jwt
import pytest

from benchmarks import tokens
from benchmarks.http import Answer
from benchmarks.over_http.proof import Prover, Unfaithful
from benchmarks.over_http.served import Served
from benchmarks.over_http.tasks import TASKS
from benchmarks.tokens import Tokens

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
        token = jwt.encode(claims, SECRET, "HS256")
        return Tokens(token, token)

    def revoke(self, token):
        self.denied.add(token)

    def post(self, body, token="", *, path="/graphql"):
        self.worker = 1 - self.worker
        return Answer(200, {}, json.dumps(self.answer(json.loads(body)["query"], token)).encode())

    def answer(self, query, token):
        if query == self.refresh_query:
            return {"data": {"refreshToken": {"token": self.refreshed()}}}
        if query == self.logout_query:
            self.revoke(token)
            return {"data": {"logout": {"ok": True}}}
        return DATA if self.admits(token) else REFUSED

    def refreshed(self):
        return self.sign_in().access

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
        token = tokens.signed_anew(super().sign_in().access, secret=f"{SECRET}, but another one")
        return Tokens(token, token)

    def is_good(self, token):
        try:
            return bool(jwt.decode(token, f"{SECRET}, but another one", ["HS256"]))
        except jwt.InvalidTokenError:
            return False


class Stingy(Honest):
    """Brings nothing new by a refresh."""

    def refreshed(self):
        return None


class Careless(Honest):
    """Brings a token by a refresh that was signed by nobody."""

    def refreshed(self):
        return tokens.forged(super().refreshed())


class Refusing(Honest):
    def answer(self, query, token):
        return REFUSED


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


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("refresh", {"data": {"refreshToken": {"token": "<token>"}}}),
        ("logout", {"data": {"logout": {"ok": True}}}),
    ],
)
def test_a_mutation_that_does_what_it_is_for_is_known_by_its_answer(task, answer):
    assert json.loads(Prover(Honest(), WORK, SECRET).prove_mutation(TASKS[task])) == answer


@pytest.mark.parametrize(
    ("cheat", "task", "sentence"),
    [
        (Stingy, "refresh", "brings no token by refresh"),
        (Careless, "refresh", "answers a good token with"),
        (Forgetful, "logout", "answers a token after its logout with"),
        (Refusing, "refresh", "answers refresh with"),
    ],
)
def test_a_mutation_that_does_nothing_is_not_measured(cheat, task, sentence):
    with pytest.raises(Unfaithful, match=sentence):
        Prover(cheat(), WORK, SECRET).prove_mutation(TASKS[task])


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


def test_times_within_a_text_are_moved_as_well():
    claims = {"username": "alice", "exp": "2026-11-21-10-00-30-+0000"}
    token = jwt.encode({"payload": json.dumps(claims)}, SECRET, "HS256")
    moved = tokens.signed_anew(token, secret=SECRET, seconds=-60)
    payload = json.loads(jwt.decode(moved, SECRET, ["HS256"])["payload"])
    assert payload == {"username": "alice", "exp": "2026-11-21-09-59-30-+0000"}
