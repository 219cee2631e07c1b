"""Of many logouts of one session at once, the database undid some, and they were not answered.

On MariaDB each that finds the blacklist row there holds it for reading. Two that then want to write
it wait for each other, although there is nothing to write.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revocation.models import RevokedToken
from tests.client import LOGOUT

pytestmark = pytest.mark.django_db


def test_whoever_finds_it_revoked_writes_nothing_there(graphql, alice):
    client = graphql.bearing(graphql.sign_in())
    client(LOGOUT)

    with CaptureQueriesContext(connection) as captured:
        client(LOGOUT)

    table = RevokedToken._meta.db_table
    written = [query["sql"] for query in captured if re.match(rf"UPDATE \W{table}", query["sql"])]
    assert written == []
    assert any(re.match(rf"INSERT .*{table}", query["sql"]) for query in captured)
