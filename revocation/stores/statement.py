"""The one statement that decides about an access token.

The ORM compiles it once for each database and user model; each question then binds parameters and
runs it. Parameters and results pass the fields' own preparation and converters, so the user is the
object the ORM would have given.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.signals import setting_changed
from django.db import DataError, connections
from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    Expression,
    ExpressionWrapper,
    OuterRef,
    Subquery,
)
from django.db.models.sql.compiler import SQLCompiler

from ..claims import AccessClaims
from ..errors import TokenInvalid
from ..models import RevokedToken, Session
from .base import Facts

# A text and a number or so for each.
_REMEMBERED_USERS = 1024


class _Slot(Expression):
    """A parameter whose value is bound when the statement runs."""

    def __init__(self, name: str, output_field: Any) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        """Compile to one placeholder, with this slot in the place of its value."""
        return "%s", [self]


class _Converted(str):
    """SQL with SQLite's own placeholders: Django's cursor would write them in for each question."""

    __slots__ = ()

    def __mod__(self, names: object) -> "_Converted":
        return self


class VerdictStatement:
    """A compiled statement, safe to share between threads."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._model = get_user_model()
        self._pk = self._model._meta.pk
        self._primary_key = lru_cache(maxsize=_REMEMBERED_USERS)(self._prepare)
        compiler = _question(self._model, using).query.get_compiler(using)
        sql, params = compiler.as_sql()
        names = [
            param.name if isinstance(param, _Slot) else f"constant{position}"
            for position, param in enumerate(params)
        ]
        # Bound by name: SQLite's cursor then has no placeholders to search for.
        self._sql: str = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
        if compiler.connection.vendor == "sqlite":
            self._sql = _Converted(self._sql % {name: f":{name}" for name in names})
        self._constants = {
            name: param
            for name, param in zip(names, params, strict=True)
            if not isinstance(param, _Slot)
        }
        self._read_rows(compiler)

    def run(self, claims: AccessClaims) -> Facts:
        """Ask about one token. Raises `TokenInvalid` when `sub` can be nobody's primary key."""
        connection = connections[self._using]
        sub = self._primary_key(claims.sub)
        keys = {"sub": sub, "jti": claims.jti, "sid": claims.sid}
        try:
            with connection.cursor() as cursor:
                cursor.execute(self._sql, self._constants | keys)
                # Each call through Django's own cursor would guard itself once more.
                with connection.wrap_database_errors:
                    row = cursor.cursor.fetchone()
        except (OverflowError, DataError):
            # A number that no column of this database holds.
            raise TokenInvalid from None
        return Facts(None, None, False) if row is None else self._to_facts(row, connection)

    def _prepare(self, sub: str) -> Any:
        """Prepare `sub` as the user model's primary key would be. Two texts are never one key."""
        try:
            value = self._pk.to_python(sub)
            if str(value) == sub and not _is_too_big(value):
                return self._pk.get_db_prep_value(value, connections[self._using])
        except (ValidationError, ValueError, OverflowError):
            pass
        raise TokenInvalid

    def _read_rows(self, compiler: SQLCompiler) -> None:
        """Remember where in a row the user and the session's facts stand."""
        select, info, columns = compiler.select, compiler.klass_info, compiler.annotation_col_map
        positions = info["select_fields"]
        self._user = slice(positions[0], positions[-1] + 1)
        self._names = [select[position][0].target.attname for position in positions]
        self._fingerprint = columns["session_fingerprint"]
        self._is_revoked = columns["is_revoked"]
        found = compiler.get_converters([expression for expression, *_ in select])
        self._converters: list[tuple[int, Callable[..., Any], Any]] = [
            (position, convert, expression)
            for position, (converters, expression) in found.items()
            if position != self._is_revoked
            for convert in converters
        ]

    def _to_facts(self, row: tuple[Any, ...], connection: Any) -> Facts:
        values = list(row)
        for position, convert, expression in self._converters:
            values[position] = convert(values[position], expression, connection)
        return Facts(
            self._model.from_db(self._using, self._names, values[self._user]),
            values[self._fingerprint],
            bool(values[self._is_revoked]),
        )


def _is_too_big(value: Any) -> bool:
    """Whether it is a number that no column of any database holds."""
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _question(model: Any, using: str) -> Any:
    """The user, the fingerprint of the live session, and whether a key is on the blacklist.

    Sub-selects on primary keys rather than joins: no row of another table can multiply or hide
    the user's, and no reverse relation is asked of the user model.
    """
    sub, jti, sid = (
        _Slot("sub", model._meta.pk),
        _Slot("jti", CharField()),
        _Slot("sid", CharField()),
    )
    session = Session.objects.filter(id=sid, user_id=OuterRef("pk"), ended_at__isnull=True).values(
        "fingerprint"
    )
    # One question a key: an index answers each at once, and several together by way of a list.
    revoked = [Exists(RevokedToken.objects.filter(key=key)) for key in (jti, sid)]
    is_revoked = ExpressionWrapper(revoked[0] | revoked[1], output_field=BooleanField())
    return (
        model._base_manager.using(using)
        .order_by()
        .annotate(session_fingerprint=Subquery(session), is_revoked=is_revoked)
        .filter(pk=sub)
    )


@lru_cache(maxsize=8)
def verdict_statement(using: str) -> VerdictStatement:
    """Return the statement for a database, compiled when it is first asked for."""
    return VerdictStatement(using)


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"AUTH_USER_MODEL", "DATABASES"}:
        verdict_statement.cache_clear()


setting_changed.connect(_forget)
