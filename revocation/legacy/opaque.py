"""Refresh tokens of `graphql_jwt.refresh_token`: rows of its model, or of a project's own.

A row holds the token itself. Nothing of it is written anywhere else.
"""

from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from graphql_jwt.exceptions import JSONWebTokenError

from ..claims import Key
from ..conf import conf
from ..errors import RefreshInvalid, refusing_when_unavailable
from ..models import primary_database
from ..written import jwt_setting

_HANDLER = "JWT_GET_REFRESH_TOKEN_HANDLER"
_STOCK_HANDLER = "graphql_jwt.refresh_token.utils.get_refresh_token_by_model"


def model() -> Any:
    """Return the model that `JWT_REFRESH_TOKEN_MODEL` names, or None where it is not installed."""
    with suppress(LookupError, ValueError):
        return apps.get_model(jwt_setting("JWT_REFRESH_TOKEN_MODEL"))
    return None


def rows() -> QuerySet[Any]:
    """Return its table, on the primary database."""
    found: QuerySet[Any] = model()._base_manager.using(primary_database())
    return found


def live_rows(*, now: datetime | None = None) -> QuerySet[Any]:
    """Return the rows that are neither revoked nor expired."""
    since = (now or timezone.now()) - conf().refresh_lifetime
    return rows().filter(revoked__isnull=True, created__gt=since)


def find(text: str, *, request: Any) -> Any:
    """Return the row of a token, revoked or not. Raises `RefreshInvalid`."""
    # What is written otherwise some columns cannot even be asked about.
    if model() is None or not text or not text.isascii() or not text.isprintable():
        raise RefreshInvalid
    with refusing_when_unavailable():
        row = _by_text(text)
        # Unless it is known to be used up, a project's own handler has the say.
        if _has_own_handler() and (row is None or row.revoked is None):
            row = _by_handler(text, request)
    if row is None:
        raise RefreshInvalid
    return row


def sid_of(row: Any) -> Key:
    """Return the id of the session that a row is exchanged for: its place, not its secret."""
    place = f"{row._meta.label_lower}\0{row.pk}"
    return blake2b(place.encode(), digest_size=16, person=b"legacy refresh").hexdigest()


def expires_at(row: Any) -> datetime:
    """Return when a row expires."""
    created: datetime = row.created
    return created + conf().refresh_lifetime


def revoke(row: Any) -> bool:
    """Mark a row as revoked, in the caller's transaction; return whether it was not before."""
    unrevoked = rows().filter(pk=row.pk, revoked__isnull=True)
    return bool(unrevoked.update(revoked=timezone.now()))


def _by_text(text: str) -> Any:
    """Look for the text. A token that was exchanged is found as well, to be known again."""
    column = model()._meta.get_field("token")
    if column.max_length is not None and len(text) > column.max_length:
        return None
    found = rows().filter(token=text).order_by("pk")
    # A database may compare texts without regard to case, or to spaces at the end.
    exact = [row for row in found if row.token == text]
    return next((row for row in exact if row.revoked is None), exact[0] if exact else None)


def _by_handler(text: str, request: Any) -> Any:
    """Ask the project's own handler: only that knows what its column holds."""
    handler = jwt_setting(_HANDLER)
    get = import_string(handler) if isinstance(handler, str) else handler
    with suppress(ObjectDoesNotExist, JSONWebTokenError):
        return get(refresh_token_model=model(), token=text, context=request)
    return None


def _has_own_handler() -> bool:
    handler = jwt_setting(_HANDLER)
    # One of ours speaks for code of django-graphql-jwt, which is to take no such token any more.
    return handler != _STOCK_HANDLER and not str(handler).startswith("revocation.")
