"""A copy of a user, deleted from another database, is not the user."""

import pytest
from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete

from tests.client import ME

pytestmark = pytest.mark.django_db


def test_deleting_an_archived_copy_signs_nobody_out(graphql, alice):
    tokens = graphql.sign_in()

    # What Django sends for `User.objects.using("archive").get(…).delete()`.
    post_delete.send(get_user_model(), instance=alice, using="archive", origin=alice)

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
