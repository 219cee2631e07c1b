"""The status lists: which sessions have ended, for services that have nothing but our public keys.

A list is made of what the database says, at most twice in its lifetime and process, and signed. It
says VALID of a session that a token could still be used with here, and of indexes that nobody has
yet: a list may be kept while somebody signs in. Of all others it says INVALID, also where no row
is left.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import Lock
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone
from jwt.utils import base64url_encode

from .conf import Conf, conf
from .errors import RevocationUnavailable, refusing_when_unavailable
from .models import RevokedToken, is_fingerprint_of, primary_database, session_rows
from .status_index import (
    CHUNK_SIZE,
    LIST_SIZE,
    first_unsettled,
    key_of,
    last_list,
    order_of,
    position_of_key,
    uri_of,
)
from .tokens import sign_status_list

_VALID, _INVALID = 0x00, 0xFF
_ROWS_AT_ONCE = 10_000
_REMEMBERED_LISTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class StatusList:
    """A signed list. `built_at` is when it was begun, `expires_at` when it counts no more."""

    token: bytes = field(repr=False)
    etag: str
    built_at: float
    expires_at: int
    # For so long it is handed out, and may then be kept for as long again.
    half_life: float

    def is_young(self, moment: float) -> bool:
        """Whether it may be handed out without another look at the database."""
        return 0 <= moment - self.built_at < self.half_life

    def max_age(self, moment: float) -> int:
        """Return for how many seconds a cache on the way may keep it.

        With its age that is at most half its lifetime. Whoever it reaches then may keep it for
        `ttl`, the other half: nobody has it for longer than its lifetime after it was begun.
        """
        return max(0, int(self.half_life - (moment - self.built_at)))


class _Shelf:
    """The lists of one reading of the settings, in this process."""

    def __init__(self, settings: Conf) -> None:
        self.settings = settings
        self.lists: dict[int, StatusList] = {}
        self.lock = Lock()
        self.builders: dict[int, Lock] = {}

    def builder(self, number: int) -> Lock:
        """Return what only one thread at a time holds for a list."""
        with self.lock:
            return self.builders.setdefault(number, Lock())

    def put(self, number: int, made: StatusList) -> None:
        """Keep a list; those that were not asked for lately go."""
        with self.lock:
            self.lists.pop(number, None)
            self.lists[number] = made
            while len(self.lists) > _REMEMBERED_LISTS:
                oldest = next(iter(self.lists))
                del self.lists[oldest]
                self.builders.pop(oldest, None)


_shelves: list[_Shelf] = []


def current_list(number: int, *, now: datetime | None = None) -> StatusList | None:
    """Return a list as it is to be handed out now, or None where there is none.

    Raises `RevocationUnavailable` when the database does not answer and the last list is too old.
    """
    settings = conf()
    if settings.status_list_url is None:
        return None
    shelf = _shelf(settings)
    kept = shelf.lists.get(number)
    if kept is not None and kept.is_young(_epoch(now)):
        return kept
    if kept is None and not _exists(number):
        return None
    with shelf.builder(number):
        kept = shelf.lists.get(number)
        # Somebody else may have made it while we waited for our turn.
        if kept is not None and kept.is_young(_epoch(now)):
            return kept
        try:
            made = build(number, now=now)
        except RevocationUnavailable:
            if kept is not None and kept.built_at <= _epoch(now) < kept.expires_at - 1:
                return kept
            raise
        shelf.put(number, made)
        return made


def build(number: int, *, now: datetime | None = None) -> StatusList:
    """Make a list anew and sign it. Raises `RevocationUnavailable`."""
    settings = conf()
    # Before the first look at the database: what is revoked from here on may be missing.
    built_at = _epoch(now)
    with refusing_when_unavailable():
        compressed = zlib.compress(statuses(number, now=now), level=9)
    lifetime = settings.status_list_lifetime.total_seconds()
    expires_at = int(built_at + lifetime)
    token = sign_status_list(
        {
            "sub": uri_of(str(settings.status_list_url), number),
            "iat": int(built_at),
            "exp": expires_at,
            "ttl": int(lifetime / 2),
            "status_list": {"bits": 1, "lst": base64url_encode(compressed).decode()},
        }
    ).encode()
    etag = f'"{blake2b(token, digest_size=16).hexdigest()}"'
    return StatusList(token, etag, built_at, expires_at, lifetime / 2)


def statuses(number: int, *, now: datetime | None = None) -> bytes:
    """Return the statuses of a list, one bit each, the first in the lowest bit (the draft, 4.1)."""
    # Asked before the rows: what is settled by now is among them, if it is anywhere.
    bits = _without_rows(number, border=first_unsettled(now=now))
    first = number * LIST_SIZE
    for position, is_valid in _judged(first, first + LIST_SIZE):
        _set(bits, position - first, is_invalid=not is_valid)
    marked = RevokedToken.objects.using(primary_database()).filter(
        key__gte=key_of(first), key__lt=key_of(first + LIST_SIZE)
    )
    for key in marked.values_list("key", flat=True).iterator():
        _set(bits, position_of_key(key) - first, is_invalid=True)
    return bytes(bits)


def _without_rows(number: int, *, border: int) -> bytearray:
    """Return what holds where there is no row: INVALID, unless there may be one soon."""
    first = number * LIST_SIZE
    settled = min(max(border - first, 0), LIST_SIZE)
    whole = settled // CHUNK_SIZE
    bits = bytearray([_INVALID]) * (whole * CHUNK_SIZE // 8)
    bits += bytearray([_VALID]) * (LIST_SIZE // 8 - len(bits))
    if rest := settled % CHUNK_SIZE:
        start = whole * CHUNK_SIZE
        for place in order_of((first + start) // CHUNK_SIZE)[:rest]:
            _set(bits, start + place, is_invalid=True)
    return bits


def _judged(first: int, end: int) -> Iterator[tuple[int, bool]]:
    """Yield each session's position, and whether its tokens open anything here.

    A few rows at a time along the index, so that memory is bounded on every database.
    """
    blacklisted = Exists(RevokedToken.objects.filter(key=OuterRef("pk")))
    unended = ExpressionWrapper(Q(ended_at__isnull=True), BooleanField())
    rows = session_rows().annotate(is_blacklisted=blacklisted, is_unended=unended)
    rows = rows.order_by("status_position")
    names = ["status_position", "id", "fingerprint", "is_unended", "is_blacklisted"]
    last = first - 1
    while True:
        page = rows.filter(status_position__gt=last, status_position__lt=end)
        if _has_column("is_active"):
            found = list(
                page.values_list(*names, "user__password", "user__is_active")[:_ROWS_AT_ONCE]
            )
        else:
            found = [_row_of(session) for session in page.select_related("user")[:_ROWS_AT_ONCE]]
        for position, sid, fingerprint, is_unended, is_blacklisted, password, is_active in found:
            yield (
                position,
                bool(is_unended and not is_blacklisted and is_active and password is not None)
                and is_fingerprint_of(fingerprint, password, sid=sid),
            )
        if len(found) < _ROWS_AT_ONCE:
            return
        last = found[-1][0]


def _row_of(session: Any) -> tuple[Any, ...]:
    user = session.user
    return (
        session.status_position,
        session.id,
        session.fingerprint,
        session.is_unended,
        session.is_blacklisted,
        getattr(user, "password", None),
        getattr(user, "is_active", False),
    )


def _has_column(name: str) -> bool:
    """Whether users have a column of that name; a project may compute it instead."""
    try:
        field = get_user_model()._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return bool(field.concrete)


def _exists(number: int) -> bool:
    with refusing_when_unavailable():
        return 0 <= number <= last_list()


def _set(bits: bytearray, index: int, *, is_invalid: bool) -> None:
    if is_invalid:
        bits[index >> 3] |= 1 << (index & 7)
    else:
        bits[index >> 3] &= ~(1 << (index & 7)) & 0xFF


def _shelf(settings: Conf) -> _Shelf:
    if not _shelves or _shelves[0].settings is not settings:
        _shelves[:] = [_Shelf(settings)]
    return _shelves[0]


def _epoch(now: datetime | None) -> float:
    return (now or timezone.now()).timestamp()
