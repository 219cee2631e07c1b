"""Rows by the million, as sign-ins and logouts would have left them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

# Sessions that both databases have, for tokens to belong to.
KNOWN_SESSIONS = 1000
# Keys are random, as in life: neighbours in time are nowhere near each other in the index.
KEY = "md5('{kind}' || i)"
REVOKED = f"""
INSERT INTO revocation_revokedtoken (key, revoked_at, expires_at)
SELECT {KEY}, now() + {{moment}} - interval '10 minutes', now() + {{moment}}
FROM generate_series(1, {{rows}}) i
"""
SESSIONS = f"""
INSERT INTO revocation_session (id, user_id, fingerprint, generation, created_at, rotated_at,
    expires_at, access_expires_at, ended_at, ip_address, user_agent)
SELECT {KEY}, 1, repeat('0', 64), 3, now() - interval '60 days', now() - interval '50 days',
    now() + {{moment}}, now() + {{moment}}, now() - interval '50 days', '192.0.2.1',
    'Mozilla/5.0 (X11; Linux x86_64) Firefox'
FROM generate_series(1, {{rows}}) i
"""
AHEAD = "interval '1 day' + i * interval '30 days' / {rows}"
BEHIND = "interval '-1 day' - (({rows} - i) * interval '30 days' / {rows})"
TABLES = ("revocation_revokedtoken", "revocation_session")


def add_known_sessions(alias: str) -> None:
    """Add the sessions that questions are asked about."""
    _insert(alias, SESSIONS, kind="known", rows=KNOWN_SESSIONS, moment=AHEAD)
    with connections[alias].cursor() as cursor:
        cursor.execute("UPDATE revocation_session SET ended_at = NULL")


def add_live(rows: int) -> None:
    """Add revoked keys that count for another month, and a tenth as many sessions."""
    with _without_indexes():
        _insert("default", REVOKED, kind="live", rows=rows, moment=AHEAD)
        _insert("default", SESSIONS, kind="live", rows=rows // 10, moment=AHEAD)


def add_expired(rows: int) -> None:
    """Add as many that expired during the last month, the oldest first."""
    with _without_indexes():
        _insert("default", REVOKED, kind="dead", rows=rows, moment=BEHIND)
        _insert("default", SESSIONS, kind="dead", rows=rows // 10, moment=BEHIND)


def count(table: str, *, is_expired: bool) -> int:
    """Return how many of those rows are in a table: none of them expires today."""
    with connections["default"].cursor() as cursor:
        which = "< now() - interval '12 hours'" if is_expired else "> now() + interval '12 hours'"
        cursor.execute(f"SELECT count(*) FROM {table} WHERE expires_at {which}")
        return int(cursor.fetchone()[0])


def vacuum(alias: str) -> None:
    """Leave statistics and visibility as a server at rest has them."""
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _insert(alias: str, sql: str, *, moment: str, **values: Any) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql.format(moment=moment.format(**values), **values))


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Build the indexes at the end: it takes minutes rather than hours."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype IN ('p', 'u')"
            " AND conrelid::regclass::text = ANY(%s)",
            [list(TABLES)],
        )
        keys = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename = ANY(%s) AND NOT indexname = ANY(%s)",
            [list(TABLES), [name for _, name, _ in keys]],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            cursor.execute(definition)
