"""Where a session stands in the status lists, and what its tokens say of that.

A *position* counts through all lists: list number times `LIST_SIZE`, plus the index in the list. It
is made of a number that is drawn once and never again, so no position is ever given twice, whatever
becomes of the session's row.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from django.core.signals import setting_changed
from django.db.models import Max, Min, Q
from django.db.models.functions import Now

from .claims import Key
from .conf import conf
from .models import Deployment, Session, StatusTicket, primary_database, session_rows

# Entries of a list, as in the examples of the draft: 128 KiB before it is compressed.
LIST_SIZE = 2**20
# Within so many, nobody can tell the order in which they were given. A list fills up from its
# beginning, so that what nobody has yet is one run of equal bits.
CHUNK_SIZE = 2**14
# A sign-in that has not been committed after so long is taken for one that never will be.
_SETTLED = timedelta(seconds=60)
_KEPT = timedelta(minutes=10)
_NAMES: dict[str, str] = {}


def reference(position: int | None) -> dict[str, Any]:
    """Return the claim `status` of a session's tokens (draft-ietf-oauth-status-list, 6.2)."""
    url = conf().status_list_url
    if url is None or position is None:
        return {}
    number, idx = divmod(position, LIST_SIZE)
    return {"status_list": {"idx": idx, "uri": uri_of(url, number)}}


def uri_of(url: str, number: int) -> str:
    """Return the address of a list."""
    return f"{url.rstrip('/')}/{number}"


def position_in(verified: Mapping[str, Any]) -> int | None:
    """Return the position that a token of ours speaks of, also when no lists are served now."""
    match verified.get("status"):
        case {"status_list": {"idx": int(idx), "uri": str(uri)}} if 0 <= idx < LIST_SIZE:
            number = uri.rpartition("/")[2]
            is_number = number.isascii() and number.isdecimal() and len(number) < _DIGITS
            return int(number) * LIST_SIZE + idx if is_number else None
    return None


def key_of(position: int) -> Key:
    """Return the blacklist key that marks a position, for as long as a token there is revoked.

    Digits and a letter that no other key begins with: every database puts them in the same order.
    """
    return f"s{position:0{_DIGITS}}"


def position_of_key(key: Key) -> int:
    """Return what `key_of` was given."""
    return int(key[1:])


def ensure_position(session: Session) -> None:
    """Give a session a position of its own, in the caller's transaction, where lists are served.

    Called again after that transaction was undone, the session keeps the one it was given: tokens
    may say so already.
    """
    if conf().status_list_url is None:
        return
    if session.status_position is None:
        session.status_position = _new_position()
    else:
        # SQLite would draw the number once more, the drawing having been undone as well.
        again = StatusTicket(pk=_number_of(session.status_position))
        StatusTicket.objects.using(primary_database()).bulk_create([again], ignore_conflicts=True)


def lacking(session: Session) -> Callable[[], dict[str, Any]]:
    """Return what gives the columns to write beside a new token: a position, if there was none.

    To be called in the transaction of that write.
    """
    if conf().status_list_url is None or session.status_position is not None:
        return dict

    def give() -> dict[str, Any]:
        # Locked: of two that are written at once, the second one finds what the first was given.
        row = session_rows().select_for_update().filter(pk=session.pk)
        known = row.values_list("status_position", flat=True).first()
        if known is None:
            ensure_position(session)
        else:
            session.status_position = known
        return {"status_position": session.status_position}

    return give


def first_unsettled(*, now: datetime | None = None) -> int:
    """Return the first number whose session may not be committed yet, or may not be drawn yet.

    `now` stands in for the database's clock.
    """
    is_unsettled = Q(taken_at__gt=(now or Now()) - _SETTLED)
    found = StatusTicket.objects.using(primary_database()).aggregate(
        first=Min("pk", filter=is_unsettled), settled=Max("pk", filter=~is_unsettled)
    )
    # Others may be seen before the one that was drawn before them.
    following = (found["settled"] or 0) + 1
    return min(found["first"] or following, following)


def last_list() -> int:
    """Return the number of the last list of which a token may speak; -1 if there is none."""
    tickets = StatusTicket.objects.using(primary_database()).order_by("-pk")
    last = tickets.values_list("pk", flat=True).first()
    return -1 if last is None else int(last // LIST_SIZE)


def order_of(chunk: int) -> tuple[int, ...]:
    """Return where in its chunk each number stands, in the order in which they are drawn."""
    return _order(_name(), chunk)


# A position of ours has fewer digits than any column has room for.
_DIGITS = 19


def _new_position() -> int:
    tickets = StatusTicket.objects.using(primary_database())
    while True:
        number = tickets.create().pk
        position = _position_of(number)
        # Taken only where somebody has put other rows into the tables, and then for good.
        if not session_rows().filter(status_position=position).exists():
            break
    if number % CHUNK_SIZE == 0:
        old = Q(pk__lt=number - CHUNK_SIZE, taken_at__lt=Now() - _KEPT)
        tickets.filter(old).delete()
    return position


def _position_of(number: int) -> int:
    chunk, place = divmod(number, CHUNK_SIZE)
    return chunk * CHUNK_SIZE + order_of(chunk)[place]


def _number_of(position: int) -> int:
    chunk, place = divmod(position, CHUNK_SIZE)
    return chunk * CHUNK_SIZE + order_of(chunk).index(place)


@lru_cache(maxsize=8)
def _order(name: str, chunk: int) -> tuple[int, ...]:
    """Sort by a digest that nobody can make who does not know the database's name."""

    def digest(place: int) -> bytes:
        return blake2b(b"%d %d" % (chunk, place), key=name.encode(), digest_size=16).digest()

    return tuple(sorted(range(CHUNK_SIZE), key=digest))


def _name() -> str:
    using = primary_database()
    if using not in _NAMES:
        deployment, is_new = Deployment.objects.using(using).get_or_create(pk=1)
        if is_new:
            # Not to be remembered: the transaction it was written in may be undone.
            return deployment.name
        _NAMES[using] = deployment.name
    return _NAMES[using]


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "DATABASES":
        _NAMES.clear()


setting_changed.connect(_forget)
