"""A purge forgets what has expired for good, and brings nothing back to life."""

import io
import json
import time
from datetime import timedelta
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from revocation import attempts, blacklist, guard, purging, sessions
from revocation.claims import new_id
from revocation.conf import conf
from revocation.errors import InvalidCredentials, TokenRevoked
from revocation.models import FailedAttempt, RevokedToken, Session
from revocation.tokens import read_access, read_refresh
from tests.revocation.plans import Plan

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MARGIN = timedelta(seconds=300)


# SQLite has no way to give a statement up.
SLOW_STATEMENTS = {
    "postgresql": "SELECT pg_sleep(5)",
    "mysql": "SELECT count(*) FROM information_schema.columns a, information_schema.columns b",
}


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def purge(*arguments, **streams):
    out = io.StringIO()
    call_command("purge_revoked", *arguments, stdout=out, no_color=True, **streams)
    return out.getvalue().strip()


def entry(*, expired_since, key=None):
    moment = timezone.now() - expired_since
    return RevokedToken.objects.create(key=key or new_id(), expires_at=moment)


def session(user, *, expired_since, access_expired_since=None):
    moment = timezone.now()
    return Session.objects.create(
        user=user,
        fingerprint="",
        created_at=moment,
        rotated_at=moment,
        expires_at=moment - expired_since,
        access_expires_at=moment - (access_expired_since or expired_since),
    )


def attempt(*, failed_since):
    return FailedAttempt.objects.create(counter=new_id(), failed_at=timezone.now() - failed_since)


@pytest.fixture
def set_clock(monkeypatch):
    """Set this machine's clock ahead, or back; the database's goes right."""
    right = timezone.now

    def ahead_by(difference):
        monkeypatch.setattr(timezone, "now", lambda: right() + difference)

    return ahead_by


class TestEntries:
    def test_an_expired_one_goes_and_a_live_one_stays(self):
        entry(expired_since=SECOND)
        live = entry(expired_since=-60 * SECOND)

        assert purge() == "Purged 1 blacklist entries, 0 sessions and 0 failed attempts."
        assert list(RevokedToken.objects.all()) == [live]

    def test_nothing_to_do_is_no_error(self):
        assert purge() == "Purged 0 blacklist entries, 0 sessions and 0 failed attempts."

    def test_the_leeway_keeps_it_longer(self, settings):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": 60}
        kept = entry(expired_since=50 * SECOND)
        entry(expired_since=70 * SECOND)

        purge()

        assert list(RevokedToken.objects.all()) == [kept]


class TestSessions:
    def test_one_goes_when_both_its_tokens_have_expired_by_the_margin(self, alice):
        session(alice, expired_since=MARGIN + SECOND)

        assert purge() == "Purged 0 blacklist entries, 1 sessions and 0 failed attempts."

    @pytest.mark.parametrize(
        ("refresh", "access"),
        [
            (MARGIN - 60 * SECOND, MARGIN + SECOND),
            (MARGIN + SECOND, MARGIN - 60 * SECOND),
            (-SECOND, MARGIN + SECOND),
            (MARGIN + SECOND, -SECOND),
        ],
        ids=["margin of refresh", "margin of access", "live refresh", "live access"],
    )
    def test_one_stays_while_either_may_live(self, alice, refresh, access):
        session(alice, expired_since=refresh, access_expired_since=access)

        assert purge() == "Purged 0 blacklist entries, 0 sessions and 0 failed attempts."

    def test_the_leeway_keeps_it_longer(self, alice, settings):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": 60}
        session(alice, expired_since=MARGIN + 50 * SECOND)

        assert purge() == "Purged 0 blacklist entries, 0 sessions and 0 failed attempts."


class TestFailedAttempts:
    def test_one_goes_when_it_counts_no_more(self):
        window = conf().attempts_window
        for since in (window + SECOND, window - 60 * SECOND):
            FailedAttempt.objects.create(counter=new_id(), failed_at=timezone.now() - since)

        assert purge() == "Purged 0 blacklist entries, 0 sessions and 1 failed attempts."


