"""A neighbour that fails undoes the session a legacy token was just given, and with it, perhaps,
the logout that the very same request reports.
"""

import pytest
from django.db import connection

from revocation.models import Session
from tests.client import ME
from tests.revocation.legacy.old_world import (
    access_token,
    in_force,
    simplejwt_token,
    without_refresh_tokens,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]

EXCHANGE = "refreshToken(refreshToken: $t) { token refreshToken }"
LOGOUT_BY = "logout(refreshToken: $t) { ok }"
REVOKE = "revokeToken(refreshToken: $t) { revoked }"
NEIGHBOURS = ["boom", "breakTransaction"]


@pytest.fixture(autouse=True)
def _atomic(alice, settings, monkeypatch):
    settings.REVOCATION = in_force()
    settings.GRAPHQL_JWT = without_refresh_tokens(settings.GRAPHQL_JWT)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


@pytest.fixture(params=["simplejwt", "keep-alive"])
def token(request, alice):
    return (
        simplejwt_token(alice, "refresh") if request.param == "simplejwt" else access_token(alice)
    )


@pytest.mark.parametrize("fields", ["logout { ok } boom", "boom logout { ok }"])
def test_a_logout_with_a_token_that_nobody_had_seen_holds(graphql, alice, fields):
    client = graphql.bearing(access_token(alice))

    assert client(f"mutation {{ {fields} }}").body["data"]["logout"] == {"ok": True}

    assert client(ME).reason == "TOKEN_REVOKED"


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_an_exchange_holds_row_and_tokens(graphql, token, neighbour):
    answer = graphql(f"mutation ($t: String) {{ {EXCHANGE} {neighbour} }}", t=token)

    payload = answer.body["data"]["refreshToken"]
    assert graphql.bearing(payload["token"])(ME).data
    assert graphql.refresh(token).refresh == payload["refreshToken"]
    assert Session.objects.get().generation == 1


def test_an_exchange_in_a_broken_transaction_gives_nothing_and_loses_nothing(graphql, token):
    answer = graphql(f"mutation ($t: String) {{ breakTransaction {EXCHANGE} }}", t=token)

    assert "SERVICE_UNAVAILABLE" in str(answer.body)
    assert graphql.bearing(graphql.refresh(token))(ME).data


@pytest.mark.parametrize("verb", [LOGOUT_BY, REVOKE])
@pytest.mark.parametrize("neighbour", NEIGHBOURS)
def test_what_revokes_it_holds(graphql, token, verb, neighbour):
    answer = graphql(f"mutation ($t: String) {{ {verb} {neighbour} }}", t=token)
    assert not any("SERVICE_UNAVAILABLE" in str(error) for error in answer.body["errors"])

    assert graphql.try_refresh(token).reason == "SESSION_ENDED"


@pytest.mark.parametrize("verb", [LOGOUT_BY, REVOKE])
def test_what_revokes_it_in_a_broken_transaction_holds_or_says_it_does_not(graphql, token, verb):
    answer = graphql(f"mutation ($t: String) {{ breakTransaction {verb} }}", t=token)

    is_said = "SERVICE_UNAVAILABLE" in str(answer.body)
    assert is_said or graphql.try_refresh(token).reason == "SESSION_ENDED"


def test_a_query_beside_a_failing_field_gives_the_token_its_session(graphql, alice):
    client = graphql.bearing(access_token(alice))
    client("mutation { checked boom }")

    assert client(ME).data
    assert Session.objects.count() == 1


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
@pytest.mark.parametrize("verb", ["logoutAll", "logoutAll(exceptCurrent: true)"])
def test_who_logs_out_everywhere_is_rid_of_a_token_that_nobody_had_seen(
    graphql, alice, verb, neighbour
):
    unseen = access_token(alice)
    caller = graphql.bearing(graphql.sign_in())

    caller(f"mutation {{ {verb} {{ ended }} {neighbour} }}")

    assert graphql.bearing(unseen)(ME).reason == "TOKEN_REVOKED"
