"""The lease: for how long, and on which node, the copy in Redis is known to be complete."""

from dataclasses import dataclass
from datetime import timedelta

from ..claims import Key, is_epoch

# A revocation of which Redis was not told counts once every lease begun before it is over.
LEASE = timedelta(seconds=2)
# A part of every name in Redis; the first format has none. Whoever changes what lies there, or what
# the scripts make of it, changes this: two releases side by side then believe none of each other's
# leases, and logouts wait for both, as they do while two nodes are in use.
FORMAT = ""

_LEASE_MS = int(LEASE.total_seconds() * 1000)
# Renewed at half-time, so that it never lapses while somebody asks.
AGEING_MS = _LEASE_MS // 2


@dataclass(frozen=True, slots=True)
class Names:
    """What the keys of a deployment are called. The braces keep them on one node of a cluster.

    `address` says where its database is found: a copy of that, restored elsewhere, has its name.
    """

    deployment: str
    address: str

    @property
    def marker(self) -> str:
        return f"revocation:{{{self.deployment}{self.address}{FORMAT}}}:marker"

    @property
    def copier(self) -> str:
        return f"revocation:{{{self.deployment}{self.address}{FORMAT}}}:copier"

    def of(self, key: Key) -> str:
        """Return the name under which a key is revoked."""
        return f"revocation:{{{self.deployment}{self.address}{FORMAT}}}:key:{key}"

    def node(self, run_id: str) -> str:
        """Return how the database calls a node that knows revocations by these names."""
        return f"{run_id} {self.address}{FORMAT}"


@dataclass(frozen=True, slots=True)
class Marker:
    """The node's state when everything was last copied, and when that began.

    `begun` is by the node's clock, in milliseconds; `copied_at` by the database's, in whole epoch
    seconds: whatever was committed before is there.
    """

    state: str
    begun: int
    copied_at: int

    def __str__(self) -> str:
        return f"{self.state} {self.begun} {self.copied_at}"

    @classmethod
    def read(cls, text: bytes | None) -> "Marker | None":
        """Return what `str` made of it; None for none, or for what nobody here wrote."""
        try:
            state, begun, copied_at = (text or b"").decode().split()
            marker = cls(state, int(begun), int(copied_at))
        except ValueError:
            return None
        return marker if is_epoch(marker.copied_at) else None

    def has_lease(self, *, state: bytes, now: int, since: int) -> bool:
        """Whether the copy is still complete but for what its writers have told Redis themselves.

        That is not known of a lease that began before `since`, when others may have told only the
        database. A clock that was set back ends the lease as well.
        """
        is_young = 0 <= now - self.begun <= _LEASE_MS
        return is_young and self.begun >= since and self.state == state.decode()

    def is_ageing(self, *, now: int) -> bool:
        """Whether it is time to renew the lease."""
        return now - self.begun > AGEING_MS
