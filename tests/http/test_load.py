"""Many clients and a purge at the same time: nobody sees an error, and nothing is lost.

Fewer clients and for less time than in life: `LOAD_CLIENTS=50 LOAD_SECONDS=60` runs the long one.
"""

import json
import os
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, cycle, islice
from secrets import token_hex
from threading import Event

from tests.client import LOGOUT, ME
from tests.databases import in_sql
from tests.http.crowd import Crowd
from tests.live import USERS

CLIENTS = int(os.environ.get("LOAD_CLIENTS", "12"))
SECONDS = int(os.environ.get("LOAD_SECONDS", "15"))
EXPIRED_KEYS = 3000

LEAVE_KEYS = "INSERT INTO revocation_revokedtoken VALUES "


def come_and_go(client, *, username, seconds):
    """Sign in, refresh and log out for some time; return what was seen and what was left."""
    seen, left = Counter(), []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        first = client.sign_in(username)
        second = client.refresh(first)
        retried = client.refresh(first)
        assert retried.refresh == second.refresh
        for pair in (first, second, retried):
            assert client.bearing(pair)(ME).data == {"me": {"username": username}}
        assert client.bearing(second)(LOGOUT).data == {"logout": {"ok": True}}
        for pair in (first, second, retried):
            seen[client.bearing(pair)(ME).reason] += 1
        seen[client.try_refresh(second).reason] += 1
        left.append(second)
    return seen, left


def leave_expired_keys(server):
    name, now = token_hex(8), datetime.now(UTC)
    moments = (in_sql(now - timedelta(days=2)), in_sql(now - timedelta(days=1)))
    rows = [(f"expired-{name}-{number}", *moments) for number in range(EXPIRED_KEYS)]
    places = ", ".join(["(%s, %s, %s)"] * EXPIRED_KEYS)
    server.sql(f"{LEAVE_KEYS} {places}", *chain.from_iterable(rows))


def purge_until(is_over, server):
    """Purge again and again, each time having something to purge; return how many were gone."""
    purged = 0
    while not is_over.is_set():
        leave_expired_keys(server)
        said = json.loads(server.manage("purge_revoked", "--json"))
        purged += said["purged"]["blacklist_entries"]
    return purged


def test_clients_that_come_and_go_while_a_purge_runs(serve):
    server = serve(workers=2)
    is_over = Event()
    acts = [
        partial(come_and_go, username=name, seconds=SECONDS)
        for name in islice(cycle(USERS), CLIENTS)
    ]

    with ThreadPoolExecutor(1) as beside, Crowd(server, CLIENTS) as crowd:
        purging = beside.submit(purge_until, is_over, server)
        try:
            results = crowd.at_once(*acts)
        finally:
            is_over.set()

    left = [pair for _, pairs in results for pair in pairs]
    seen = sum((seen for seen, _ in results), Counter())
    assert seen == {"TOKEN_REVOKED": 3 * len(left), "SESSION_ENDED": len(left)}
    assert all(pairs for _, pairs in results)
    assert purging.result() > 0
    # Sign-ins purge as well, and what one of them held just then was left to the next.
    server.manage("purge_revoked")
    expired = "SELECT count(*) FROM revocation_revokedtoken AS r WHERE r.key LIKE 'expired%'"
    assert server.sql(expired) == [(0,)]
    sids = server.sql("SELECT id FROM revocation_session WHERE ended_at IS NOT NULL")
    keys = server.sql(
        "SELECT r.key FROM revocation_revokedtoken AS r WHERE r.key NOT LIKE 'expired%'"
    )
    assert len(sids) == len(left)
    assert set(sids) == set(keys)
    for worker in server.worker_pids():
        client = server.client_on(worker)
        for pair in random.sample(left, min(len(left), 100)):
            assert client.bearing(pair)(ME).reason == "TOKEN_REVOKED"
    assert "Traceback" not in server.log()
