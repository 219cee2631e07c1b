"""Revoked keys by the million in SQLite, as logouts would have left them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Random, as in life, and put in by their order: it takes seconds rather than minutes.
REVOKED = """
WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {rows})
INSERT INTO revocation_revokedtoken (key, revoked_at, expires_at)
SELECT lower(hex(randomblob(16))),
    strftime('%Y-%m-%d %H:%M:%f', 'now', '-10 minutes'),
    strftime('%Y-%m-%d %H:%M:%f', 'now', '1 day', (i % 2592000) || ' seconds')
FROM numbers ORDER BY 1
"""
INDEXES = """
SELECT name, sql FROM sqlite_master
WHERE type = 'index' AND tbl_name = 'revocation_revokedtoken' AND sql IS NOT NULL
"""


def add_live(rows: int) -> None:
    """Add keys that count for another day to a month."""
    with connection.cursor() as cursor, _without_indexes(cursor):
        cursor.execute(REVOKED.format(rows=rows))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Build the indexes at the end."""
    indexes = cursor.execute(INDEXES).fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, sql in indexes:
        cursor.execute(sql)
