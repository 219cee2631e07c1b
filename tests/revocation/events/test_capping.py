"""A sign-in beyond the most sessions a user may have ends the oldest, and only that does."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone

from revocation import sessions, sign_in
from revocation.errors import InvalidCredentials, TooManyAttempts
from revocation.models import RevokedToken, Session
from revocation.tokens import read_access, read_refresh
from tests.client import ME, PASSWORD, SIGN_IN, GraphQLClient
from tests.revocation.legacy.old_world import access_token, soon
from tests.revocation.on_redis import copied
from tests.revocation.verdicts import judged

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]

NOW = timezone.now().replace(microsecond=0)
HOUR = timedelta(hours=1)
ALICE = {"me": {"username": "alice"}}
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""


@pytest.fixture
def _two(put):
    put(MAX_SESSIONS=2)


@pytest.fixture
def opened(alice):
    """Return what opens a session of alice's so many hours ago."""

    def open_one(hours):
        pair = sessions.open_session(alice)
        Session.objects.filter(pk=sid_of(pair)).update(created_at=NOW - hours * HOUR)
        return pair

    return open_one


def sid_of(pair):
    return read_access(pair.access_token).sid


def verdicts(*pairs):
    return [judged(pair.access_token) for pair in pairs]


def statements_of(act):
    """Return the verbs of the statements by which something is done."""
    verbs = []

    def note(execute, sql, params, many, context):
        verbs.append(sql.split()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    return verbs


@pytest.mark.usefixtures("_two")
class TestOneTooMany:
    def test_the_oldest_ends_whatever_it_was_used_for(self, opened, alice):
        oldest, middle = opened(3), opened(2)
        oldest = sessions.rotate(read_refresh(oldest.refresh_token))

        newest = sessions.open_session(alice)

        assert verdicts(oldest, middle, newest) == ["TOKEN_REVOKED", "good", "good"]

    def test_whoever_it_was_is_told_so_at_once(self, graphql, alice):
        tokens = [graphql.sign_in() for _ in range(3)]

        assert graphql.bearing(tokens[0])(ME).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(tokens[0]).reason == "SESSION_ENDED"
        for pair in tokens[1:]:
            assert graphql.bearing(pair)(ME).data == ALICE
            assert graphql.refresh(pair).access

    def test_it_ends_as_by_a_logout(self, opened, alice):
        oldest = opened(3)
        opened(2)

        sessions.open_session(alice)

        assert RevokedToken.objects.get().key == sid_of(oldest)
        assert Session.objects.get(pk=sid_of(oldest)).ended_at is not None

    def test_nobody_elses_do(self, opened, alice, make_user):
        bob = make_user("bob")
        theirs = [sessions.open_session(bob), sessions.open_session(bob)]

        opened(1), opened(0)
        sessions.open_session(alice)

        assert verdicts(*theirs) == ["good", "good"]

    def test_a_number_that_was_lowered_holds_from_the_next_sign_in_on(self, opened, alice, put):
        put(MAX_SESSIONS=None)
        pairs = [opened(hours) for hours in (5, 4, 3, 2)]
        put(MAX_SESSIONS=2)
        assert verdicts(*pairs) == ["good"] * 4

        newest = sessions.open_session(alice)

        assert verdicts(*pairs, newest) == ["TOKEN_REVOKED"] * 3 + ["good"] * 2

    def test_of_one_session_the_new_one_is_it(self, opened, alice, put):
        put(MAX_SESSIONS=1)
        older = opened(1)
        # Its clock runs ahead: who signed in last is not who came last by the clocks.
        ahead = opened(-1)
        assert verdicts(older) == ["TOKEN_REVOKED"]

        assert verdicts(sessions.open_session(alice), ahead) == ["good", "TOKEN_REVOKED"]

    def test_sign_in_by_another_door_counts(self, opened, alice):
        oldest, middle = opened(3), opened(2)

        newest = sign_in(alice)

        assert verdicts(oldest, middle, newest) == ["TOKEN_REVOKED", "good", "good"]


@pytest.mark.usefixtures("_two")
class TestWhatCounts:
    def expired(session):
        session.update(expires_at=NOW - HOUR, access_expires_at=NOW - HOUR)

    def ended(session):
        sessions.end_by_id(session.get().pk)

    def of_another_password(session):
        session.update(fingerprint="0" * 64)

    @pytest.mark.parametrize(
        "leave", [expired, ended, of_another_password], ids=lambda leave: leave.__name__
    )
    def test_what_is_dead_takes_nobodys_place(self, opened, alice, leave):
        oldest, dead = opened(3), opened(2)
        leave(Session.objects.filter(pk=sid_of(dead)))

        newest = sessions.open_session(alice)

        assert verdicts(oldest, newest) == ["good", "good"]

    def test_nor_does_what_was_idle_for_too_long(self, opened, alice, put):
        put(IDLE_TIMEOUT=HOUR)
        oldest, idle = opened(3), opened(2)
        long_ago = {"rotated_at": NOW - 2 * HOUR, "access_expires_at": NOW - HOUR}
        Session.objects.filter(pk=sid_of(idle)).update(**long_ago)

        sessions.open_session(alice)

        assert verdicts(oldest) == ["good"]

    def test_nor_does_what_expired_before_it_was_idle(self, opened, alice, put):
        put(IDLE_TIMEOUT=2 * HOUR)
        oldest, expired = opened(3), opened(2)
        ends = {"expires_at": NOW - HOUR, "access_expires_at": NOW - HOUR}
        Session.objects.filter(pk=sid_of(expired)).update(**ends)

        sessions.open_session(alice)

        assert verdicts(oldest) == ["good"]

    def test_an_access_token_alone_keeps_a_session_counted(self, opened, alice):
        """Its refresh token has expired, and it still opens every door."""
        oldest = opened(3)
        Session.objects.update(expires_at=NOW - HOUR)
        opened(2)

        sessions.open_session(alice)

        assert verdicts(oldest) == ["TOKEN_REVOKED"]

    def test_a_changed_password_opens_one_in_place_of_another(self, graphql, alice, put):
        put(END_ON_PASSWORD_CHANGE=False)
        mine, other = graphql.sign_in(), graphql.sign_in()

        change = graphql.bearing(mine)(CHANGE, old=PASSWORD, new="an entirely different one")

        assert graphql.bearing(change.data["changePassword"]["token"])(ME).data == ALICE
        assert graphql.bearing(other)(ME).data == ALICE

    def test_a_legacy_token_ends_none_and_counts_at_the_next_sign_in(
        self, graphql, alice, put, opened
    ):
        put(ACCEPT_LEGACY_UNTIL=soon())
        pairs, legacy = [opened(3), opened(2)], access_token(alice)

        assert graphql.bearing(legacy)(ME).data == ALICE
        assert verdicts(*pairs) == ["good", "good"]

        newest = sessions.open_session(alice)
        assert verdicts(*pairs, newest) == ["TOKEN_REVOKED", "TOKEN_REVOKED", "good"]
        assert graphql.bearing(legacy)(ME).data == ALICE


@pytest.mark.usefixtures("_two")
class TestASignInThatFails:
    @pytest.fixture
    def pairs(self, opened):
        return [opened(3), opened(2)]

    def wrong_password(alice):
        GraphQLClient(Client())(SIGN_IN, username="alice", password="wrong")

    def inactive(alice):
        alice.is_active = False
        with pytest.raises(InvalidCredentials):
            sign_in(alice)

    def re_passworded_since(alice):
        stale = get_user_model().objects.get(pk=alice.pk)
        stale.password = make_password("the one before")
        with pytest.raises(InvalidCredentials):
            sessions.open_session(stale)

    def deactivated_since(alice):
        users = get_user_model().objects.filter(pk=alice.pk)
        users.update(is_active=False)
        with pytest.raises(InvalidCredentials):
            sessions.open_session(alice)
        users.update(is_active=True)

    def too_many_attempts(alice):
        for _ in range(10):
            TestASignInThatFails.wrong_password(alice)
        answer = GraphQLClient(Client())(SIGN_IN, username="alice", password=PASSWORD)
        assert answer.reason == TooManyAttempts.reason

    @pytest.mark.parametrize(
        "fail",
        [wrong_password, inactive, re_passworded_since, deactivated_since, too_many_attempts],
        ids=lambda fail: fail.__name__,
    )
    def test_ends_nobodys_session(self, pairs, alice, fail):
        fail(alice)

        assert verdicts(*pairs) == ["good", "good"]
        assert not RevokedToken.objects.exists()


class TestTheCost:
    INSERT = ["SAVEPOINT", "SELECT", "INSERT", "RELEASE"]

    def test_off_it_costs_nothing(self, opened, alice):
        opened(1)

        assert statements_of(lambda: sessions.open_session(alice)) == self.INSERT

    def test_on_it_costs_a_look(self, opened, alice, put):
        put(MAX_SESSIONS=2)
        opened(1)

        verbs = statements_of(lambda: sessions.open_session(alice))

        assert verbs == ["SAVEPOINT", "SELECT", "INSERT", "SELECT", "RELEASE"]

    def test_and_a_logout_where_something_is_to_end_however_much(self, opened, alice, put):
        for hours in range(30):
            opened(hours)
        put(MAX_SESSIONS=2)

        verbs = statements_of(lambda: sessions.open_session(alice))

        locking = ["SELECT"] * connection.features.has_select_for_update
        end = [*locking, "UPDATE", "SELECT", "INSERT"]
        assert verbs == ["SAVEPOINT", "SELECT", "INSERT", "SELECT", *end, "RELEASE"]
        assert Session.objects.unended().count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.revocation.boom_urls")
class TestOnRedis:
    @pytest.fixture
    def store(self, on_redis, valkey):
        return on_redis(valkey.url, MAX_SESSIONS=1)

    def test_whoever_is_signed_out_is_refused_by_redis_alone(self, store, graphql, alice, valkey):
        first = graphql.sign_in()
        assert graphql.bearing(first)("mutation { checked }").data == {"checked": "checked"}

        graphql.sign_in()

        assert copied(valkey, read_access(first.access).sid)
        assert store.glance(read_access(first.access)) is True
        assert graphql.bearing(first)("mutation { checked }").reason == "TOKEN_REVOKED"
