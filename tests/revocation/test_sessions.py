"""Verbs on sessions: what a sign-in opens, what a refresh moves, what an end ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from revocation import sessions
from revocation.errors import RefreshReused, RefreshUserInactive, SessionEnded, TokenRevoked
from revocation.guard import judge
from revocation.models import RevokedToken, Session
from revocation.tokens import read_access, read_refresh

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
GRACE = timedelta(seconds=10)
A_MOMENT = timedelta(milliseconds=500)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Now is when a test runs: the tokens of when it was collected may have expired by then."""
    monkeypatch.setitem(globals(), "NOW", timezone.now().replace(microsecond=0))


def rotate(refresh_token, *, at=None):
    at = at or NOW
    return sessions.rotate(read_refresh(refresh_token, now=at), now=at)


@pytest.fixture
def pair(alice):
    return sessions.open_session(alice, now=NOW)


class TestOpening:
    def test_each_sign_in_has_a_session_of_its_own(self, alice):
        pairs = [sessions.open_session(alice, now=NOW) for _ in range(100)]

        assert len({pair.access_token for pair in pairs}) == 100
        assert Session.objects.count() == 100

    def test_ending_one_of_a_hundred_leaves_ninety_nine(self, alice):
        pairs = [sessions.open_session(alice) for _ in range(100)]

        sessions.end(read_access(pairs[41].access_token))

        refused = [i for i, pair in enumerate(pairs) if not is_open(pair.access_token)]
        assert refused == [41]

    def test_nothing_stored_is_or_decodes_to_a_token(self, pair):
        stored = " ".join(str(value) for row in Session.objects.values() for value in row.values())

        for text in (pair.access_token, pair.refresh_token):
            assert not any(part in stored for part in text.split("."))

    def test_no_token_outlives_the_session(self, alice, settings):
        settings.REVOCATION = {"SESSION_ABSOLUTE_LIFETIME": timedelta(seconds=100)}

        pair = sessions.open_session(alice, now=NOW)

        assert pair.access_expires_at == NOW + timedelta(seconds=100)
        assert pair.refresh_expires_at == NOW + timedelta(seconds=100)


class TestRotation:
    def test_a_refresh_moves_the_session_by_one_generation(self, pair):
        successor = rotate(pair.refresh_token)

        assert read_refresh(successor.refresh_token).gen == 1
        assert Session.objects.get().generation == 1

    def test_the_old_access_token_stays_good_until_it_expires(self, pair):
        rotate(pair.refresh_token, at=timezone.now())

        assert is_open(pair.access_token)

    def test_a_lost_answer_is_given_again_to_the_letter(self, pair):
        first = rotate(pair.refresh_token)
        again = rotate(pair.refresh_token, at=NOW + GRACE - A_MOMENT)

        assert again.refresh_token == first.refresh_token

    def test_the_window_counts_from_the_rotation_and_never_slides(self, pair):
        rotate(pair.refresh_token)
        for seconds in (3, 6, 9):
            rotate(pair.refresh_token, at=NOW + timedelta(seconds=seconds))

        with pytest.raises(RefreshReused):
            rotate(pair.refresh_token, at=NOW + GRACE + A_MOMENT)

    def test_reuse_after_the_window_kills_the_newest_tokens_too(self, pair):
        newest = rotate(pair.refresh_token, at=timezone.now())

        with pytest.raises(RefreshReused):
            rotate(pair.refresh_token, at=timezone.now() + GRACE + A_MOMENT)

        assert not is_open(newest.access_token)
        with pytest.raises(SessionEnded):
            rotate(newest.refresh_token)

    def test_a_token_older_than_the_predecessor_is_reuse_even_inside_the_window(self, pair):
        second = rotate(pair.refresh_token)
        rotate(second.refresh_token)

        with pytest.raises(RefreshReused):
            rotate(pair.refresh_token)

        assert Session.objects.get().ended_at is not None

    def test_no_window_means_no_second_answer(self, pair, settings):
        settings.REVOCATION = {"GRACE_SECONDS": 0}
        rotate(pair.refresh_token)

        with pytest.raises(RefreshReused):
            rotate(pair.refresh_token)

    def test_an_ended_session_is_refused_inside_the_window(self, pair):
        successor = rotate(pair.refresh_token)
        sessions.end(read_refresh(pair.refresh_token))

        for token in (pair.refresh_token, successor.refresh_token):
            with pytest.raises(SessionEnded):
                rotate(token)

    def test_the_absolute_lifetime_ends_a_session_however_often_it_is_refreshed(
        self, alice, settings
    ):
        settings.REVOCATION = {"SESSION_ABSOLUTE_LIFETIME": timedelta(days=10)}
        pair = sessions.open_session(alice, now=NOW)

        for day in range(1, 10):
            pair = rotate(pair.refresh_token, at=NOW + timedelta(days=day))

        assert pair.refresh_expires_at == NOW + timedelta(days=10)

    def test_a_lowered_absolute_lifetime_ends_old_sessions(self, pair, settings):
        settings.REVOCATION = {"SESSION_ABSOLUTE_LIFETIME": timedelta(days=1)}

        with pytest.raises(SessionEnded):
            rotate(pair.refresh_token, at=NOW + timedelta(days=1))

    def test_a_logout_that_comes_in_between_wins(self, pair):
        claims = read_refresh(pair.refresh_token)
        sessions.end(claims)

        assert not Session.objects.advance(
            claims.sid, gen=claims.gen, expires_at=NOW, access_expires_at=NOW
        )
        assert not Session.objects.extend(claims.sid, gen=claims.gen, access_expires_at=NOW)

    def test_a_deactivated_user_cannot_refresh(self, pair, alice):
        type(alice).objects.update(is_active=False)

        with pytest.raises(RefreshUserInactive):
            rotate(pair.refresh_token)

    def test_a_refresh_costs_one_question_and_one_conditional_update(
        self, pair, django_assert_num_queries
    ):
        with django_assert_num_queries(4) as statements:
            rotate(pair.refresh_token)

        verbs = [query["sql"].split()[0] for query in statements.captured_queries]
        assert verbs == ["SELECT", "SAVEPOINT", "UPDATE", "RELEASE"]

    def test_a_token_of_a_row_that_was_rolled_back_opens_nothing(self, pair):
        Session.objects.all().delete()

        assert not is_open(pair.access_token)
        with pytest.raises(SessionEnded):
            rotate(pair.refresh_token)


