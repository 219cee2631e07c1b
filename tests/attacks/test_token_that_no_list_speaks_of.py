"""A token without a place in a status list: a service that lets such tokens in honours no logout.

With lists, each new token has one: also that of a session from before, or of one whose place was
given up with a single revoked token, by whichever way it goes on.
"""

import pytest
from django.db import connection

from revocation import blacklist, guard, sessions
from revocation.contrib.graphql_jwt import handlers
from revocation.keepalive import keep_alive
from revocation.models import Session
from revocation.tokens import read_access, read_refresh
from tests.revocation import status
from tests.revocation.status import claims_of, entry_of, is_invalid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _served(settings):
    settings.GRAPHQL_JWT = status.KEYS
    settings.REVOCATION = settings.REVOCATION | status.ON


@pytest.fixture
def before(alice, settings):
    """A pair of a session that was opened, and refreshed, before there were lists."""
    lists, settings.REVOCATION = settings.REVOCATION, {}
    first = sessions.open_session(alice)
    sessions.rotate(read_refresh(first.refresh_token))
    settings.REVOCATION = lists
    return first


def kept_alive(pair):
    return keep_alive(read_access(pair.access_token))


def told_again(pair):
    return sessions.rotate(read_refresh(pair.refresh_token))


WAYS = pytest.mark.parametrize("go_on", [kept_alive, told_again], ids=lambda way: way.__name__)


@WAYS
def test_a_session_from_before_gets_one(before, go_on):
    newer = go_on(before)

    assert not is_invalid(newer.access_token)
    assert entry_of(go_on(before).access_token) == entry_of(newer.access_token)
    sessions.end(read_access(newer.access_token))
    assert is_invalid(newer.access_token)


@WAYS
def test_a_session_that_gave_up_its_own_gets_another(alice, go_on):
    issued = sessions.open_session(alice)
    newest = sessions.rotate(read_refresh(issued.refresh_token))
    blacklist.revoke_token(read_access(newest.access_token))

    newer = go_on(issued)

    assert is_invalid(newest.access_token)
    assert entry_of(newer.access_token) != entry_of(newest.access_token)
    assert not is_invalid(newer.access_token)
    assert guard.judge(newer.access_token)


def test_two_that_go_on_at_once_get_the_same_one(before, monkeypatch):
    """Each has found the session without one; what the first was given stands."""
    load = sessions.load
    others = [lambda: told_again(before)]
    found = []

    def load_and_let_another_come_first(*args, **kwargs):
        session = load(*args, **kwargs)
        if others and session.generation == 1:
            found.append(others.pop()())
        return session

    monkeypatch.setattr(sessions, "load", load_and_let_another_come_first)
    pair = told_again(before)

    [other] = found
    assert entry_of(pair.access_token) == entry_of(other.access_token)
    assert not is_invalid(other.access_token)


@pytest.mark.django_db(transaction=True)
def test_what_a_rollback_has_undone_is_given_again(graphql, before, settings, monkeypatch):
    settings.ROOT_URLCONF = "tests.revocation.boom_urls"
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    answer = graphql(
        "mutation ($t: String) { refreshToken(refreshToken: $t) { token } boom }",
        t=before.refresh_token,
    )

    token = answer.body["data"]["refreshToken"]["token"]
    assert not is_invalid(token)
    sessions.end(read_access(token))
    assert is_invalid(token)


class TestHandlers:
    """Claims of a project's own, added to what the handlers of django-graphql-jwt were given."""

    def test_do_not_take_it_away(self, alice):
        payload = handlers.payload(alice)

        for wrong in ("gold", None, {"status_list": {"idx": 1, "uri": f"{status.URL}/0"}}):
            with pytest.raises(Exception, match="cannot be set by hand"):
                handlers.encode(_with(payload, status=wrong))
        assert entry_of(handlers.encode(payload))

    def test_say_what_they_like_where_there_are_no_lists(self, alice, settings):
        settings.REVOCATION = {}
        payload = handlers.payload(alice)

        assert claims_of(handlers.encode(_with(payload, status="gold")))["status"] == "gold"
        assert not Session.objects.filter(status_position__isnull=False).exists()


def _with(payload, **claims):
    changed = handlers.IssuedPayload(payload.issued)
    changed.update(claims)
    return changed
