"""What tests of the Redis store share: its keys by name, and what a server was asked."""

from contextlib import closing
from datetime import timedelta

from django.utils import timezone

from revocation.models import Deployment, RevokedToken
from revocation.stores.connection import Connection
from revocation.stores.copying import Copier
from revocation.stores.lease import Marker

HOUR = timedelta(hours=1)
# Of a lease in these tests.
LEASE_MS, AGEING_MS = 120_000, 60_000


def names():
    return Copier(Connection("", timeout=HOUR)).learn_names()


def have_been_in_use():
    """Let the node that the database names have been named long ago."""
    Deployment.objects.update(node_since=timezone.now() - HOUR)


def settings_of(url, **more):
    """Return settings of a Redis store; the timeout is for machines with better things to do."""
    return {"STORE": "redis", "REDIS_URL": url, "REDIS_TIMEOUT": 2} | more


def renew(store):
    """Renew the lease at once. Raises `NotCopied` or `Unreachable`."""
    return list(copier_of(store).renew())


def copier_of(store):
    """Return a copier on the store's connection, as another worker has one."""
    return Copier(store._connection)


def revoke_behind_its_back(*keys, until=None, **fields):
    """Write blacklist rows of which nobody tells Redis."""
    expires_at = until or timezone.now() + HOUR
    RevokedToken.objects.bulk_create(
        RevokedToken(key=key, expires_at=expires_at, **fields) for key in keys
    )


def copied(server, key):
    """Whether Redis knows of a key."""
    with closing(server.client()) as client:
        return bool(client.exists(names().of(key)))


def flush(server):
    with closing(server.client()) as client:
        client.flushall()


def marker(server):
    with closing(server.client()) as client:
        return Marker.read(client.get(names().marker))


def age(server, milliseconds=AGEING_MS, *, seconds_before=0):
    """Let the marker look as if it had been begun so much earlier, by default to be renewed.

    All that is older than `seconds_before` is copied.
    """
    with closing(server.client()) as client:
        found = Marker.read(client.get(names().marker))
        older = Marker(found.state, found.begun - milliseconds, found.copied_at - seconds_before)
        client.set(names().marker, str(older), keepttl=True)


class Asked:
    """Counts what a server is sent inside the context; not what its scripts then do."""

    _SENT = ("evalsha", "eval", "hello", "ping", "select", "client|setinfo", "script|load")

    def __init__(self, server):
        self._client = server.client()
        self.count = 0

    def __enter__(self):
        self._before = self._counts()
        return self

    def __exit__(self, *_):
        self.count = self._counts() - self._before
        self._client.close()

    def _counts(self):
        stats = self._client.info("commandstats")
        return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in self._SENT)
