"""Listing one's sessions a hundred times in a request costs what listing them once costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def statements(client, aliases):
    fields = " ".join(f"a{number}: sessions {{ id }}" for number in range(aliases))
    with CaptureQueriesContext(connection) as captured:
        assert client(f"{{ {fields} }}").data
    return len(captured)


def test_aliases_ask_the_database_no_more_often(graphql, alice):
    client = graphql.bearing(graphql.sign_in())

    assert statements(client, 100) == statements(client, 1)