class TestEnding:
    def test_ending_twice_writes_one_row(self, pair):
        claims = read_access(pair.access_token)
        for _ in range(3):
            sessions.end(claims)

        assert RevokedToken.objects.get().key == claims.sid

    def test_ending_again_reasserts_a_lost_blacklist_row(self, pair):
        claims = read_access(pair.access_token)
        sessions.end(claims)
        RevokedToken.objects.all().delete()

        sessions.end(claims)

        assert RevokedToken.objects.filter(key=claims.sid).exists()

    def test_the_first_time_is_the_one_reported(self, pair):
        claims = read_access(pair.access_token)

        assert sessions.end(claims) == sessions.end(claims)

    def test_a_lowered_lifetime_forgets_no_longer_lived_token(self, alice, settings):
        settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(hours=1)}
        pair = sessions.open_session(alice, now=NOW)
        settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(seconds=60)}
        rotate(pair.refresh_token)

        sessions.end(read_access(pair.access_token))

        assert RevokedToken.objects.get().expires_at > NOW + timedelta(hours=1)

    def test_all_but_one_leaves_one(self, alice):
        pairs = [sessions.open_session(alice) for _ in range(3)]
        kept = read_access(pairs[1].access_token).sid

        assert sessions.end_all(alice, but=kept) == 2

        assert [is_open(pair.access_token) for pair in pairs] == [False, True, False]

    def test_another_users_sessions_go_on(self, alice, make_user):
        theirs = sessions.open_session(make_user("bob"))

        sessions.end_all(alice)

        assert is_open(theirs.access_token)

    def test_a_sign_in_after_the_end_of_all_works(self, alice):
        sessions.end_all(alice)

        assert is_open(sessions.open_session(alice).access_token)

    def test_a_logout_costs_three_statements(self, pair, django_assert_num_queries):
        with django_assert_num_queries(5) as statements:
            sessions.end(read_access(pair.access_token))

        verbs = [query["sql"].split()[0] for query in statements.captured_queries]
        assert verbs == ["SAVEPOINT", "UPDATE", "SELECT", "INSERT", "RELEASE"]


class TestPurge:
    def test_a_session_with_a_living_token_is_kept(self, pair):
        assert list(sessions.purge(now=NOW + timedelta(days=6))) == []

    def test_a_session_goes_when_all_its_tokens_are_dead(self, pair):
        assert list(sessions.purge(now=NOW + timedelta(days=8))) == [1]

    def test_it_goes_in_batches(self, alice):
        for _ in range(5):
            sessions.open_session(alice, now=NOW)

        assert list(sessions.purge(batch=2, now=NOW + timedelta(days=8))) == [2, 2, 1]


def is_open(access_token):
    try:
        judge(access_token)
    except TokenRevoked:
        return False
    return True
