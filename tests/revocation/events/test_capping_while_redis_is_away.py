"""A sign-in with `MAX_SESSIONS` while Redis does not answer.

To tell Redis whom it signs out takes until every lease is over, and only one thread of a process
waits for that. Had the others answered that nothing is known for certain, the sign-in would have
failed and ended a session all the same; tried again, it would have ended them all.
"""

import pytest
from django.db import connection

from revocation import sessions
from revocation.capping import SignIn
from revocation.models import RevokedToken, Session
from revocation.tokens import read_access
from tests.client import ME, PASSWORD, SIGN_IN
from tests.revocation.on_redis import age, copied, renew
from tests.revocation.verdicts import judged
from tests.servers import ValkeyServer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.revocation.boom_urls"),
]


@pytest.fixture
def server():
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def store(on_redis, server):
    return on_redis(server.url, MAX_SESSIONS=1)


@pytest.mark.parametrize("atomic", [False, True], ids=["", "ATOMIC_REQUESTS"])
def test_it_works_and_waits_for_nobody(store, server, graphql, alice, monkeypatch, atomic):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    first = graphql.sign_in()
    server.kill()

    # Somebody else waits until every lease is over.
    with store._waiting:
        answer = graphql(SIGN_IN, username="alice", password=PASSWORD)

    assert answer.reasons == []
    token = answer.data["tokenAuth"]["token"]
    assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}
    assert judged(first.access) == "TOKEN_REVOKED"
    assert Session.objects.unended().count() == 1


@pytest.mark.parametrize("atomic", [False, True], ids=["", "ATOMIC_REQUESTS"])
def test_whoever_renews_the_lease_copies_whom_it_signed_out(
    store, server, graphql, alice, monkeypatch, atomic
):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic)
    first = graphql.sign_in()
    server.freeze()
    graphql.sign_in()
    server.thaw()

    age(server)
    renew(store)

    assert copied(server, read_access(first.access).sid)


def test_a_row_written_long_before_is_stamped_anew(store, server, alice):
    """Made again after a long request it may be older than what is copied."""
    pair = sessions.open_session(alice)
    sid = read_access(pair.access_token).sid
    sessions.open_session(alice)
    [row] = RevokedToken.objects.all()
    RevokedToken.objects.update(revoked_at=row.revoked_at.replace(year=2020))
    server.kill()

    newest = Session.objects.unended().get()
    SignIn(newest, sessions.end_rows, [sid]).write_again()

    assert RevokedToken.objects.get(pk=sid).revoked_at >= row.revoked_at
