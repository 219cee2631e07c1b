"""Faults of workers: killed, replaced by others that ask elsewhere, or wrong about the time."""

import os
import re
import signal
import threading
import time
from contextlib import closing

from revocation.stores import scripts
from tests.consistency.operations import access_token
from tests.faults.canary import Visitor
from tests.faults.fault import LOST, fault
from tests.faults.processes import is_mature
from tests.faults.proxy import Passing
from tests.faults.scene import GoOn, Scene

CLOCK_SECONDS = 30
ACCESS_SECONDS = 300
REVOKED = re.compile(rb"\{\w+\}:key:(\w+)")


@fault(good_tokens_may_get=LOST)
def workers_killed(scene: Scene, go_on: GoOn) -> str:
    """SIGKILL of a worker of each server, in the middle of what it does."""
    killed = []
    for position in scene.positions:
        killed.append(scene.kill_worker_of(position, go_on=go_on))
        go_on(1 / len(scene.positions))
    alive = set().union(*map(scene.workers, scene.positions))
    assert not alive.intersection(killed)
    return f"{len(killed)} workers gave way to others"


@fault(good_tokens_may_get=LOST)
def worker_killed_between_its_writes(scene: Scene, go_on: GoOn) -> str:
    """SIGKILL of a worker that has written to the database, and not yet to Redis."""
    killed: dict[int, str] = {}
    one_at_a_time = threading.Lock()

    def kill_who_tells(passing: Passing) -> bool | None:
        revoked = REVOKED.search(passing.content)
        if revoked is None or not passing.runs(scripts.TELL):
            return None
        with one_at_a_time:
            pid = None if killed else scene.pid_behind(passing.client_port)
            if pid is None or not is_mature(pid):
                return None
            os.kill(pid, signal.SIGKILL)
            killed[pid] = revoked[1].decode()
        return False

    with scene.watched(kill_who_tells):
        while not killed:
            go_on(0.02)
    ((pid, sid),) = killed.items()
    rows = scene.sql("SELECT 1 FROM revocation_revokedtoken WHERE key = %s", sid)
    assert rows, "The database had not been told, either."
    go_on(1)
    return f"worker {pid}; the row was there"


@fault(clock_skew=CLOCK_SECONDS)
def clock_of_one_server_ahead(scene: Scene, go_on: GoOn) -> str:
    """The clock of one server leaps 30 s ahead, and back."""
    return _with_clock(CLOCK_SECONDS, scene, go_on)


@fault(clock_skew=CLOCK_SECONDS)
def clock_of_one_server_behind(scene: Scene, go_on: GoOn) -> str:
    """The clock of one server leaps 30 s back, and forward again."""
    return _with_clock(-CLOCK_SECONDS, scene, go_on)


def _with_clock(ahead: int, scene: Scene, go_on: GoOn) -> str:
    scene.set_clock(1, ahead=ahead)
    shown = _clock_of(scene, 1) - time.time()
    assert abs(shown - ahead) < 2, shown
    go_on(1)
    scene.set_clock(1, ahead=0)
    return f"it signed {shown:+.0f} s"


def _clock_of(scene: Scene, position: int) -> float:
    """Return what time it is there, by the token it signs."""
    with closing(Visitor(scene.urls[position], "bob")) as visitor:
        visitor.sign_in()
    return access_token(visitor.access).exp - ACCESS_SECONDS


@fault()
def store_switched(scene: Scene, go_on: GoOn) -> str:
    """`REVOCATION_STORE` switched from `redis` by `standby` to `database` and back, under way."""
    with scene.redis() as client:
        scene.replace(*scene.positions, REVOCATION_STORE="standby")
        scene.replace(*scene.positions, REVOCATION_STORE="database")
        client.config_resetstat()
        go_on(1)
        asked = client.info("commandstats").keys() & {"cmdstat_evalsha", "cmdstat_eval"}
        scene.replace(*scene.positions, REVOCATION_STORE="standby")
        scene.replace(*scene.positions)
    assert not asked
    return "Redis was asked for nothing meanwhile"
