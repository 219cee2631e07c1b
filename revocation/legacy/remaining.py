"""How many legacy refresh tokens are left to exchange. Nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone

from .. import unseen
from ..conf import conf
from ..stores import current_store
from . import opaque, simplejwt

# A statement has room for so many parameters.
_USERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Remaining:
    """Tokens of one table that an exchange would take, and when the last of them expires."""

    count: int
    last_expires_at: datetime | None


def opaque_tokens() -> Remaining | None:
    """Count those of `graphql_jwt.refresh_token`, or of a model in its place; None without one."""
    if opaque.model() is None:
        return None
    return _counted(opaque.live_rows(), by="created", adding=conf().refresh_lifetime)


def simplejwt_tokens() -> Remaining | None:
    """Count simplejwt's outstanding refresh tokens; None without its blacklist app.

    Without that, nobody knows how many there are.
    """
    if not simplejwt.has_blacklist():
        return None
    live = simplejwt.rows("OutstandingToken").filter(
        expires_at__gt=timezone.now(), blacklistedtoken__isnull=True, user__isnull=False
    )
    return _counted(live, by="expires_at")


def _counted(rows: Any, *, by: str, adding: Any = None) -> Remaining:
    users = rows.order_by().values_list("user_id").annotate(Count("pk"), Max(by))
    found = [row for row in users.iterator() if row[2] is not None]
    alive = list(_unrevoked(found))
    latest = max((moment for _, _, moment in alive), default=None)
    if latest is not None and adding is not None:
        latest += adding
    return Remaining(sum(count for _, count, _ in alive), latest)


def _unrevoked(users: list[tuple[Any, int, datetime]]) -> Iterator[tuple[Any, int, datetime]]:
    """Leave out users who have logged out everywhere since, or changed their password."""
    waiting = iter(users)
    while some := list(islice(waiting, _USERS_AT_ONCE)):
        keys = {row[0]: set(unseen.keys(row[0], called=None)) for row in some}
        revoked: frozenset[str] = frozenset()
        if unseen.may_exist():
            revoked = current_store().revoked(set().union(*keys.values()))
        yield from (row for row in some if not keys[row[0]] & revoked)
