"""Two logouts that name the same two sessions the other way round must not wait for each other.

On PostgreSQL under `ATOMIC_REQUESTS` they deadlock for a second, until one of them is undone.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.client import Tokens

pytestmark = pytest.mark.django_db

LOGOUT_BOTH = "mutation ($other: String) { logout(refreshToken: $other) { ok } }"


@pytest.mark.parametrize("order", [1, -1])
def test_sessions_are_ended_in_the_order_of_their_ids(graphql, alice, order):
    by_header, by_argument = sorted((graphql.sign_in(), graphql.sign_in()), key=sid)[::order]

    with CaptureQueriesContext(connection) as captured:
        graphql.bearing(by_header)(LOGOUT_BOTH, other=by_argument.refresh)

    assert ended_in(captured) == sorted([sid(by_header), sid(by_argument)])


def sid(tokens: Tokens) -> str:
    return tokens.payload["sid"]


def ended_in(captured):
    """Return the ids of the sessions that were updated, in order."""
    updates = [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]
    return list(dict.fromkeys(re.findall("'([0-9a-f]{32})'", " ".join(updates))))