class TestClocks:
    @pytest.mark.parametrize("ahead", [30 * SECOND, timedelta(hours=1), timedelta(days=30)])
    def test_a_clock_that_runs_ahead_makes_nothing_expire(self, alice, set_clock, ahead):
        entry(expired_since=-SECOND * 20)
        session(alice, expired_since=MARGIN - 20 * SECOND)
        attempt(failed_since=conf().attempts_window - 20 * SECOND)
        set_clock(ahead)

        assert purge() == "Purged 0 blacklist entries, 0 sessions and 0 failed attempts."

    def test_nor_does_a_clock_of_the_database_that_runs_ahead(self, set_clock):
        entry(expired_since=SECOND)
        set_clock(-timedelta(hours=1))

        assert purge() == "Purged 0 blacklist entries, 0 sessions and 0 failed attempts."

    def test_a_logged_out_token_stays_dead_beside_a_purge_an_hour_ahead(self, issued, set_clock):
        blacklist.revoke_token(read_access(issued.access_token))
        with pytest.MonkeyPatch.context() as patch:
            right = timezone.now
            patch.setattr(timezone, "now", lambda: right() + timedelta(hours=1))
            purge()

        with pytest.raises(TokenRevoked):
            guard.judge(issued.access_token)

    def test_a_wrong_password_an_hour_ahead_forgets_no_other(self, set_clock, rf):
        counted = attempt(failed_since=SECOND)
        set_clock(timedelta(hours=1))

        with (
            pytest.raises(InvalidCredentials),
            attempts.signing_in("alice", request=rf.post("/graphql")),
        ):
            raise InvalidCredentials

        assert FailedAttempt.objects.filter(pk=counted.pk).exists()


