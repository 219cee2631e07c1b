"""Faults of more than one Redis, or more than one deployment on it."""

import time
from contextlib import closing

from redis import Redis

from revocation.stores.lease import LEASE
from tests.consistency.checker import check
from tests.consistency.load import Load
from tests.faults.fault import fault
from tests.faults.scene import GoOn, Scene
from tests.live import USERS
from tests.servers import ValkeyServer

NAMED = "SELECT node, node_since FROM revocation_deployment"
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted"


@fault()
def redis_failed_over(scene: Scene, go_on: GoOn) -> str:
    """Everybody led to an empty Redis, and back to the first, which knows nothing of meanwhile."""
    with ValkeyServer() as other:
        for way in scene.ways:
            way.lead_to(other.port)
        go_on(0.7)
        with closing(other.client()) as client:
            kept = client.dbsize()
        for way in scene.ways:
            way.lead_to(scene.valkey.port)
        go_on(0.3)
    assert kept
    return f"{kept} keys were in the other"


@fault()
def redis_failing_over_and_back(scene: Scene, go_on: GoOn) -> str:
    """Everybody led to another Redis and back, one server a moment after the other, ten times."""
    with ValkeyServer() as other:
        for number in range(20):
            for way in scene.ways:
                way.lead_to((scene.valkey.port, other.port)[(number + 1) % 2])
                go_on(0.01)
            go_on(0.03)
        with closing(other.client()) as client:
            asked = _questions(client)
    assert asked
    return f"the other was asked {asked} times"


@fault()
def redis_split(scene: Scene, go_on: GoOn) -> str:
    """Each server led to a Redis of its own, neither of which knows of the other."""
    with ValkeyServer() as other:
        scene.ways[1].lead_to(other.port)
        go_on(1)
        with closing(other.client()) as client, scene.redis() as ours:
            asked = [_questions(ours), _questions(client)]
        scene.ways[1].lead_to(scene.valkey.port)
    assert all(asked)
    return f"they were asked {asked[0]} and {asked[1]} times"


@fault()
def redis_named_late(scene: Scene, go_on: GoOn) -> str:
    """One server led to another Redis, which the database, held by a lock, names only later."""
    before = scene.sql(NAMED)
    with ValkeyServer() as other:
        with scene.transaction() as transaction:
            transaction.execute(f"{NAMED} FOR UPDATE")
            scene.ways[1].lead_to(other.port)
            while not (waiting := len(scene.sql(WAITING))):
                go_on(0.02)
            # What it then writes is of the moment when it began to wait, as long ago as a lease.
            released_at = time.monotonic() + LEASE.total_seconds() * 1.5
            while time.monotonic() < released_at:
                go_on(0.02)
        go_on(0.5)
        assert scene.sql(NAMED) != before
        scene.ways[1].lead_to(scene.valkey.port)
    return f"{waiting} waited for the lock"


@fault()
def redis_shared(scene: Scene, go_on: GoOn) -> str:
    """Redis shared with another deployment, which has its own load, rebuilds, and flushes it."""
    accounts = USERS[:4]
    with scene.another_deployment() as server:
        url = f"http://127.0.0.1:{server.port}"
        with Load([url], accounts, scene.setting(clients=2)) as load:
            go_on(0.4)
            server.manage("rebuild_store")
            go_on(0.2)
            with scene.redis() as client:
                client.flushall()
            go_on(0.4)
    assert load.history is not None
    report = check(load.history)
    assert not report.violations, report
    return f"{report.operations} operations there, no violation"


def _questions(client: Redis) -> int:
    """Return how many scripts were run."""
    calls: int = client.info("commandstats")["cmdstat_evalsha"]["calls"]
    return calls
