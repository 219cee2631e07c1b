"""The blacklist in the database, and a copy of it in Redis or Valkey that is quicker to ask.

The copy can only refuse. That a key is missing there means "not revoked" under a lease alone, which
says that the copy is complete; in any doubt the database is asked.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from .. import committing, journal
from ..claims import AccessClaims, Key
from ..conf import conf
from ..models import primary_database
from . import scripts
from .base import NotRebuilt
from .connection import Connection, Unreachable
from .copying import Copier, NotCopied, milliseconds
from .database import DatabaseStore
from .keeper import Keeper
from .lease import LEASE, Marker
from .urgency import is_awaited

UNREACHABLE_HINT = (
    'Redis does not answer. Look at the server, and at REVOCATION["REDIS_URL"]; its user needs the '
    "commands EVAL, EVALSHA, INFO, TIME, GET, SET, DEL, EXISTS, PTTL and PEXPIRE."
)

# How much longer than a lease to wait for its end, and how often to look meanwhile, in seconds.
_WAIT = LEASE.total_seconds() + 0.25
_LOOK_EVERY = 0.2
# Half of the time for which a copying looks back.
_LONGEST_STAMPING = 30
_SHORTEST_LIFE = timedelta(minutes=1)


class RedisStore(DatabaseStore):
    """Asks Redis first. Whatever it writes is in the database before Redis hears of it."""

    def __init__(self) -> None:
        self._connection = Connection(conf().redis_url, timeout=conf().redis_timeout)
        self._copier = Copier(self._connection)
        self._keeper = Keeper(lambda: list(self._copier.renew()))
        # Who waits holds a thread: a single one does, so that the others go on answering.
        self._waiting = threading.Lock()
        # By the node's clock: before that, another store may have been in use here.
        self._asking_since: int | None = None

    def glance(self, claims: AccessClaims) -> bool | None:
        """Answer by one round trip to Redis, and by no statement."""
        names = self._copier.names
        if names is None or journal.has_change():
            self._keeper.wake()
            return None
        keys = [names.marker, *map(names.of, claims.keys)]
        try:
            hits, text, state, now = self._connection.run_unless_spared(scripts.ASK, keys)
        except Unreachable:
            return None
        if hits:
            return True
        marker = Marker.read(text)
        if self._asking_since is None or now < self._asking_since:
            self._asking_since = now
        since = self._asking_since
        has_lease = marker is not None and marker.has_lease(state=state, now=now, since=since)
        if marker is None or not has_lease or marker.is_ageing(now=now):
            self._keeper.wake()
        return False if has_lease else None

    def revoke(self, keys: Iterable[Key], *, until: datetime) -> int:
        """Write to the database, and to Redis once that is committed."""
        wanted = sorted(set(keys))
        added = super().revoke(wanted, until=until)
        if wanted:
            # Made again later, it is told again, and only that counts.
            is_told_once = journal.will_be_made_again() or not is_awaited()
            verb = self._tell if is_told_once else self._tell_surely
            if added < len(wanted) and not is_awaited():
                # Who copies next copies it, however long ago it was written.
                self._rows().filter(key__in=wanted).update(revoked_at=Now())
            transaction.on_commit(
                lambda: verb(wanted, until), using=primary_database(), robust=True
            )
        return added

    def rebuild(self) -> Iterator[int]:
        """Copy every live row to Redis anew, yielding how many at a time."""
        try:
            yield from self._copier.renew(is_forced=True)
        except NotCopied as reason:
            first = "Change that, then run" if reason.is_lasting else "Run"
            raise NotRebuilt(f"{reason} {first} the command again.") from reason
        except Unreachable as error:
            raise NotRebuilt(UNREACHABLE_HINT) from error

    def eviction_policy(self) -> str:
        """Return what Redis does when its memory is full. Raises `Unreachable`."""
        policy: bytes = self._connection.run(scripts.POLICY, [])
        return policy.decode()

    def _tell_surely(self, keys: list[Key], until: datetime) -> None:
        """Tell Redis, or wait until nobody relies on a copy that lacks these keys."""
        is_sure = False
        try:
            is_sure = self._tell(keys, until) or self._is_outlasted(keys, until)
        finally:
            # Also for what nobody foresaw: Django logs what its on-commit hooks raise, and goes on.
            if not is_sure:
                committing.note_unsettled()

    def _tell(self, keys: list[Key], until: datetime) -> bool:
        """Tell Redis; return whether everybody who relies on a copy relies on this one."""
        # A worker's clock may run ahead: never so short a life that nobody meets the key.
        life = milliseconds(max(until - timezone.now(), _SHORTEST_LIFE))
        try:
            names = self._copier.names or self._copier.learn_names()
            run_id = self._connection.run(scripts.TELL, map(names.of, keys), [life] * len(keys))
            return self._copier.is_fenced(run_id)
        except (Unreachable, NotCopied, DatabaseError):
            return False

    def _is_outlasted(self, keys: list[Key], until: datetime) -> bool:
        """Wait until every lease has ended that began before this; return whether that is sure."""
        # Where nobody would hear that it is not, it must be.
        is_alone = self._waiting.acquire(blocking=False)
        if not is_alone and committing.is_listening():
            # A single answer may have come too late.
            return self._tell(keys, until)
        # Perhaps no node has been named yet since the last one went.
        self._keeper.wake()
        try:
            started = time.monotonic()
            # Whoever renews the lease from now on copies them, however long ago they were written.
            self._rows().filter(key__in=keys).update(revoked_at=Now())
            stamped = time.monotonic()
            while time.monotonic() < stamped + _WAIT and not self._tell(keys, until):
                time.sleep(_LOOK_EVERY)
        except DatabaseError:
            return False
        finally:
            if is_alone:
                self._waiting.release()
        # Stamped long before it was committed, it may have been passed over.
        return stamped - started < _LONGEST_STAMPING


class StandbyStore(RedisStore):
    """Tells Redis of every revocation, and asks the database.

    The step between the two: while workers are replaced one by one, those that already, or still,
    ask Redis miss nothing that the others revoke.
    """

    def glance(self, claims: AccessClaims) -> None:
        """Leave it to the database."""
