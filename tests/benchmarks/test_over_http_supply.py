"""Tokens for a window of load, and the questions after it."""

from types import SimpleNamespace

import pytest

from benchmarks.http import Answer
from benchmarks.over_http import supply
from benchmarks.over_http.proof import Unfaithful
from benchmarks.over_http.supply import Entry
from benchmarks.over_http.tasks import TASKS
from benchmarks.over_http.wrk import Aim
from benchmarks.tokens import Tokens

ASKED = [Tokens("kept", "kept")]


def entry(task, *, brought=()):
    answer = Answer(200, {}, b'{"token": "eyJ.new.signature"}')
    served = SimpleNamespace(
        name="ours",
        post=lambda body: answer,
        sign_in_body=lambda: b"{}",
        sign_in=iter(brought).__next__,
    )
    return Entry(Aim(served, TASKS[task], ""), Prover(), ASKED)


class Prover:
    def __init__(self):
        self.asked = []

    def ensure_effect(self, task, *, sent, brought):
        self.asked.append((list(sent), list(brought)))


def pairs(count):
    return [Tokens(f"a{number}", f"r{number}") for number in range(count)]


def seen(requests, *, wrong=0):
    return SimpleNamespace(requests=requests, wrong=wrong, sample="500 oops")


def test_queries_are_sent_with_the_same_tokens_and_sign_ins_with_none():
    assert entry("me").supply(connections=2, logouts=3) == ASKED
    assert entry("sign-in").supply(connections=2, logouts=3) == []


def test_a_refresh_has_a_session_for_each_connection():
    assert entry("refresh", brought=pairs(9)).supply(connections=2, logouts=3) == pairs(2)


def test_a_logout_has_so_many_sessions_signed_in_under_load(monkeypatch):
    loads = []

    def load(aim, tokens, **limits):
        loads.append((aim.task, aim.expected, limits["requests"]))
        return seen(3), pairs(3)

    monkeypatch.setattr(supply, "load", load)
    assert entry("logout").supply(connections=2, logouts=3) == pairs(3)
    assert loads == [(TASKS["sign-in"], '{"token": "<token>"}', 3)]


def test_sign_ins_that_fail_before_a_logout_are_found_out(monkeypatch):
    monkeypatch.setattr(supply, "load", lambda *_, **__: (seen(3), pairs(2)))
    with pytest.raises(Unfaithful, match=r"ours signs in 2 of 3\. 500 oops"):
        entry("logout").supply(connections=2, logouts=3)


def test_after_a_logout_the_first_is_asked_about_and_one_that_was_answered_for_sure():
    logout = entry("logout")
    logout.ensure_effect(pairs(9), [], seen(6), connections=2)
    assert logout.prover.asked == [([pairs(9)[0], pairs(9)[4]], [])]


@pytest.mark.parametrize("task", ["sign-in", "refresh"])
def test_after_a_sign_in_or_a_refresh_the_last_that_was_brought_is_asked_about(task):
    asked = entry(task)
    asked.ensure_effect(pairs(2), pairs(5), seen(5), connections=2)
    assert [brought for _, brought in asked.prover.asked] == [[pairs(5)[-1]]]


@pytest.mark.parametrize(("task", "wrong"), [("me", 0), ("logout", 1)])
def test_nothing_is_asked_of_queries_nor_where_answers_were_wrong_anyway(task, wrong):
    asked = entry(task)
    asked.ensure_effect(pairs(2), [], seen(2, wrong=wrong), connections=2)
    assert asked.prover.asked == []
