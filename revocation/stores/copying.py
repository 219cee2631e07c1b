"""Copies the blacklist from the database to Redis, and says there of what the copy is complete."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

from django.db import connections
from django.db.models import QuerySet
from django.db.models.functions import Now

from ..claims import Key, moment_of, new_id
from ..conf import conf
from ..models import Deployment, RevokedToken, primary_database
from . import scripts
from .base import SAFE_POLICY
from .connection import Connection, Unreachable
from .lease import AGEING_MS, LEASE, Marker, Names

# How long a row may take from its `revoked_at` to its commit, and be copied by the next renewal.
_OVERLAP = timedelta(seconds=60)
# How long a node is left in place once it was named.
_CLAIM_PAUSE = 2 * LEASE
_ADDRESS_BYTES = 4
# Keys that one script keeps: the node answers nobody else meanwhile.
_KEYS_AT_ONCE = 1000
# A copier that was not heard of for so long is no more.
_COPIER_MS = 5000
# A marker outlives its lease, so that after a quiet minute only the latest rows are copied. It must
# vanish when the node's clock leaps by more than the margin for which keys outlive their tokens.
_MARKER_LIFE = timedelta(seconds=240)

Row = tuple[Key, datetime]


class NotCopied(Exception):
    """There is no new lease, and why; `is_lasting` where only an operator can change that."""

    def __init__(self, reason: str, *, is_lasting: bool = False) -> None:
        super().__init__(reason)
        self.is_lasting = is_lasting


class _Begun(NamedTuple):
    """The node, and until when it has everything, when a copying began."""

    state: str
    now: int
    copied_until: datetime | None


class _Fence(NamedTuple):
    """Which node the database names, since when, and the time by the database's clock."""

    node: str
    since: datetime
    now: datetime
    is_dated: bool

    @property
    def named_at(self) -> datetime:
        """The second from which on it was told of everything; before, another node may have been.

        Markers know whole seconds.
        """
        return self.since.replace(microsecond=0)


