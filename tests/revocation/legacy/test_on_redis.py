"""Legacy tokens over the Redis store: revoked there as here, and asked for no more often."""

import pytest

from revocation import sessions
from tests.client import LOGOUT
from tests.revocation.legacy.old_world import access_token, simplejwt_token
from tests.revocation.on_redis import Asked

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]

CHECKED = "mutation { checked }"


@pytest.fixture(autouse=True)
def _on_redis(redis_store):
    pass


def test_once_met_it_costs_one_round_trip_and_no_statement(
    client, valkey, django_assert_num_queries
):
    client(CHECKED)
    client(CHECKED)

    with django_assert_num_queries(0), Asked(valkey) as asked:
        assert client(CHECKED).data == {"checked": "checked"}

    assert asked.count == 1


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_logout_ends_it_however_often_it_was_presented(client, times):
    for _ in range(times):
        client(CHECKED)

    client(LOGOUT)

    assert client(CHECKED).reason == "TOKEN_REVOKED"


@pytest.mark.parametrize("times", [0, 1, 2])
def test_so_does_logging_out_everywhere(client, alice, times):
    for _ in range(times):
        client(CHECKED)

    sessions.end_all(alice)

    assert client(CHECKED).reason == "TOKEN_REVOKED"


def test_a_refresh_token_is_exchanged(graphql, alice):
    pair = graphql.refresh(simplejwt_token(alice, "refresh"))

    assert graphql.bearing(pair)(CHECKED).data
    graphql.bearing(pair)(LOGOUT)
    assert graphql.bearing(pair)(CHECKED).reason == "TOKEN_REVOKED"


def test_a_redis_that_is_gone_costs_nobody_the_session(client, alice, graphql, on_redis):
    on_redis("redis://127.0.0.1:1/0")

    assert client(CHECKED).data
    assert graphql.bearing(access_token(alice))(CHECKED).data
