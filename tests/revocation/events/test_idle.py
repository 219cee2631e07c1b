"""A session that was not refreshed for too long is over, by the clock of the database."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from revocation import event_checks, keepalive, liveness, sessions, signals
from revocation.errors import RefreshReused, SessionEnded
from revocation.models import RevokedToken, Session
from revocation.oauth.introspection import introspected
from revocation.testing import travel
from revocation.tokens import read_access, read_refresh
from tests.client import ME
from tests.revocation.legacy.old_world import access_token, soon
from tests.revocation.verdicts import judged, read

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
IDLE = timedelta(minutes=15)
A_MOMENT = timedelta(milliseconds=500)
SESSIONS = "{ sessions { id } }"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    """Now is when a test runs: the tokens of when it was collected may have expired by then."""
    monkeypatch.setitem(globals(), "NOW", timezone.now().replace(microsecond=0))


@pytest.fixture
def _idle(put):
    put(IDLE_TIMEOUT=IDLE)


@pytest.fixture
def pair(alice):
    """A pair issued now; with a timeout only where a test asks for that first."""
    return sessions.open_session(alice, now=NOW)


@pytest.fixture
def moved(pair):
    """The pair after a refresh now, by the database's clock."""
    return rotate(pair, at=NOW)


def rotate(pair, *, at):
    """Refresh at a moment, which is that of the database too."""
    claims = read_refresh(pair.refresh_token, now=NOW)
    return sessions.rotate(claims, now=at)


@pytest.mark.usefixtures("_idle")
class TestATimeout:
    def test_a_client_is_told_of_it(self, pair):
        assert pair.refresh_expires_at == NOW + IDLE
        assert Session.objects.get().expires_at == NOW + IDLE

    def test_a_refresh_token_is_good_until_then(self, pair):
        successor = rotate(pair, at=NOW + IDLE - timedelta(seconds=1))

        assert successor.refresh_expires_at == NOW + 2 * IDLE - timedelta(seconds=1)

    def test_and_no_longer(self, graphql, alice):
        tokens = graphql.sign_in()

        with travel(minutes=15, seconds=1):
            assert graphql.try_refresh(tokens).reason == "REFRESH_EXPIRED"

    def test_one_that_is_longer_than_a_refresh_token_lives_lengthens_nothing(self, alice, put):
        put(IDLE_TIMEOUT=timedelta(days=30))

        pair = sessions.open_session(alice, now=NOW)

        assert pair.refresh_expires_at == NOW + timedelta(days=7)

    def test_the_age_of_a_session_ends_it_however_often_it_is_refreshed(self, alice, put):
        put(SESSION_ABSOLUTE_LIFETIME=timedelta(minutes=20))
        pair = sessions.open_session(alice, now=NOW)

        successor = rotate(pair, at=NOW + timedelta(minutes=10))

        assert successor.refresh_expires_at == NOW + timedelta(minutes=20)

    def test_no_access_token_outlives_it_also_of_the_grace_window(self, pair, put):
        put(IDLE_TIMEOUT=300)
        rotate(pair, at=NOW)

        again = rotate(pair, at=NOW + timedelta(seconds=9))

        assert again.access_expires_at == NOW + timedelta(seconds=300)
        assert Session.objects.get().access_expires_at == NOW + timedelta(seconds=300)

    def test_a_refresh_costs_no_statement_more(self, pair, django_assert_num_queries):
        with django_assert_num_queries(4) as statements:
            rotate(pair, at=NOW)

        verbs = [query["sql"].split()[0] for query in statements.captured_queries]
        assert verbs == ["SELECT", "SAVEPOINT", "UPDATE", "RELEASE"]

    def test_it_counts_from_the_last_refresh_on(self, alice, pair):
        """However long ago somebody signed in: it is listed, and another service is told of it."""
        Session.objects.update(
            created_at=NOW - 4 * IDLE, rotated_at=NOW - IDLE / 2, access_expires_at=NOW
        )

        assert len(sessions.live_sessions(alice, now=NOW)) == 1
        assert introspected(pair.refresh_token)["active"]

    def test_a_lost_answer_is_given_again_after_a_refresh_at_the_last_moment(self, pair):
        late = NOW + IDLE - A_MOMENT
        first = rotate(pair, at=late)

        assert rotate(pair, at=late + timedelta(seconds=9)).refresh_token == first.refresh_token

    def test_a_purge_brings_none_back(self, graphql, alice):
        tokens = graphql.sign_in()

        with travel(hours=1):
            assert list(sessions.purge()) == [1]
            assert graphql.try_refresh(tokens).reason == "REFRESH_EXPIRED"


