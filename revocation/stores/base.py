"""The contract of a store."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from ..claims import AccessClaims, Key


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about an access token at one moment.

    `user` is None when there is none with that primary key. `fingerprint` is None when the user
    has no such session, or it has ended.
    """

    user: AbstractBaseUser | None
    fingerprint: str | None
    is_revoked: bool


class Store(ABC):
    """Remembers what was revoked until it would have expired anyway.

    Every method raises `django.db.Error` or an error of its own client when it cannot answer:
    a store never guesses.
    """

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
    def purge(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` keys that expired before `before`; return how many."""
