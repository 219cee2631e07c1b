"""Contenders that are not what they say have no cost worth telling."""

import json
from io import BytesIO

import jwt
import pytest

from benchmarks.contenders import Contender
from benchmarks.http import Answer
from benchmarks.proof import Unfaithful, ensure_still_revoking, enter
from benchmarks.rounds import measure
from benchmarks.work import Work

WORK = Work("me", "{ me { id } }", {"me": {"id": "1"}})
SECRET = "a secret of forty bytes, as HS256 wants it"
DATA = {"data": WORK.expected}


class Body(BytesIO):
    """An answer; it is a server's duty to close it."""


class Honest(Contender):
    """Keeps its tokens in memory."""

    name = "honest"
    summary = "for tests"
    is_revoking = True
    settings = {}

    def __init__(self):
        self.live = set()
        self.closed = []

    def build(self):
        return self.serve

    def sign_in(self, application, user):
        token = jwt.encode({"jti": str(len(self.live))}, SECRET, "HS256")
        self.live.add(token)
        return token

    def expired_token(self, user):
        return "expired"

    def revoke(self, application, token):
        self.live.remove(token)

    def ensure_faithful(self, headers):
        assert headers == {"Server": "honest"}

    def serve(self, environ, start_response):
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        start_response("200 OK", [("Server", "honest")])
        refused = {"data": {"me": None}, "errors": [{"message": "refused"}]}
        self.closed.append(Body(json.dumps(DATA if self.admits(token) else refused).encode()))
        return self.closed[-1]

    def admits(self, token):
        return token in self.live


class Open(Honest):
    def admits(self, token):
        return True


class Timeless(Honest):
    def admits(self, token):
        return token == "expired" or super().admits(token)


class Forgetful(Honest):
    def revoke(self, application, token):
        """Do nothing about it."""


class Broken(Honest):
    def admits(self, token):
        return False


@pytest.mark.django_db
def test_an_honest_contender_is_let_in_with_the_reasons_it_gave():
    entry = enter(Honest(), WORK, None, me=WORK)
    assert entry.statements == 0
    assert set(entry.refusals) == {
        "no token",
        "a forged token",
        "an expired token",
        "a revoked token",
    }


@pytest.mark.parametrize(
    ("cheat", "sentence"),
    [
        (Open, "answers no token with"),
        (Timeless, "answers an expired token with"),
        (Forgetful, "answers a revoked token with"),
        (Broken, "answers a good token with"),
    ],
)
def test_a_contender_that_cheats_is_not_measured(cheat, sentence):
    with pytest.raises(Unfaithful, match=sentence):
        enter(cheat(), WORK, None, me=WORK)


@pytest.mark.django_db
def test_a_contender_that_stops_revoking_while_it_is_measured_is_found_out(monkeypatch):
    entry = enter(Honest(), WORK, None, me=WORK)
    monkeypatch.setattr(Honest, "revoke", Forgetful.revoke)
    with pytest.raises(Unfaithful, match="answers a revoked token with"):
        ensure_still_revoking(entry, me=WORK)


@pytest.mark.django_db
def test_a_contender_that_answers_otherwise_while_it_is_measured_is_found_out():
    entry = enter(Honest(), WORK, None, me=WORK)
    entry.contender.live.clear()
    with pytest.raises(Unfaithful, match="answered differently while it was measured"):
        measure([entry], rounds=1, requests=1, on_round=bool)


@pytest.mark.django_db
def test_every_request_is_served_to_its_end():
    entry = enter(Honest(), WORK, None, me=WORK)
    entry.contender.closed.clear()
    measure([entry], rounds=2, requests=3, on_round=bool)
    assert len(entry.contender.closed) >= 6
    assert all(body.closed for body in entry.contender.closed)


def test_rounds_are_interleaved_and_each_contender_comes_first_in_turn(monkeypatch):
    served = []
    names = ("first", "second", "third")
    entries = [type("Entry", (), {"name": name, "work": WORK}) for name in names]
    monkeypatch.setattr("benchmarks.rounds._batch", lambda entry, _: served.append(entry.name))
    measure(entries, rounds=2, requests=1, on_round=bool)
    assert served == ["first", "second", "third", "second", "third", "first"]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, {"data": {"me": None}, "errors": [{"message": "No"}]}, "No"),
        (200, {"errors": [{"message": "No", "extensions": {"reason": "R"}}]}, "R"),
        (403, {"detail": "No"}, "No"),
        (200, {"data": {"me": {"id": "1"}}, "errors": [{"message": "No"}]}, None),
        (200, {"data": {"me": None}}, None),
        (500, {"errors": [{"message": "Internal server error"}]}, None),
    ],
)
def test_only_an_error_without_data_is_a_refusal(status, body, reason):
    assert WORK.refusal(Answer(status, {}, json.dumps(body).encode())) == reason


def test_a_failure_told_as_a_page_is_no_refusal():
    assert WORK.refusal(Answer(500, {}, b"<h1>Server Error</h1>")) is None
