"""Loads of some seconds on every database and store: 1500 operations, and no violation."""

import os

import pytest

from tests.consistency.operations import DOCUMENTS
from tests.consistency.runs import Run
from tests.servers import MariaDBServer

needs_mariadb = pytest.mark.skipif(
    not MariaDBServer.is_available() and os.environ.get("CI") != "true",
    reason="MariaDB is not installed",
)


@pytest.mark.parametrize(
    ("database", "store"),
    [
        ("sqlite", "database"),
        ("postgresql", "database"),
        ("postgresql", "redis"),
        pytest.param("mariadb", "database", marks=needs_mariadb),
    ],
)
def test_no_promise_is_broken(database, store):
    report = Run(
        database=database, store=store, seconds=8, operations=1500, grace_seconds=1
    ).report()

    assert not report.violations, str(report)
    # Each verb worked, and each promise was put to the test.
    assert min(report.done[kind] for kind in DOCUMENTS) >= 2, str(report)
    assert report.tested["ended tokens presented"] >= 50, str(report)
    assert report.tested["refreshes of one token at once"] >= 20, str(report)
    assert report.tested["retries in the window"] >= 10, str(report)
    assert report.tested["reuses of old tokens"] >= 1, str(report)
    assert report.tested["reuses after the window"] >= 1, str(report)
    assert report.tested["old passwords refused"] >= 2, str(report)


def test_no_promise_is_broken_while_tokens_expire(sqlite_template):
    run = Run(seconds=6, operations=1000, environ={"ACCESS_TOKEN_SECONDS": "1"})
    report = run.report(sqlite_template)
    assert not report.violations, str(report)
    assert report.outcomes["TOKEN_EXPIRED"] >= 5, str(report)
