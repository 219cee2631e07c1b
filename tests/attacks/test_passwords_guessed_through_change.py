"""A stolen access token must not be a means to guess the password, a hundred at a time."""

import pytest

from tests.client import PASSWORD

pytestmark = pytest.mark.django_db


def guess(alias, password):
    new = "an entirely different one"
    return f'{alias}: changePassword(oldPassword: "{password}", newPassword: "{new}") {{ ok }}'


def test_of_many_aliases_none_is_compared(graphql, alice):
    stolen = graphql.bearing(graphql.sign_in())

    answer = stolen(f"mutation {{ {guess('a', 'wrong')} {guess('b', PASSWORD)} }}")

    assert answer.reasons == ["ONE_PER_REQUEST"]


def test_of_a_batch_none_is_compared(graphql, alice):
    stolen = graphql.bearing(graphql.sign_in())
    entries = [{"query": f"mutation {{ {guess('a', text)} }}"} for text in ("wrong", PASSWORD)]

    answer = stolen.post(entries)

    assert [entry["errors"][0]["extensions"].get("reason") for entry in answer.body] == [
        "ONE_PER_REQUEST",
        "ONE_PER_REQUEST",
    ]
