"""Beside sign-ins, what has expired goes a little at a time; no sign-in suffers from it."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from revocation import bites, blacklist, purging, sessions
from revocation.claims import new_id
from revocation.models import FailedAttempt, RevokedToken, Session
from revocation.tokens import read_access

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timezone.now() - timedelta(days=60)
KEYS, SESSIONS, ATTEMPTS, DEVICES = range(4)
ROUND = bites.ONE_IN * 4


@pytest.fixture(autouse=True)
def _new_process(monkeypatch):
    """A process that has neither bitten nor counted."""
    tables = tuple((expired, purging.Walk()) for expired, _ in bites._TABLES)
    monkeypatch.setattr(bites, "_TABLES", tables)
    monkeypatch.setattr(bites, "_turns", count())


@pytest.fixture
def later(monkeypatch):
    """What the time is for who walks: seconds since the process began to."""
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr(bites, "_TABLES", tuple((e, purging.Walk()) for e, _ in bites._TABLES))

    def move(seconds):
        clock[0] += seconds

    return move


def come_and_go(user, *, second=0):
    """Sign in and log out, so long ago that nothing of it counts any more."""
    pair = sessions.open_session(user, now=LONG_AGO + timedelta(seconds=second))
    sessions.end(read_access(pair.access_token, is_expired_ok=True))


def add_expired_keys(number, *, since=LONG_AGO):
    rows = [RevokedToken(key=new_id(), expires_at=since) for _ in range(number)]
    RevokedToken.objects.bulk_create(rows)


class TestSteadyLoad:
    def test_no_table_goes_on_growing(self, alice):
        FailedAttempt.objects.bulk_create(
            FailedAttempt(counter=new_id(), failed_at=LONG_AGO) for _ in range(5 * bites.ROWS)
        )
        sizes = []

        for second in range(5 * ROUND):
            come_and_go(alice, second=second)
            sizes.append(max(Session.objects.count(), RevokedToken.objects.count()))

        assert max(sizes) <= bites.ROWS
        assert not FailedAttempt.objects.exists()

    def test_a_heap_that_is_there_already_grows_smaller(self, alice):
        add_expired_keys(10 * bites.ROWS)

        for second in range(4 * ROUND):
            come_and_go(alice, second=second)

        assert RevokedToken.objects.count() <= 10 * bites.ROWS - 4 * bites.ROWS + 4 * ROUND

    def test_what_lives_stays(self, alice):
        kept = sessions.open_session(alice)
        blacklist.revoke_keys(["of a token"], until=timezone.now() + timedelta(seconds=60))

        for second in range(ROUND):
            come_and_go(alice, second=second)

        assert RevokedToken.objects.filter(key="of a token").exists()
        assert Session.objects.filter(pk=kept.payload["sid"]).exists()


class TestOneBite:
    def test_one_sign_in_in_eight_takes_it_from_each_table_in_turn(self, alice, monkeypatch):
        taken = []
        monkeypatch.setattr(bites, "take", taken.append)

        for _ in range(2 * ROUND):
            sessions.open_session(alice)

        assert taken == [KEYS, SESSIONS, ATTEMPTS, DEVICES] * 2

    def test_it_is_a_few_rows_and_a_few_statements(self):
        add_expired_keys(2 * bites.ROWS)

        with CaptureQueriesContext(connection) as statements:
            assert bites.take(KEYS) == bites.ROWS

        assert RevokedToken.objects.count() == bites.ROWS
        # MariaDB is asked to lock and to delete one after the other.
        assert len(statements) <= 10 + (2 * bites.ROWS if connection.vendor == "mysql" else 0)

    def test_it_goes_on_where_the_last_one_ended(self):
        keys = [new_id() for _ in range(3)]
        for hour, key in enumerate(keys):
            since = LONG_AGO + timedelta(hours=hour)
            RevokedToken.objects.create(key=key, expires_at=since)
        bites.take(KEYS)
        RevokedToken.objects.create(key=keys[0], expires_at=LONG_AGO)
        RevokedToken.objects.create(key=keys[1], expires_at=LONG_AGO + timedelta(days=1))

        assert bites.take(KEYS) == 1
        assert RevokedToken.objects.get().key == keys[0]

    def test_and_now_and_then_at_the_front_again(self, later):
        add_expired_keys(1)
        bites.take(KEYS)
        add_expired_keys(1, since=LONG_AGO - timedelta(days=1))
        later(3599)
        assert bites.take(KEYS) == 0
        later(2)

        assert bites.take(KEYS) == 1

    def test_none_rides_in_a_transaction_of_somebody_elses(self):
        add_expired_keys(1)

        with transaction.atomic():
            assert bites.take(KEYS) == 0

        assert bites.take(KEYS) == 1

    def test_a_sign_in_that_is_rolled_back_takes_none(self, alice):
        add_expired_keys(1)

        with transaction.atomic():
            sessions.open_session(alice)
            transaction.set_rollback(True)

        assert RevokedToken.objects.exists()

    def test_one_that_fails_is_nobodys_business(self, alice, monkeypatch, caplog):
        def failing():
            raise OperationalError("disk full")

        monkeypatch.setattr(bites, "_TABLES", ((failing, purging.Walk()),) * 4)

        assert sessions.open_session(alice)
        assert "revocation" not in {record.name for record in caplog.records}

    def test_a_clock_that_runs_ahead_makes_nothing_expire(self, monkeypatch):
        add_expired_keys(1, since=timezone.now() + timedelta(seconds=1))
        right = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(hours=1))

        assert bites.take(KEYS) == 0


def test_the_connection_is_as_patient_afterwards_as_before():
    question = {
        "sqlite": "PRAGMA busy_timeout",
        "postgresql": "SHOW statement_timeout",
        "mysql": "SELECT @@max_statement_time",
    }[connection.vendor]

    def patience():
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()

    before = patience()
    add_expired_keys(1)

    assert bites.take(KEYS) == 1
    assert patience() == before