class Copier:
    """Renews the lease, one copier of all workers at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.names: Names | None = None

    def renew(self, *, is_forced: bool = False) -> Iterator[int]:
        """Copy what was revoked since the last time, or everything; yield how many rows at a time.

        Raises `NotCopied`, `Unreachable` or `django.db.Error`; then there is no new lease.
        """
        if connections[primary_database()].in_atomic_block:
            raise NotCopied("Inside a transaction, what others commit meanwhile may not be seen.")
        turn = _Turn(self._connection, self.names or self.learn_names())
        begun = turn.begin(how="firmly" if is_forced else "gently")
        try:
            yield from self._copy_since(turn, begun, is_forced=is_forced)
        except BaseException:
            turn.give_up()
            raise

    def learn_names(self) -> Names:
        """Ask the database for its name; it gets one now if it has none."""
        using = primary_database()
        deployment, _ = Deployment.objects.using(using).get_or_create(pk=1)
        settings = connections[using].settings_dict
        address = " ".join(str(settings[part]) for part in ("ENGINE", "HOST", "PORT", "NAME"))
        digest = blake2b(address.encode(), digest_size=_ADDRESS_BYTES).hexdigest()
        self.names = Names(deployment.name, digest)
        return self.names

    def _copy_since(self, turn: "_Turn", begun: _Begun, *, is_forced: bool) -> Iterator[int]:
        fence = self._claim(turn.names, begun, is_forced=is_forced)
        since = begun.copied_until
        if is_full := since is None or is_forced or not fence.named_at <= since <= fence.now:
            yield from turn.copy(_live_rows(fence.now), now=fence.now)
            # What was revoked during that time, perhaps at keys already passed.
            since, before, begun = fence.now, begun, turn.begin(how="still")
            if begun.state != before.state:
                raise NotCopied("Redis has restarted or evicted keys meanwhile.")
            fence = self._claim(turn.names, begun, is_forced=False)
        now = fence.now
        for copied in turn.copy(_rows_since(since - _OVERLAP, now), now=now):
            # The second time, nearly all of them were counted before.
            yield 0 if is_full else copied
        turn.finish(begun, copied_at=now)

    def is_fenced(self, run_id: bytes) -> bool:
        """Whether no node but this one grants leases, so that to tell it is to tell all."""
        if self.names is None:
            return False
        fence = self._fence(self.names)
        if not fence.node:
            return True
        is_this = fence.node == self.names.node(run_id.decode())
        return is_this and fence.now - fence.since > LEASE

    def _claim(self, names: Names, begun: _Begun, *, is_forced: bool) -> _Fence:
        """Have the database name this node.

        Whoever revokes relies on a node that was named for a lease's time: until then, others may
        still have a lease of another node. Two that claim in turn would never be relied on.
        """
        fence = self._dated(names)
        node = names.node(begun.state.partition("/")[0])
        if fence.node != node or fence.since > fence.now:
            if fence.node and not is_forced and abs(fence.now - fence.since) < _CLAIM_PAUSE:
                raise NotCopied("Another Redis has been in use until now.")
            rows = self._rows(names).filter(node=fence.node)
            # The first of all follows nobody who could still have a lease.
            since = None if fence.node else fence.now - _CLAIM_PAUSE
            if not rows.update(node=node, node_since=since):
                raise NotCopied("Another Redis is in use.")
            fence = self._dated(names)
        return fence

    def _dated(self, names: Names) -> _Fence:
        """Return the fence, with a moment from which on everybody can have seen it.

        A statement knows when it began, and may be committed long after. So whoever finds a node
        named, and no moment, adds that by another.
        """
        fence = self._fence(names)
        if fence.node and not fence.is_dated:
            self._rows(names).filter(node=fence.node, node_since=None).update(node_since=Now())
            fence = self._fence(names)
        return fence

    def _fence(self, names: Names) -> _Fence:
        row = self._rows(names).values_list("node", "node_since", Now()).first()
        if row is None:
            # Restored, or another one: it is asked for its name again.
            self.names = None
            raise NotCopied("The database has another name.")
        node, since, now = row
        return _Fence(node, since or now, now, is_dated=since is not None)

    @staticmethod
    def _rows(names: Names) -> QuerySet[Deployment]:
        return Deployment.objects.using(primary_database()).filter(name=names.deployment)


class _Turn:
    """One attempt to copy.

    Redis knows it by an id of its own, so that what an earlier attempt still has under way, even
    one of the same process, is not taken for a part of it.
    """

    def __init__(self, connection: Connection, names: Names) -> None:
        self.names = names
        self._connection = connection
        self._me = new_id()
        self._keys = [names.marker, names.copier]

    def begin(self, *, how: str) -> _Begun:
        arguments = [self._me, _COPIER_MS, how, AGEING_MS]
        answer = self._connection.run(scripts.BEGIN, self._keys, arguments)
        if answer is None:
            raise NotCopied("Another process copies, or has just done so.")
        text, state, now, policy = answer
        if policy.decode() != SAFE_POLICY:
            self.give_up()
            raise NotCopied(
                f"Redis may evict keys: maxmemory-policy is {policy.decode()}, not {SAFE_POLICY}.",
                is_lasting=True,
            )
        marker = Marker.read(text)
        is_same = marker is not None and marker.state == state.decode()
        copied_until = moment_of(marker.copied_at) if marker and is_same else None
        return _Begun(state.decode(), now, copied_until)

    def copy(self, batches: Iterable[list[Row]], *, now: datetime) -> Iterator[int]:
        for rows in batches:
            keys = [self.names.copier, *(self.names.of(key) for key, _ in rows)]
            lives = [milliseconds(until - now) for _, until in rows]
            if not self._connection.run(scripts.COPY, keys, [self._me, _COPIER_MS, *lives]):
                raise NotCopied("Redis was flushed meanwhile, or another process copies instead.")
            yield len(rows)

    def finish(self, begun: _Begun, *, copied_at: datetime) -> None:
        marker = Marker(begun.state, begun.now, int(copied_at.timestamp()))
        life = max(LEASE, min(_MARKER_LIFE, conf().retention_margin * 0.8))
        arguments = [self._me, begun.state, str(marker), milliseconds(life)]
        if not self._connection.run(scripts.FINISH, self._keys, arguments):
            raise NotCopied("Redis was flushed, has restarted or evicted keys meanwhile.")

    def give_up(self) -> None:
        # Where Redis does not hear of it, it forgets the copier by itself.
        with suppress(Unreachable):
            self._connection.run(scripts.GIVE_UP, self._keys[1:], [self._me])


def milliseconds(life: timedelta) -> int:
    """Return a life as Redis takes it: at least one millisecond."""
    return max(1, int(life.total_seconds() * 1000))


def _live_rows(now: datetime) -> Iterator[list[Row]]:
    """Yield every live row in the order of the keys, so that each batch is found by the index."""
    live = RevokedToken.objects.using(primary_database()).filter(expires_at__gt=now)
    last = ""
    while rows := list(
        live.filter(key__gt=last).order_by("key").values_list("key", "expires_at")[:_KEYS_AT_ONCE]
    ):
        yield rows
        last = rows[-1][0]


def _rows_since(moment: datetime, now: datetime) -> Iterator[list[Row]]:
    """Yield what was revoked after a moment and lives.

    By one statement: SQLite compares texts of other lengths, so none could begin behind a row.
    """
    live = RevokedToken.objects.using(primary_database()).filter(expires_at__gt=now)
    latest = live.filter(revoked_at__gt=moment).values_list("key", "expires_at")
    rows = latest.iterator(chunk_size=_KEYS_AT_ONCE)
    while batch := list(islice(rows, _KEYS_AT_ONCE)):
        yield batch
