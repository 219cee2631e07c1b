"""Who logged out everywhere while a device signed in was told to come back later.

`logoutAll` ended what it found, then what had been opened meanwhile: not in the order of the ids.
Somebody who changed the password, or logged out everywhere too, held the second and waited for the
first; on PostgreSQL one of the two was undone after a second, with `SERVICE_UNAVAILABLE`.
"""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revocation.models import RevokedToken, Session

pytestmark = pytest.mark.django_db

LOGOUT_ALL = "mutation { logoutAll { ended } }"


def test_nobody_signs_in_between_what_is_found_and_what_is_ended(graphql, alice):
    tokens = graphql.sign_in()

    with CaptureQueriesContext(connection) as captured:
        assert graphql.bearing(tokens)(LOGOUT_ALL).data == {"logoutAll": {"ended": 1}}

    locking, finding = [sql for sql in selects(captured) if not is_verdict(sql)][:2]
    assert names(get_user_model(), locking)
    assert names(Session, finding)
    assert ("FOR " in locking) == connection.features.has_select_for_update


def selects(captured):
    return [query["sql"] for query in captured if query["sql"].startswith("SELECT")]


def is_verdict(sql):
    return names(RevokedToken, sql)


def names(model, sql):
    return model._meta.db_table in sql
