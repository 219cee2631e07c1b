"""An answer that carries tokens must say that no cache may keep it, whichever view made it."""

import pytest

from tests.client import PASSWORD, REFRESH, SIGN_IN

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]


def test_a_sign_in_is_not_to_be_stored(graphql, alice):
    answer = graphql(SIGN_IN, username="alice", password=PASSWORD)

    assert answer.headers.get("Cache-Control") == "no-store"


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_that_commits_by_itself_is_not_to_be_stored(graphql, alice):
    answer = graphql(SIGN_IN, username="alice", password=PASSWORD)

    assert answer.headers.get("Cache-Control") == "no-store"


@pytest.mark.django_db(transaction=True)
def test_a_refresh_that_commits_by_itself_is_not_to_be_stored(graphql, alice):
    tokens = graphql.sign_in()

    assert graphql(REFRESH, token=tokens.refresh).headers.get("Cache-Control") == "no-store"
