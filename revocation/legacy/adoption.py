"""A session for a token that never had one.

Its id is derived from what the token is, so that of any number of workers that meet the token one
opens the session, and whatever ends the session ends the token.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ValidationError
from django.db import DataError
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from .. import journal, opening, signals, unseen
from ..claims import Key
from ..device import device_of
from ..errors import (
    RefreshRejected,
    TokenRevoked,
    Unauthenticated,
    UserInactive,
    refusing_when_unavailable,
)
from ..models import Session, fingerprint_of, primary_database, session_rows
from ..occasions import OWNER, Reason, because
from ..stores import current_store
from ..tokens import username_of


def user_called(field: str, name: str) -> Any:
    """Return the user whom a token names. Raises `UserInactive` where there is none."""
    users: Any = get_user_model()._base_manager.using(primary_database())
    found = []
    # What no column holds, of this model or in this database, is nobody's name.
    nobodys = (ValueError, ValidationError, OverflowError, FieldError, DataError)
    with refusing_when_unavailable(), suppress(*nobodys):
        found = list(users.filter(**{field: name})[:2])
    # Of several nobody knows which.
    if len(found) != 1 or not is_called(found[0], field, name):
        raise UserInactive
    return found[0]


def is_called(user: Any, field: str, name: str) -> bool:
    """Whether a user is called exactly so; a database may compare names without regard to case."""
    if field == user.USERNAME_FIELD:
        return str(username_of(user)) == name
    value = getattr(user, field, None)
    return str(value.pk if isinstance(value, Model) else value) == name


def adopt(
    sid: Key,
    *,
    jti: Key | None = None,
    pk: Any,
    called: tuple[str, str] | None = None,
    end: datetime,
    access_end: datetime | None = None,
    request: HttpRequest | None,
    allow: Callable[[Any], None],
) -> None:
    """Open session `sid` for the user with this primary key, if there never was one.

    `called` is how the token names the user, where it does. `allow` is given the user as of now and
    locked, in the transaction that opens the session: it raises where the token is dead, and marks
    it as used where somebody else could use it too. Raises what that raises, `UserInactive`,
    `TokenRevoked`, or `RevocationUnavailable`.
    """
    session = _session(sid, pk, end=end, access_end=access_end or end, request=request)
    own_keys = [sid] if jti is None else [sid, jti]
    using = primary_database()

    def write() -> bool:
        # Whoever ends all sessions of a user, seen and unseen, does so before or after.
        owner = opening.lock_user(pk)
        if session_rows().filter(pk=sid).exists():
            return False
        if owner is None or (called and not is_called(owner, *called)):
            raise UserInactive
        if current_store().revoked(own_keys + unseen.keys(pk, called=called)):
            raise TokenRevoked
        allow(owner)
        session.fingerprint = fingerprint_of(owner.password, sid=sid)
        session.save(using=using, force_insert=True)
        session.user = owner
        opening.tell(signals.session_adopted, session)
        return True

    def again() -> None:
        # Refused by now, the token needs no session any more.
        with suppress(Unauthenticated, RefreshRejected):
            write()

    with because(Reason.ADOPTED, actor=OWNER, request=request):
        journal.durably(write, using=using, again=again)


def _session(
    sid: Key, pk: Any, *, end: datetime, access_end: datetime, request: HttpRequest | None
) -> Session:
    now = timezone.now()
    return Session(
        id=sid,
        user_id=pk,
        created_at=now,
        rotated_at=now,
        expires_at=end,
        access_expires_at=access_end,
        **device_of(request),
    )
