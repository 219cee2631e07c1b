"""What is broken: two servers over one PostgreSQL and one Valkey, all of them private."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Self

import psycopg
from redis import Redis, RedisError

from revocation.stores import scripts
from revocation.stores.lease import LEASE
from tests.consistency.history import Setting
from tests.faults.processes import is_left, is_mature, known_workers, ports_of
from tests.faults.proxy import Proxy, Watch
from tests.live import LiveServer, create_template, wait_until
from tests.servers import PostgresServer, ValkeyServer

SETTINGS = "tests.faults.settings"
GRACE_SECONDS = 2
NEW_USER = """
INSERT INTO auth_user (
    password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined
) SELECT password, false, %s, '', '', '', false, true, now() FROM auth_user WHERE username = 'alice'
"""
AGE_BLACKLIST = """
UPDATE revocation_revokedtoken SET revoked_at = revoked_at - interval '10 minutes'
WHERE revoked_at BETWEEN now() - interval '5 minutes' AND now() - interval '1 second' RETURNING 1
"""

# Lets the load go on for a share of the fault's time.
GoOn = Callable[[float], None]


class Scene:
    """Two servers, each with a way of its own to Redis, that share a database.

    `workers` are theirs; `environ` is for both.
    """

    def __init__(self, *, workers: Sequence[int] = (2, 1), **environ: str) -> None:
        self._workers = workers
        self.positions = range(len(workers))
        self._environ = {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "REVOCATION_STORE": "redis",
            "REFRESH_GRACE_SECONDS": str(GRACE_SECONDS),
            # Clients name the addresses they come from.
            "TRUSTED_PROXIES": "127.0.0.1",
            **environ,
        }
        # What faults leave to chance.
        self.random = Random(1)
        self._open = ExitStack()
        self._on_move: Callable[[list[str]], object] = lambda urls: None

    def __enter__(self) -> Self:
        with ExitStack() as started:
            self.postgres = started.enter_context(PostgresServer())
            self.valkey = started.enter_context(ValkeyServer())
            self.ways = [started.enter_context(Proxy(self.valkey.port)) for _ in self._workers]
            self.template = create_template(self.postgres)
            self.database = self.postgres.create_database(self.template.url)
            # Until a checkpoint, a copied sequence writes to no log what it hands out, believing it
            # written when it was filled; a kill would have it hand that out again.
            self.postgres.execute("CHECKPOINT")
            # A server is stopped when the thread ends that started it.
            self._threads = started.enter_context(ThreadPoolExecutor())
            self._running = started.enter_context(ExitStack())
            self.servers = list(self._threads.map(self._start, self.positions))
            self._open = started.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.crash()
        self._open.close()

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{server.port}" for server in self.servers]

    def on_move(self, tell: Callable[[list[str]], object]) -> None:
        """Tell this function when the servers have other addresses."""
        self._on_move = tell

    def create_accounts(self, names: Iterable[str]) -> list[str]:
        """Create users that have the password of all users of tests, and return their names."""
        created = list(names)
        for name in created:
            self.sql(NEW_USER, name)
        return created

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.postgres.execute(statement, *parameters, database=self.database)

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[None]:
        """Show a function what the servers say to Redis."""
        for way in self.ways:
            way.watch(watch)
        try:
            yield
        finally:
            for way in self.ways:
                way.watch(None)

    def transaction(self) -> psycopg.Connection:
        """A connection to the database whose context is one transaction."""
        return psycopg.connect(self.database, connect_timeout=5)

    def redis(self) -> "closing[Redis]":
        """A client of Redis that no proxy stands before."""
        return closing(self.valkey.client(socket_timeout=5))

    def replace(self, *positions: int, **environ: str) -> None:
        """Start a server in the place of each of these, and have everybody move."""
        successors = list(self._threads.map(partial(self._start, **environ), positions))
        for position, successor in zip(positions, successors, strict=True):
            before, self.servers[position] = self.servers[position], successor
            self._on_move(self.urls)
            wait_until(partial(is_left, before), else_say=lambda: "Somebody stays.")
            # Nobody misses it, and some workers take their time to stop.
            before.crash()

    @contextmanager
    def another_deployment(self) -> Iterator[LiveServer]:
        """Serve another database with the same Redis."""
        options = {**self._environ, "REDIS_URL": self.valkey.url}
        with LiveServer(self.template, workers=1, **options) as server:
            yield server

    def setting(self, **details: Any) -> Setting:
        """Return what the checker must know of a load on this."""
        return Setting(
            database="postgresql",
            store="redis",
            grace_seconds=GRACE_SECONDS,
            has_faults=True,
            **{"seed": 1, **details},
        )

    def mend(self) -> None:
        """Mend whatever a fault has left broken that failed itself."""
        for server in (self.postgres, self.valkey):
            server.thaw()
            if not server.is_running():
                server.start()
        with self.redis() as client:
            client.config_set("maxmemory", 0)
            client.config_set("maxmemory-policy", "noeviction")
        for position, way in enumerate(self.ways):
            way.watch(None)
            way.mend()
            way.lead_to(self.valkey.port)
            self.set_clock(position, ahead=0)

    def set_clock(self, position: int, *, ahead: float) -> None:
        """Have a server's clock run so many seconds ahead, from now on."""
        self._clock(position).write_text(str(ahead))

    def workers(self, position: int) -> set[int]:
        """Return the process ids of a server's workers."""
        return self.servers[position].worker_pids()

    def kill_worker_of(self, position: int, *, go_on: GoOn) -> int:
        """Kill one as soon as granian would start another."""
        while True:
            for pid in self.workers(position):
                if is_mature(pid):
                    os.kill(pid, signal.SIGKILL)
                    return pid
            go_on(0.02)

    def age_blacklist(self) -> int:
        """Have everything revoked until a moment ago look old; return how much that is.

        What was revoked lately is copied to Redis at every renewal. Of old rows a single one that
        is missing there stays missing until all are copied.
        """
        return len(self.sql(AGE_BLACKLIST))

    def has_lease(self) -> bool:
        """Whether a miss in Redis counts at this moment."""
        try:
            with self.redis() as client:
                return any(_has_lease(client, name) for name in self._markers(client))
        except RedisError:
            return False

    def _markers(self, client: Redis) -> Iterator[bytes]:
        """Yield the markers of this database, but of no other that shares the Redis."""
        for (name,) in self.sql("SELECT name FROM revocation_deployment"):
            yield from client.scan_iter(f"revocation:{{{name}*:marker")

    def pid_behind(self, client_port: int) -> int | None:
        """Return which worker a connection comes from."""
        for position in self.positions:
            for pid in known_workers(self.servers[position]):
                if client_port in ports_of(pid):
                    return pid
        return None

    def _start(self, position: int, **environ: str) -> LiveServer:
        own = {
            "DATABASE_URL": self.database,
            "REDIS_URL": f"redis://127.0.0.1:{self.ways[position].port}/0",
        }
        # The first is as users run it.
        if position:
            own["CLOCK"] = str(self._clock(position))
        options = {**self._environ, **own, **environ}
        server = LiveServer(self.template, workers=self._workers[position], **options)
        return self._running.enter_context(server)

    def _clock(self, position: int) -> Path:
        return self.valkey.folder / f"clock-{position}"


def _has_lease(client: Redis, marker: bytes) -> bool:
    _, text, state, now = client.eval(scripts.ASK, 2, marker, "nobody")
    copied, begun = (text or b"- 0").split()[:2]
    return bool(copied == state and 0 <= now - int(begun) <= LEASE.total_seconds() * 1000)
