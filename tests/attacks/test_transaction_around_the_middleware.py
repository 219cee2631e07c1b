"""A transaction that some middleware opens around ours must not undo what the answer says."""

import pytest
from django.db import transaction

from revocation import sessions
from tests.client import LOGOUT, ME

pytestmark = pytest.mark.django_db(transaction=True)


class AroundEverything:
    """Middleware of a project: one transaction for the whole request, rolled back at its end."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with transaction.atomic():
            response = self.get_response(request)
            if "X-Roll-Back" in request.headers:
                transaction.set_rollback(True)
        return response


def test_a_logout_that_it_undoes_was_not_acknowledged(graphql, alice, settings):
    settings.MIDDLEWARE = [f"{__name__}.AroundEverything", *settings.MIDDLEWARE]
    token = sessions.open_session(alice).access_token
    client = graphql.bearing(token)
    client.headers["X-Roll-Back"] = "yes"

    acknowledged = client(LOGOUT).body.get("data") == {"logout": {"ok": True}}

    is_refused = graphql.bearing(token)(ME).body["data"] == {"me": None}
    assert is_refused or not acknowledged
