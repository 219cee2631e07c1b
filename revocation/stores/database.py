"""The blacklist in the database: the truth, and the default store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connections, models
from django.db.models.constants import OnConflict
from django.db.models.functions import Now

from ..claims import AccessClaims, Key
from ..models import RevokedToken, primary_database
from ..purging import Batch, Place, forget
from .base import Facts, Store
from .statement import verdict_statement


class DatabaseStore(Store):
    """Answers from the primary database, one statement a question."""

    def facts(self, claims: AccessClaims) -> Facts:
        """Return user, session and blacklist entry from a single statement."""
        return verdict_statement(primary_database()).run(claims)

    def revoke(self, keys: Iterable[Key], *, until: datetime) -> int:
        """Insert what is missing in one statement, and lengthen what is there only if need be."""
        wanted = sorted(set(keys))
        inserted = _insert_missing(wanted, until)
        if inserted < len(wanted):
            shorter = self._rows().filter(key__in=wanted, expires_at__lt=until)
            # Looked at first: of several who end one session at once, each has the row to read
            # that the others would have to write. MariaDB lets one of them go on.
            if shorter.exists():
                shorter.update(expires_at=until, revoked_at=Now())
        return inserted

    def revoked(self, keys: Iterable[Key]) -> frozenset[Key]:
        """Ask the table; a row counts for as long as it is there, purged or not."""
        return frozenset(self._rows().filter(key__in=list(keys)).values_list("key", flat=True))

    def purge(
        self, *, before: datetime, limit: int, after: Place | None = None, is_dry: bool = False
    ) -> Batch:
        """Delete by primary key what an index alone has found."""
        return forget(
            self._rows(), by="expires_at", before=before, limit=limit, after=after, is_dry=is_dry
        )

    @staticmethod
    def _rows() -> models.QuerySet[RevokedToken]:
        return RevokedToken.objects.using(primary_database())


def _insert_missing(keys: list[Key], until: datetime) -> int:
    """`INSERT … ON CONFLICT DO NOTHING`, for its row count, which the ORM keeps to itself."""
    if not keys:
        return 0
    connection = connections[primary_database()]
    fields: list[Any] = [RevokedToken._meta.get_field(name) for name in ("key", "expires_at")]
    columns: list[str] = [field.column for field in fields]
    quote = connection.ops.quote_name
    ignore = OnConflict.IGNORE
    rows = ", ".join(["(%s, %s)"] * len(keys))
    sql = (
        f"{connection.ops.insert_statement(on_conflict=ignore)} "
        f"{quote(RevokedToken._meta.db_table)} ({', '.join(map(quote, columns))}) VALUES {rows} "
        f"{connection.ops.on_conflict_suffix_sql(fields, ignore, [], [])}"
    )
    moment = fields[1].get_db_prep_save(until, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for key in keys for value in (key, moment)])
        return int(cursor.rowcount)