class TestATimeoutLowered:
    """What was issued before says that it lives for a week."""

    @pytest.fixture(autouse=True)
    def _lowered(self, moved, put):
        put(IDLE_TIMEOUT=IDLE)

    def test_a_session_in_use_goes_on(self, moved):
        assert rotate(moved, at=NOW + IDLE - A_MOMENT).refresh_expires_at > NOW + IDLE

    @pytest.mark.parametrize("late", [timedelta(), A_MOMENT, timedelta(days=1)], ids=str)
    def test_one_that_was_idle_ends_when_it_is_refreshed(self, moved, late):
        with pytest.raises(SessionEnded):
            rotate(moved, at=NOW + IDLE + late)

        assert Session.objects.get().ended_at is not None
        assert RevokedToken.objects.get().key == Session.objects.get().pk

    def test_it_is_told_as_ended_and_not_as_reused(self, moved, django_capture_on_commit_callbacks):
        told = []

        def note(signal, **_):
            told.append(signal)

        for signal in (signals.session_ended, signals.refresh_reused):
            signal.connect(note)

        with django_capture_on_commit_callbacks(execute=True), pytest.raises(SessionEnded):
            rotate(moved, at=NOW + IDLE)

        assert told == [signals.session_ended]

    def test_a_timeout_raised_again_does_not_bring_it_back(self, moved, put):
        with pytest.raises(SessionEnded):
            rotate(moved, at=NOW + IDLE)
        put(IDLE_TIMEOUT=None)

        with pytest.raises(SessionEnded):
            rotate(moved, at=NOW)

    def test_its_access_tokens_are_refused_from_then_on(self, graphql, alice, moved, put):
        put(IDLE_TIMEOUT=timedelta(seconds=300))

        with pytest.raises(SessionEnded):
            rotate(moved, at=timezone.now() + timedelta(minutes=6))

        assert judged(moved.access_token) == "TOKEN_REVOKED"

    def test_a_worker_whose_clock_is_behind_is_not_asked(self, graphql, alice, put):
        """The database says that it is too late. Nobody has used the token twice."""
        tokens = graphql.sign_in()
        Session.objects.filter(generation=0).update(rotated_at=NOW - timedelta(hours=1))

        with patch.object(timezone, "now", lambda: NOW - timedelta(minutes=50)):
            assert graphql.try_refresh(tokens).reason == "SESSION_ENDED"

    def test_one_whose_clock_is_ahead_refuses_nobody(self, graphql, alice):
        tokens = graphql.sign_in()

        with patch.object(timezone, "now", lambda: NOW + timedelta(minutes=14)):
            assert graphql.refresh(tokens).access

    def test_a_token_reused_is_reuse_whether_the_session_was_idle_or_not(self, pair, moved):
        with pytest.raises(RefreshReused):
            rotate(pair, at=NOW + IDLE + A_MOMENT)

    def test_it_is_not_listed_once_its_access_token_has_expired(self, graphql, moved):
        later = graphql.sign_in()
        assert len(graphql.bearing(later)(SESSIONS).data["sessions"]) == 2

        with travel(minutes=16):
            again = graphql.sign_in()
            listed = graphql.bearing(again)(SESSIONS).data["sessions"]
            newest = read_access(again.access).sid

        assert [row["id"] for row in listed] == [newest]

    def test_introspection_calls_it_inactive(self, moved):
        assert introspected(moved.refresh_token)["active"]

        with travel(minutes=16):
            assert introspected(moved.refresh_token) == {"active": False}

    def test_no_access_token_keeps_it_alive(self, moved):
        claims = read_access(moved.access_token)

        pair = keepalive.keep_alive(claims, now=NOW + IDLE - timedelta(seconds=10))
        assert pair.access_expires_at == NOW + IDLE

        with pytest.raises(SessionEnded):
            keepalive.keep_alive(claims, now=NOW + IDLE)


class TestWithoutRefreshTokens:
    @pytest.fixture(autouse=True)
    def _mode(self, settings, put):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_LONG_RUNNING_REFRESH_TOKEN": False}
        put(IDLE_TIMEOUT=IDLE)

    def test_a_session_that_is_kept_alive_is_not_idle(self, pair):
        claims = read_access(pair.access_token)

        kept = keepalive.keep_alive(claims, now=NOW + 4 * IDLE)

        assert kept.access_expires_at > NOW + 4 * IDLE
        assert liveness.end_of(Session.objects.get()) == NOW + timedelta(days=7)

    def test_the_check_says_that_the_timeout_does_nothing(self):
        [warning] = event_checks.check_events_without_effect()

        assert (warning.id, "IDLE_TIMEOUT" in warning.msg) == ("revocation.W057", True)


@pytest.mark.parametrize(
    ("timeout", "is_named"),
    [(timedelta(days=7), False), (timedelta(days=8), True), (timedelta(days=1), False)],
    ids=str,
)
def test_the_check_names_a_timeout_that_refresh_tokens_never_reach(put, timeout, is_named):
    put(IDLE_TIMEOUT=timeout)

    found = event_checks.check_events_without_effect()

    assert [warning.id for warning in found] == ["revocation.W057"] * is_named


def test_a_legacy_access_token_expires_when_it_was_to(graphql, alice, put):
    put(IDLE_TIMEOUT=IDLE, ACCEPT_LEGACY_UNTIL=soon())
    token = access_token(alice, exp=int((NOW + timedelta(hours=1)).timestamp()))
    client = graphql.bearing(token)
    assert client(ME).data == {"me": {"username": "alice"}}

    with travel(minutes=50):
        # It works, so its owner must be able to see it and log it out.
        assert len(client(SESSIONS).data["sessions"]) == 1


def test_without_a_timeout_a_week_of_idleness_ends_nothing(pair):
    assert read(pair.refresh_token) == "good"
    assert rotate(pair, at=NOW + timedelta(days=6)).access_token