class TestBatches:
    def test_they_are_as_large_as_asked_and_reach_everything(self, alice):
        for _ in range(5):
            entry(expired_since=SECOND)
            session(alice, expired_since=MARGIN + SECOND)

        assert list(blacklist.purge(batch=2)) == [2, 2, 1]
        assert list(sessions.purge(batch=2)) == [2, 2, 1]

    def test_of_many_that_expired_at_once_each_goes_in_its_turn(self):
        moment = timezone.now() - SECOND
        RevokedToken.objects.bulk_create(
            RevokedToken(key=new_id(), expires_at=moment) for _ in range(7)
        )

        assert list(blacklist.purge(batch=3)) == [3, 3, 1]

    def test_what_may_not_go_yet_holds_up_nothing(self, alice):
        for _ in range(3):
            session(alice, expired_since=MARGIN + 60 * SECOND, access_expired_since=-SECOND)
        for _ in range(3):
            session(alice, expired_since=MARGIN + SECOND)

        assert list(sessions.purge(batch=2)) == [1, 2]
        assert Session.objects.count() == 3

    def test_each_begins_where_the_last_one_ended(self):
        keys = [entry(expired_since=(9 - i) * SECOND).key for i in range(5)]

        steps = islice(purging.batches(blacklist.expired(), limit=2, is_dry=True), 4)

        assert [step.first.key for step in steps] == [keys[0], keys[2], keys[4]]

    def test_a_slow_one_is_followed_by_a_rest_as_long_and_a_smaller_one(self, monkeypatch):
        ticks = iter(range(100))
        monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
        rests, limits = [], []
        monkeypatch.setattr(time, "sleep", rests.append)

        def step(*, limit, after, is_dry):
            limits.append(limit)
            return purging.Batch(1, None, None, is_last=len(limits) == 5)

        list(purging.batches(step, limit=800))

        assert limits == [800, 400, 200, 100, 100]
        assert rests == [1, 1, 1, 1]

    @pytest.mark.django_db(transaction=True)
    def test_a_statement_that_takes_too_long_is_given_up_and_tried_with_less(self):
        limits, slow = [], SLOW_STATEMENTS.get(connection.vendor)

        def step(*, limit, after, is_dry):
            limits.append(limit)
            if slow and limit > 100:
                run(slow)
            return purging.Batch(1, None, None, is_last=True)

        list(purging.batches(step, limit=400))

        assert limits == ([400, 200, 100] if slow else [400])

    @pytest.mark.django_db(transaction=True)
    def test_it_is_not_tried_for_ever(self, monkeypatch):
        monkeypatch.setattr(purging, "was_given_up", lambda error: True)
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        tries = []

        def step(**_):
            tries.append(None)
            raise OperationalError("took too long")

        with pytest.raises(OperationalError):
            list(purging.batches(step, limit=400))
        assert 1 < len(tries) < 50

    @pytest.mark.django_db(transaction=True)
    def test_what_else_fails_is_told_at_once(self):
        tries = []

        def step(**_):
            tries.append(None)
            run("SELECT * FROM nowhere")

        with pytest.raises((OperationalError, ProgrammingError)):
            list(purging.batches(step, limit=400))
        assert len(tries) == 1

    @pytest.mark.parametrize(
        ("of", "index"),
        [
            (blacklist, "revocation_expired_keys"),
            (sessions, "revocation_expired_sessions"),
            (attempts, "revocation_expired_attempts"),
        ],
        ids=lambda of: getattr(of, "__name__", ""),
    )
    def test_an_index_alone_finds_the_rows(self, alice, of, index):
        for _ in range(4):
            entry(expired_since=SECOND)
            session(alice, expired_since=MARGIN + SECOND)
            attempt(failed_since=conf().attempts_window + SECOND)
        with CaptureQueriesContext(connection) as statements:
            assert sum(of.purge(batch=2)) == 4

        asked = [query["sql"] for query in statements if "revocation_" in query["sql"]]
        plans = [Plan(sql) for sql in asked]
        # In so small a table MariaDB may go on by the primary key, which is as short a way.
        fewest = 3 if connection.vendor == "mysql" else 5
        assert fewest <= sum(plan.reads_only(index) for plan in plans) <= 5
        assert not [str(plan) for plan in plans if plan.reads_a_table or plan.sorts]

    def test_one_that_was_lengthened_since_it_was_found_stays(self, monkeypatch):
        row, found = entry(expired_since=SECOND), purging._places

        def find_and_lengthen(*arguments):
            places = found(*arguments)
            blacklist.revoke_keys([row.key], until=timezone.now() + MARGIN)
            return places

        monkeypatch.setattr(purging, "_places", find_and_lengthen)

        assert list(blacklist.purge()) == []
        assert blacklist.is_revoked([row.key])

    def test_each_is_committed_by_itself(self):
        for _ in range(5):
            entry(expired_since=SECOND)
        batches = blacklist.purge(batch=2)

        assert next(batches) == 2
        assert RevokedToken.objects.count() == 3


