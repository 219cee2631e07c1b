"""What a status list says of each session, read from the database.

VALID of a session whose tokens could still be used here, and of a place that nobody has yet or only
just now: a list may be kept while somebody signs in. Of all others INVALID, also where no row is
left.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, OuterRef

from .models import (
    RevokedToken,
    is_fingerprint_of,
    primary_database,
    session_rows,
)
from .status_index import (
    CHUNK_SIZE,
    LIST_SIZE,
    first_unsettled,
    key_of,
    order_of,
    position_of_key,
)

_VALID, _INVALID = 0x00, 0xFF
_ROWS_AT_ONCE = 10_000


def statuses(number: int, *, now: datetime | None = None) -> bytes:
    """Return the statuses of a list, one bit each, the first in the lowest bit (the draft, 4.1).

    `now` stands in for the database's clock.
    """
    first = number * LIST_SIZE
    # Asked before the rows: what is settled by now is among them, if it is anywhere.
    border = min(max(first_unsettled(now=now), first), first + LIST_SIZE)
    bits = _without_rows(first, border)
    # What has a row is decided by that, from where rows may be missing that will come.
    for position in _positions(border - border % CHUNK_SIZE, first + LIST_SIZE):
        _set_invalid(bits, position - first)
    for position in _good(first, first + LIST_SIZE):
        _set_valid(bits, position - first)
    for position in _marked(first, first + LIST_SIZE):
        _set_invalid(bits, position - first)
    return bytes(bits)


def _without_rows(first: int, border: int) -> bytearray:
    """Return what holds where there is no row: INVALID, unless there may be one soon."""
    whole, rest = divmod(border - first, CHUNK_SIZE)
    bits = bytearray([_INVALID]) * (whole * CHUNK_SIZE // 8)
    bits += bytearray([_VALID]) * (LIST_SIZE // 8 - len(bits))
    if rest:
        start = whole * CHUNK_SIZE
        for place in order_of(border // CHUNK_SIZE)[:rest]:
            _set_invalid(bits, start + place)
    return bits


def _positions(first: int, end: int) -> Iterator[int]:
    within = session_rows().filter(status_position__gte=first, status_position__lt=end)
    found: Iterator[Any] = within.values_list("status_position", flat=True).iterator()
    return found


def _good(first: int, end: int) -> Iterator[int]:
    """Yield the positions of sessions whose tokens open something here: what the guard asks."""
    for position, sid, fingerprint, password in _unended(first, end):
        if password is not None and is_fingerprint_of(fingerprint, password, sid=sid):
            yield position


def _unended(first: int, end: int) -> Iterator[tuple[int, str, str, str | None]]:
    """Yield position, id, fingerprint, and the password's hash if the user is there and active.

    A few at a time along the index, so that memory is bounded on every database.
    """
    blacklisted = Exists(RevokedToken.objects.filter(key=OuterRef("pk")))
    rows = session_rows().unended().filter(~blacklisted).order_by("status_position")
    has_column = _has_column("is_active")
    if has_column:
        rows = rows.filter(user__is_active=True)
    last: int | None = first - 1
    while last is not None:
        page = rows.filter(status_position__gt=last, status_position__lt=end)[:_ROWS_AT_ONCE]
        if has_column:
            names = ("status_position", "id", "fingerprint", "user__password")
            found: list[Any] = list(page.values_list(*names))
        else:
            found = [_known(session) for session in page.select_related("user")]
        yield from found
        last = found[-1][0] if len(found) == _ROWS_AT_ONCE else None


def _known(session: Any) -> tuple[Any, ...]:
    # A project may compute whether a user is active from whatever it has.
    is_active = session.user is not None and session.user.is_active
    password = session.user.password if is_active else None
    return session.status_position, session.id, session.fingerprint, password


def _marked(first: int, end: int) -> Iterator[int]:
    """Yield positions where a token was revoked alone."""
    marked = RevokedToken.objects.using(primary_database()).filter(
        key__gte=key_of(first), key__lt=key_of(end)
    )
    return map(position_of_key, marked.values_list("key", flat=True).iterator())


def _has_column(name: str) -> bool:
    try:
        return bool(get_user_model()._meta.get_field(name).concrete)
    except FieldDoesNotExist:
        return False


def _set_invalid(bits: bytearray, index: int) -> None:
    bits[index >> 3] |= 1 << (index & 7)


def _set_valid(bits: bytearray, index: int) -> None:
    bits[index >> 3] &= 0xFF ^ (1 << (index & 7))
