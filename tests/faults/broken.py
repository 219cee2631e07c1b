"""Stores that break one rule each, to see that the faults tell."""

from collections.abc import Iterable
from datetime import datetime

from revocation.claims import AccessClaims, Key
from revocation.stores import scripts
from revocation.stores.connection import Unreachable
from revocation.stores.redis import RedisStore


class TrustingStore(RedisStore):
    """Takes what Redis does not know for not revoked, lease or no lease."""

    def glance(self, claims: AccessClaims) -> bool | None:
        """Answer from the keys alone."""
        known = super().glance(claims)
        if known is not None or (names := self._copier.names) is None:
            return known
        keys = [names.marker, *map(names.of, claims.keys)]
        try:
            return bool(self._connection.run_unless_spared(scripts.ASK, keys)[0])
        except Unreachable:
            return None


class HastyStore(RedisStore):
    """Reports a revocation as done although leases without it are in force."""

    def _is_outlasted(self, keys: Iterable[Key], until: datetime) -> bool:
        return True
