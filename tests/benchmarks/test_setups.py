"""On what contenders are measured, by default and when asked."""

import pytest

from benchmarks.setups import chosen


@pytest.mark.parametrize(
    ("asked", "run"),
    [
        ((None, None), ["SQLite", "PostgreSQL", "PostgreSQL with Redis"]),
        (("sqlite", None), ["SQLite"]),
        (("postgresql", None), ["PostgreSQL", "PostgreSQL with Redis"]),
        ((None, "redis"), ["PostgreSQL with Redis"]),
        ((None, "database"), ["SQLite", "PostgreSQL"]),
        (("sqlite", "redis"), ["SQLite with Redis"]),
    ],
)
def test_what_is_not_said_is_run_as_by_default(asked, run):
    assert [str(setup) for setup in chosen(*asked)] == run
