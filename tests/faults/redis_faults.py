"""Faults of one Redis. The database answers meanwhile, so good tokens notice nothing."""

import time
from contextlib import suppress
from itertools import count

import redis

from revocation.stores import scripts
from tests.faults.fault import fault
from tests.faults.proxy import Passing
from tests.faults.scene import GoOn, Scene

ENDED = "SELECT count(*) FROM revocation_session WHERE ended_at IS NOT NULL"
FILLING = b"x" * 8192


@fault()
def redis_killed(scene: Scene, go_on: GoOn) -> str:
    """Redis killed, and started again after a while, empty."""
    before = scene.valkey.pid
    scene.valkey.kill()
    go_on(1)
    scene.valkey.start()
    assert scene.valkey.pid != before
    return f"process {before} gave way to {scene.valkey.pid}"


@fault()
def redis_replaced(scene: Scene, go_on: GoOn) -> str:
    """Redis killed and replaced by an empty one at once, five times."""
    runs = set()
    for _ in range(5):
        scene.valkey.kill()
        scene.valkey.start()
        with scene.redis() as client:
            runs.add(client.info("server")["run_id"])
        go_on(0.2)
    assert len(runs) == 5
    return "five run ids"


@fault()
def redis_flushed(scene: Scene, go_on: GoOn) -> str:
    """Redis flushed, twenty times."""
    lost = 0
    for _ in range(20):
        with scene.redis() as client:
            lost += client.dbsize()
            client.flushall()
        go_on(0.05)
    assert lost
    return f"{lost} keys lost"


@fault()
def redis_flushed_before_the_lease(scene: Scene, go_on: GoOn) -> str:
    """Redis flushed between the copying and the lease, every other time."""
    passed = count(1)
    flushed = []

    def flush_before_finish(passing: Passing) -> None:
        if passing.runs(scripts.FINISH) and next(passed) % 2:
            with scene.redis() as client:
                flushed.append(client.dbsize())
                client.flushall()

    with scene.watched(flush_before_finish):
        with scene.redis() as client:
            client.flushall()
        go_on(1)
    assert sum(flushed)
    return f"{len(flushed)} copies lost, {sum(flushed)} keys"


@fault()
def redis_hears_late_of_the_lease(scene: Scene, go_on: GoOn) -> str:
    """Redis flushed, and each lease arrives when the next copying has begun."""
    late = []

    def hold_finish(passing: Passing) -> None:
        if passing.runs(scripts.FINISH):
            with scene.redis() as client:
                client.flushall()
                _wait_for_copier(client)
            late.append(passing)

    with scene.watched(hold_finish):
        with scene.redis() as client:
            client.flushall()
        go_on(1)
    assert late
    return f"{len(late)} leases were late"


def _wait_for_copier(client: redis.Redis) -> None:
    """Wait until somebody copies, and not much longer than a lease lasts."""
    deadline = time.monotonic() + 2.5
    while time.monotonic() < deadline and not list(client.scan_iter("*:copier")):
        time.sleep(0.002)


@fault()
def redis_frozen(scene: Scene, go_on: GoOn) -> str:
    """Redis frozen and thawed, for long and for moments, with logouts in between."""
    before = scene.sql(ENDED)[0][0]
    for share in (0.6, *[0.02] * 10):
        scene.valkey.freeze()
        go_on(share)
        scene.valkey.thaw()
        go_on(0.02)
    ended = scene.sql(ENDED)[0][0] - before
    assert ended
    return f"{ended} sessions ended meanwhile"


@fault()
def redis_partitioned_from_one_server(scene: Scene, go_on: GoOn) -> str:
    """Redis out of reach of one server, and not of the other."""
    way = scene.ways[1]
    before = way.held
    way.cut()
    go_on(1)
    way.mend()
    assert way.held > before
    return f"{way.held - before} bytes arrived late"


@fault()
def redis_flapping(scene: Scene, go_on: GoOn) -> str:
    """Redis out of reach for moments, now of one server, now of the other."""
    before = sum(way.held for way in scene.ways)
    for number in range(20):
        way = scene.ways[number % len(scene.ways)]
        way.cut()
        go_on(0.03)
        way.mend()
        go_on(0.02)
    held = sum(way.held for way in scene.ways) - before
    assert held
    return f"{held} bytes arrived late"


@fault()
def redis_hangs_up(scene: Scene, go_on: GoOn) -> str:
    """Every connection to Redis reset and its scripts forgotten, forty times."""
    before = _total(scene, "total_connections_received")
    for _ in range(40):
        for way in scene.ways:
            way.reset()
        with scene.redis() as client:
            client.script_flush()
        go_on(0.025)
    # Of ours, there were two each time.
    opened = _total(scene, "total_connections_received") - before
    assert opened > 80
    return f"{opened} connections were made"


@fault()
def redis_full(scene: Scene, go_on: GoOn) -> str:
    """Redis full, and keeping what it has: it refuses every write."""
    with scene.redis() as client:
        refused = _fill(client)
        go_on(1)
        # It is still full, or the load has not met what this is about.
        refused += _fill(client)
        client.config_set("maxmemory", 0)
        _forget_filling(client)
    assert refused == 2
    return "writes were refused at the beginning and at the end"


@fault()
def redis_evicting(scene: Scene, go_on: GoOn) -> str:
    """Redis full, and evicting under a lease; its policy is changed and put right, ten times."""
    before = _total(scene, "evicted_keys")
    with scene.redis() as client:
        for _ in range(10):
            client.config_set("maxmemory-policy", "allkeys-random")
            client.config_set("maxmemory", client.info("memory")["used_memory"] + 100_000)
            # Refused where what is to go cannot be found in time; what counts is what went.
            with suppress(redis.OutOfMemoryError):
                for number in range(100):
                    client.set(f"filling:{number}", FILLING)
            go_on(0.02)
            client.config_set("maxmemory", 0)
            client.config_set("maxmemory-policy", "noeviction")
            _forget_filling(client)
            go_on(0.08)
    evicted = _total(scene, "evicted_keys") - before
    assert evicted
    return f"{evicted} keys evicted"


def _fill(client: redis.Redis) -> bool:
    """Fill the memory to the last; return whether a write was refused."""
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 200_000)
    with suppress(redis.OutOfMemoryError):
        for number in range(1000):
            client.set(f"filling:{number}", FILLING)
        return False
    with suppress(redis.OutOfMemoryError):
        for number in range(100_000):
            client.set(f"filling:small:{number}", "")
        return False
    return True


def _forget_filling(client: redis.Redis) -> None:
    for key in client.scan_iter("filling:*", count=1000):
        client.delete(key)


def _total(scene: Scene, name: str) -> int:
    with scene.redis() as client:
        total: int = client.info("stats")[name]
    return total
