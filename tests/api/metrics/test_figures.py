"""What the database says about itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from api.metrics import figures
from revocation import attempts, blacklist, sessions
from revocation.claims import new_id
from revocation.conf import conf
from revocation.models import FailedAttempt, RevokedToken, Session

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = timezone.now()
PURGES = {"blacklist": blacklist, "sessions": sessions, "attempts": attempts}


def make_session(user, *, expires_at=NOW + HOUR, ended_at=None):
    return Session.objects.create(
        user=user,
        fingerprint="",
        created_at=NOW,
        rotated_at=NOW,
        expires_at=expires_at,
        access_expires_at=min(expires_at, NOW),
        ended_at=ended_at,
    )


def test_live_sessions_have_neither_ended_nor_expired(alice):
    make_session(alice)
    make_session(alice, ended_at=NOW)
    make_session(alice, expires_at=NOW - HOUR)
    found = figures.read()

    assert found.live_sessions == 1
    assert found.rows == {"blacklist": 0, "sessions": 3, "attempts": 0}


def test_in_an_empty_table_nothing_waits():
    assert figures.read().overdue == {"blacklist": 0, "sessions": 0, "attempts": 0}


@pytest.mark.parametrize("table", PURGES)
def test_waiting_begins_when_a_purge_would_take_the_row(table, alice):
    kept = next(one.kept() for one in figures.TABLES if one.name == table)
    gone_at = NOW - timedelta(minutes=5)
    if table == "blacklist":
        RevokedToken.objects.create(key=new_id(), expires_at=gone_at - kept)
    elif table == "sessions":
        make_session(alice, expires_at=gone_at - kept)
    else:
        FailedAttempt.objects.create(counter="x", failed_at=gone_at - kept)
    tick = timedelta(seconds=1)

    def waits_at(moment):
        return figures.read(now=moment).overdue[table]

    def is_taken_at(moment):
        step = PURGES[table].expired(moment)
        return step(limit=1, is_dry=True).removed == 1

    assert waits_at(NOW) == pytest.approx(300)
    assert (waits_at(gone_at - tick), is_taken_at(gone_at - tick)) == (0, False)
    assert (waits_at(gone_at + tick), is_taken_at(gone_at + tick)) == (1, True)


def test_a_few_statements_and_no_more(django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        figures.read()


class TestALargeTable:
    @pytest.fixture(autouse=True)
    def _large(self, monkeypatch, alice):
        monkeypatch.setattr(figures, "MOST_COUNTED", 100)
        monkeypatch.setattr(figures, "MOST_COUNTED_ON_SQLITE", 100)
        rows = [
            RevokedToken(key=new_id(), expires_at=NOW + HOUR * (number % 2 * 2 - 1))
            for number in range(1_000)
        ]
        RevokedToken.objects.bulk_create(rows)

    def test_is_not_counted(self, monkeypatch):
        if connection.vendor == "sqlite":
            assert "blacklist" not in figures.read().rows
            return
        if connection.vendor == "postgresql":
            # As it does by itself, sooner or later. MariaDB does so at once.
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {RevokedToken._meta.db_table}")

        # Estimates are off by a little, and for that cost the same whatever there is.
        assert figures.read().rows["blacklist"] == pytest.approx(1_000, rel=0.3)

    def test_is_read_no_further_than_it_is_counted(self, django_assert_num_queries):
        counted = 1 if connection.vendor == "sqlite" else 2
        with django_assert_num_queries(counted) as asked:
            figures.number_of(RevokedToken.objects.all())

        assert "LIMIT 101" in asked.captured_queries[0]["sql"]

    def test_of_which_some_are_wanted_is_estimated(self):
        rows = RevokedToken.objects.all()
        found = figures.number_of(rows, rows.filter(expires_at__gt=NOW))

        # Of how much, depends on what is known yet of so new a table.
        assert found is None if connection.vendor == "sqlite" else 0 < found <= 1_300


def test_as_many_as_are_counted_are_counted(monkeypatch):
    monkeypatch.setattr(figures, "MOST_COUNTED", 2)
    monkeypatch.setattr(figures, "MOST_COUNTED_ON_SQLITE", 2)
    for _ in range(2):
        RevokedToken.objects.create(key=new_id(), expires_at=NOW)

    assert figures.number_of(RevokedToken.objects.all()) == 2


def test_the_rules_are_those_of_the_settings(settings):
    settings.REVOCATION = {"ATTEMPTS_WINDOW": timedelta(days=3)}

    assert conf().attempts_window in {one.kept() for one in figures.TABLES}
