"""The contract of a store."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser

from ..claims import AccessClaims, Key
from ..purging import Batch, Place

# Of a memory that is full: it refuses to write, and forgets nothing.
SAFE_POLICY = "noeviction"


class Facts(NamedTuple):
    """What is known about an access token at one moment.

    `user` is None when there is none with that primary key. `fingerprint` is None when the user
    has no such session, or it has ended.
    """

    user: AbstractBaseUser | None
    fingerprint: str | None
    is_revoked: bool


class NotRebuilt(Exception):
    """A store's quicker copy could not be filled; the text says why, and what helps."""


class Store(ABC):
    """Remembers what was revoked until it would have expired anyway.

    Every method raises `django.db.Error` or an error of its own client when it cannot answer:
    a store never guesses.
    """

    def glance(self, claims: AccessClaims) -> bool | None:
        """Return whether a token is revoked, if that is known without asking for `facts`.

        Nothing is said of the user. A store without a quicker way never knows.
        """
        return None

    def rebuild(self) -> Iterator[int] | None:
        """Fill a quicker copy of the blacklist anew, yielding how many keys at a time.

        None where there is no copy. The iterator raises `NotRebuilt` or `django.db.Error`.
        """
        return None

    # What a child must implement.

    @abstractmethod
    def facts(self, claims: AccessClaims) -> Facts:
        """Return all that decides about an access token, as of now and from the primary."""

    @abstractmethod
    def revoke(self, keys: Iterable[Key], *, until: datetime) -> int:
        """Blacklist `keys` until `until` (UTC), never for less time than before.

        Return how many were not there yet.
        """

    @abstractmethod
    def revoked(self, keys: Iterable[Key]) -> frozenset[Key]:
        """Return those of `keys` that are on the blacklist."""

    @abstractmethod
    def purge(
        self, *, before: datetime, limit: int, after: Place | None = None, is_dry: bool = False
    ) -> Batch:
        """Look at `limit` keys that expired before `before`, the oldest after a place; forget them.

        Says how many went, and where the next step begins. With `is_dry` it only counts them.
        """
