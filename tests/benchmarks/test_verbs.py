"""Signing in, refreshing and logging out, where each request has tokens of its own."""

import json
from io import BytesIO

import jwt
import pytest

from benchmarks.contenders import Contender
from benchmarks.http import post
from benchmarks.proof import Unfaithful, enter
from benchmarks.rounds import measure
from benchmarks.work import Logout, Refresh, SignIn, Work

SECRET = "a secret of forty bytes, as HS256 wants it"
ME = Work("me", "{ me { id } }", {"me": {"id": "1"}})


class Signing(Contender):
    """Keeps its sessions in memory; one token is for access and refresh."""

    name = "signing"
    summary = "for tests"
    settings = {}

    def __init__(self):
        self.live = {}
        self.served = []

    def build(self):
        return self.serve

    def expired_token(self, user):
        return "expired"

    def ensure_faithful(self, headers):
        """Nothing to look at."""

    def sign_in_request(self):
        return post("/sign-in", b"")

    def refresh_request(self, tokens):
        return post("/refresh", b"", authorization=tokens.refresh)

    def logout_request(self, tokens):
        return post("/logout", b"", authorization=tokens.access)

    def serve(self, environ, start_response):
        path, token = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")
        self.served.append((path, token))
        start_response("200 OK", [])
        data = self.answer(path, token.removeprefix("Bearer "))
        return BytesIO(json.dumps(data).encode())

    def answer(self, path, token):
        match path:
            case "/sign-in":
                return {"data": {"tokenAuth": {"token": self.new()}}}
            case "/refresh" if self.may_refresh(token):
                return {"data": {"refreshToken": {"token": self.new()}}}
            case "/logout":
                self.live[token] = False
                return {"data": {"logout": {"ok": True}}}
            case "/graphql" if token in self.live:
                return {"data": ME.expected}
        return {"data": None, "errors": [{"message": "refused"}]}

    def new(self):
        token = jwt.encode({"jti": str(len(self.live))}, SECRET, "HS256")
        self.live[token] = True
        return token

    def may_refresh(self, token):
        return self.live.get(token)


class Undead(Signing):
    def may_refresh(self, token):
        return token in self.live


class Tired(Signing):
    """Refreshes so many times."""

    left = 2

    def may_refresh(self, token):
        self.left -= 1
        return self.left >= 0


@pytest.mark.django_db
@pytest.mark.parametrize(("verb", "path"), [(Refresh(), "/refresh"), (Logout(), "/logout")])
def test_no_two_measured_requests_share_their_tokens(verb, path):
    contender = Signing()
    entry = enter(contender, verb, None, me=ME)
    contender.served.clear()
    measure([entry], rounds=2, requests=10, on_round=bool)
    sent = [token for where, token in contender.served if where == path]
    # Two of ten are measured, since the work is five times that of a query, and two warm up.
    assert len(sent) == len(set(sent)) == 2 * (2 + 2)


@pytest.mark.django_db
def test_only_the_verb_itself_is_asked_once_it_is_measured():
    contender = Signing()
    entry = enter(contender, SignIn(), None, me=ME)
    contender.served.clear()
    measure([entry], rounds=1, requests=5, on_round=bool)
    assert [path for path, _ in contender.served] == ["/sign-in"] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(("contender", "is_ending"), [(Undead, True), (Signing, False)])
def test_a_refresh_after_a_logout_goes_as_the_contender_says(monkeypatch, contender, is_ending):
    monkeypatch.setattr(contender, "is_ending_sessions", is_ending)
    with pytest.raises(Unfaithful, match="answers a refresh after a logout with"):
        enter(contender(), Logout(), None, me=ME)


@pytest.mark.django_db
def test_a_refresh_that_brings_nothing_is_found_out_while_it_is_measured():
    entry = enter(Tired(), Refresh(), None, me=ME)
    with pytest.raises(Unfaithful, match="answered differently while it was measured"):
        measure([entry], rounds=1, requests=10, on_round=bool)
