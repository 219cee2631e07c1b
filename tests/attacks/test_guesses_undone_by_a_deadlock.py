"""A wrong password was looked at and not counted when the database undid the counting.

Guesses at once take turns at two rows. On MariaDB, when one of their requests is rolled back, those
that wait for the rows are let in together, and then wait for each other until one is undone.
"""

import pytest
from django.db import OperationalError, connection

from revocation import attempts
from revocation.models import FailedAttempt
from tests.client import SIGN_IN

pytestmark = pytest.mark.django_db(transaction=True)

DEADLOCKS = {
    # It knows none; this is how another's would look.
    "sqlite": None,
    "postgresql": "DO $$ BEGIN RAISE deadlock_detected; END $$",
    "mysql": "BEGIN NOT ATOMIC ROLLBACK; "
    "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'deadlock'; END",
}


def deadlock() -> None:
    if (statement := DEADLOCKS[connection.vendor]) is None:
        raise OperationalError(1213, "deadlock")
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def deadlocks(monkeypatch):
    """Return what is to come; for each True the next counting is undone."""
    to_come: list[bool] = []
    take_turns = attempts._take_turns

    def take(guess):
        take_turns(guess)
        if to_come and to_come.pop():
            deadlock()

    monkeypatch.setattr(attempts, "_take_turns", take)
    return to_come


def counted() -> int:
    """Return how many guesses are; each weighs on two counters."""
    return FailedAttempt.objects.exclude(counter="").count() // 2


@pytest.mark.parametrize("is_atomic", [False, True])
def test_it_is_counted_all_the_same(graphql, alice, deadlocks, monkeypatch, is_atomic):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", is_atomic)
    deadlocks.append(True)

    answer = graphql(SIGN_IN, username="alice", password="wrong")

    assert (answer.reason, deadlocks, counted()) == ("INVALID_CREDENTIALS", [], 1)


def test_what_never_ends_is_refused_and_said(graphql, alice, deadlocks):
    deadlocks += [True] * 10

    answer = graphql(SIGN_IN, username="alice", password="wrong")

    assert (answer.reason, counted()) == ("REVOCATION_UNAVAILABLE", 0)
    assert len(deadlocks) == 5
