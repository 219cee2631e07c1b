"""Guesses that cost nothing: each sent as the SHA-256 of the sign-in somebody may have written out.

A text that a worker has parsed can be named by its hash. A hash that nobody knows is no wrong
password and is not counted, so one that is known would tell a password among any number of guesses.
"""

import hashlib

import pytest

from tests.client import PASSWORD

pytestmark = pytest.mark.django_db

WRITTEN_OUT = f'mutation {{ tokenAuth(username: "alice", password: "{PASSWORD}") {{ token }} }}'
CHANGE = f'mutation {{ changePassword(oldPassword: "{PASSWORD}", newPassword: "") {{ ok }} }}'


def by_hash(text):
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("text", [WRITTEN_OUT, CHANGE, f"query A {{ version }} {WRITTEN_OUT}"])
@pytest.mark.parametrize("more", [{}, "named"])
def test_the_right_one_is_answered_as_any_other(graphql, text, more):
    graphql.post({"query": text} | (by_hash(text) if more else {}))

    guesses = [by_hash(text), by_hash(text.replace("horse", "zebra"))]

    assert [graphql.post(guess).reason for guess in guesses] == ["PERSISTED_QUERY_NOT_FOUND"] * 2