class TestCommand:
    def test_a_dry_run_counts_and_deletes_nothing(self, alice):
        for _ in range(3):
            entry(expired_since=SECOND)
        session(alice, expired_since=MARGIN + SECOND)
        session(alice, expired_since=MARGIN + SECOND, access_expired_since=-SECOND)

        said = purge("--dry-run", "--batch=2")

        assert said == "Would purge 3 blacklist entries, 1 sessions and 0 failed attempts."
        assert RevokedToken.objects.count() == 3
        assert Session.objects.count() == 2

    def test_json_is_all_it_prints(self):
        entry(expired_since=SECOND)

        said = json.loads(purge("--json"))

        assert said.pop("seconds") >= 0
        assert said == {
            "purged": {"blacklist_entries": 1, "sessions": 0, "failed_attempts": 0},
            "dry_run": False,
            "complete": True,
            "stopped_by": None,
        }

    def test_progress_goes_to_the_other_stream(self):
        for _ in range(3):
            entry(expired_since=SECOND)
        err = io.StringIO()

        said = purge("--batch=2", "--verbosity=2", stderr=err)

        assert said == "Purged 3 blacklist entries, 0 sessions and 0 failed attempts."
        assert [line.split(",")[0] for line in err.getvalue().splitlines()] == [
            "blacklist entries: 2",
            "blacklist entries: 3",
        ]

    def test_a_terminal_is_told_what_is_left_and_has_its_line_back(self, monkeypatch):
        for day in range(10):
            entry(expired_since=timedelta(days=10 - day))
        ticks = iter(range(1000))
        monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        err = io.StringIO()
        err.isatty = lambda: True

        purge("--batch=6", stderr=err)

        lines = err.getvalue().split("\r")
        assert lines[1].startswith("blacklist entries: 6, ")
        assert lines[1].strip().endswith(" a second, about 6 left")
        assert lines[-2].strip() == ""
        assert lines[-1] == ""

    @pytest.mark.parametrize(
        ("failure", "code", "reason"),
        [
            (KeyboardInterrupt(), 130, "Interrupted; the rest is left."),
            (OperationalError("disk full"), 1, "The database failed; the rest is left. It says: "),
        ],
        ids=["interrupted", "failed"],
    )
    def test_stopped_half_way_it_says_what_it_did(self, monkeypatch, failure, code, reason):
        def fail(*_, **__):
            raise failure

        entry(expired_since=SECOND)
        monkeypatch.setattr(sessions, "session_rows", fail)
        out = io.StringIO()

        with pytest.raises(CommandError, match=reason) as stopped:
            call_command("purge_revoked", "--json", stdout=out)

        assert stopped.value.returncode == code
        said = json.loads(out.getvalue())
        assert said["purged"]["blacklist_entries"] == 1
        assert said["complete"] is False
        assert said["stopped_by"].startswith(reason)
        assert not RevokedToken.objects.exists()

    @pytest.mark.parametrize("batch", ["0", "-1", "x", "1.5", "10001"])
    def test_a_batch_that_is_no_number_of_rows_is_an_error(self, batch):
        with pytest.raises(CommandError, match="batch"):
            purge(f"--batch={batch}")


@pytest.mark.parametrize("leeway", [0, 1, 60, 3600])
@pytest.mark.parametrize("margin", [0, 300])
class TestAroundExpiry:
    """Move the clock in steps over the end of a revoked token; it is refused at each of them."""

    @pytest.fixture(autouse=True)
    def _configured(self, settings, leeway, margin):
        settings.GRAPHQL_JWT = {"JWT_LEEWAY": leeway}
        settings.REVOCATION = {"RETENTION_MARGIN": margin}

    @pytest.mark.parametrize("revoke", [blacklist.revoke_token, sessions.end])
    def test_a_purge_at_any_moment_brings_no_token_back(self, issued, revoke):
        claims = read_access(issued.access_token)
        revoke(claims)
        end = claims.expires_at + conf().leeway

        for seconds in (-3600, -301, -1, conf().retention_margin.total_seconds() - 1):
            list(blacklist.purge(now=end + seconds * SECOND))
            list(sessions.purge(now=end + seconds * SECOND))

            with pytest.raises(TokenRevoked):
                guard.judge(issued.access_token)

    def test_a_purge_afterwards_forgets_it(self, issued):
        claims = read_access(issued.access_token)
        blacklist.revoke_token(claims)
        long_after = claims.expires_at + 2 * conf().leeway + conf().retention_margin + SECOND

        assert sum(blacklist.purge(now=long_after)) == 1


def test_a_lifetime_lowered_before_the_logout_does_not_shorten_the_record(alice, settings):
    settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(hours=12)}
    pair = sessions.open_session(alice)
    settings.GRAPHQL_JWT = {"JWT_EXPIRATION_DELTA": timedelta(minutes=1)}
    sessions.rotate(read_refresh(pair.refresh_token))
    sessions.end(read_access(pair.access_token))

    list(blacklist.purge(now=timezone.now() + timedelta(hours=11)))

    assert blacklist.is_revoked([pair.payload["sid"]])


def test_a_leeway_raised_after_the_logout_does_not_outlast_the_record(issued, settings):
    settings.REVOCATION = {"RETENTION_MARGIN": 0}
    claims = read_access(issued.access_token)
    blacklist.revoke_token(claims)
    settings.GRAPHQL_JWT = {"JWT_LEEWAY": 3600}

    list(blacklist.purge(now=claims.expires_at + 3599 * SECOND))

    with pytest.raises(TokenRevoked):
        guard.judge(issued.access_token)
