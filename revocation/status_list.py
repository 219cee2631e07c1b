"""The status lists: which sessions have ended, for services that have nothing but our public keys.

A list is made of what the database says, at most twice in its lifetime and process, and signed.
"""

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import Lock

import jwt
from django.utils import timezone
from jwt.utils import base64url_encode

from .conf import Conf, conf
from .errors import RevocationUnavailable, refusing_when_unavailable
from .keys import key_ring
from .status_bits import statuses
from .status_index import last_list, uri_of
from .tokens import sign_status_list

_REMEMBERED_LISTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class StatusList:
    """A signed list. `built_at` is when it was begun, `expires_at` when it counts no more."""

    token: bytes = field(repr=False)
    kid: str
    etag: str
    built_at: float
    expires_at: int
    # For so long it is handed out, and may then be kept for as long again.
    half_life: float

    def is_young(self, moment: float) -> bool:
        """Whether it may be handed out without another look at the database."""
        return 0 <= moment - self.built_at < self.half_life

    def counts(self, moment: float) -> bool:
        """Whether it is still worth something to whoever gets it, for a second at least."""
        return self.built_at <= moment < self.expires_at - 1

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

    def get(self, number: int) -> StatusList | None:
        """Return a list that was kept, unless its key was left out: nobody believes it any more."""
        kept = self.lists.get(number)
        return kept if kept is not None and kept.kid in key_ring().verifying else None

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
    kept = shelf.get(number)
    if kept is not None and kept.is_young(_epoch(now)):
        return kept
    if kept is None and not _exists(number):
        return None
    return _renewed(number, kept, shelf, now=now)


def _renewed(
    number: int, kept: StatusList | None, shelf: _Shelf, *, now: datetime | None
) -> StatusList:
    """Return the next list, or the last one while that is being made or cannot be."""
    last = kept if kept is not None and kept.counts(_epoch(now)) else None
    builder = shelf.builder(number)
    # It may take seconds: nobody waits who can be given something.
    if not builder.acquire(blocking=last is None) and last is not None:
        return last
    try:
        newest = shelf.get(number)
        # Somebody else may have made it while we waited for our turn.
        if newest is None or not newest.is_young(_epoch(now)):
            newest = build(number, now=now)
            shelf.put(number, newest)
    except RevocationUnavailable:
        if last is None:
            raise
        return last
    finally:
        builder.release()
    return newest


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
    kid = jwt.get_unverified_header(token)["kid"]
    return StatusList(token, kid, etag, built_at, expires_at, lifetime / 2)


def _exists(number: int) -> bool:
    with refusing_when_unavailable():
        return 0 <= number <= last_list()


def _shelf(settings: Conf) -> _Shelf:
    if not _shelves or _shelves[0].settings is not settings:
        _shelves[:] = [_Shelf(settings)]
    return _shelves[0]


def _epoch(now: datetime | None) -> float:
    return (now or timezone.now()).timestamp()
