"""Two sessions with one index in a status list: revoking one would revoke the other, or neither.

A number that is drawn in a request's transaction is undone with it. SQLite draws it once more, for
whoever signs in next, while the token that was made of it is on its way.
"""

import pytest
from django.db import connection

from revocation import sessions
from revocation.models import Session, StatusTicket
from revocation.status_index import _position_of
from revocation.tokens import read_access
from tests.attacks.interleaving import in_between, interleaved
from tests.client import PASSWORD, SIGN_IN
from tests.revocation import status
from tests.revocation.status import is_invalid, position_of

SIGN_IN_AND_BOOM = SIGN_IN.rstrip().removesuffix("}") + " boom }"
REFRESH_AND_BOOM = (
    "mutation ($token: String) { refreshToken(refreshToken: $token) { token refreshToken } boom }"
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.fixture(autouse=True)
def _interleaved(settings, monkeypatch):
    settings.GRAPHQL_JWT = status.KEYS
    settings.REVOCATION = settings.REVOCATION | status.ON
    with interleaved(settings, monkeypatch):
        yield


@pytest.fixture
def bob(make_user):
    return make_user("bob")


@pytest.mark.parametrize("field", ["sign-in", "first refresh"])
@pytest.mark.parametrize("others", [0, 1, 2])
def test_each_session_has_its_own(graphql, alice, bob, settings, field, others):
    lists = settings.REVOCATION
    settings.REVOCATION = {}
    old = sessions.open_session(alice)
    settings.REVOCATION = lists
    found = []
    in_between.append(
        lambda: found.extend(sessions.open_session(bob).access_token for _ in range(others))
    )

    if field == "sign-in":
        answer = graphql(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD)
        given = (answer.body.get("data") or {}).get("tokenAuth")
    else:
        answer = graphql(REFRESH_AND_BOOM, token=old.refresh_token)
        given = (answer.body.get("data") or {}).get("refreshToken")

    # In doubt nobody gets tokens, and may try again.
    assert given or (others and answer.reasons == ["REVOCATION_UNAVAILABLE"])
    if connection.vendor != "sqlite":
        assert given
    tokens = [*found, *([given["token"]] if given else [])]
    assert len({position_of(token) for token in tokens}) == len(tokens)
    assert not any(is_invalid(token) for token in tokens)
    sessions.end_all(bob)
    assert [is_invalid(token) for token in tokens] == [1] * others + [0] * (len(tokens) - others)


def test_a_sign_in_that_was_made_again_leaves_its_index_to_nobody(graphql, alice, bob):
    # The order of the indexes is known from here on, whatever is undone.
    sessions.open_session(bob)
    answer = graphql(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD)
    given = position_of(answer.body["data"]["tokenAuth"]["token"])
    Session.objects.all().delete()

    later = {position_of(sessions.open_session(bob).access_token) for _ in range(3)}

    assert given not in later


def test_an_index_that_somebody_has_is_passed_over(alice, bob):
    """Rows may come from elsewhere: from another database's dump, say."""
    last = StatusTicket.objects.create().pk
    taken = {_position_of(last + ahead) for ahead in range(1, 4)}
    for position in taken:
        pair = sessions.open_session(alice)
        StatusTicket.objects.filter(pk__gt=last).delete()
        Session.objects.filter(pk=read_access(pair.access_token).sid).update(
            status_position=position
        )
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = %s WHERE name = 'revocation_statusticket'", [last]
            )

    assert position_of(sessions.open_session(bob).access_token) not in taken


def test_nobody_is_kept_from_signing_in_afterwards(graphql, alice, bob):
    """The number that was drawn again is passed over."""
    in_between.append(lambda: sessions.open_session(bob))
    graphql(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD)

    later = [sessions.open_session(bob).access_token for _ in range(3)]

    assert len({position_of(token) for token in later}) == 3
    positions = Session.objects.values_list("status_position", flat=True)
    assert len(set(positions)) == len(positions)
