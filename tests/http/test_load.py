"""Many clients and a purge on SQLite: nobody sees an error, and nothing is lost."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

from tests.client import LOGOUT, ME
from tests.http.crowd import Crowd
from tests.live import USERS

CLIENTS = 12
SECONDS = 15
EXPIRED_KEYS = 3000

LEAVE_EXPIRED_KEYS = """
INSERT OR IGNORE INTO revocation_revokedtoken (key, revoked_at, expires_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
SELECT 'expired' || i, datetime('now', '-2 days'), datetime('now', '-1 day') FROM n
"""


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


def purge_until(is_over, server):
    """Purge again and again, each time having something to purge; return how many were gone."""
    purged = 0
    while not is_over.is_set():
        server.sql(LEAVE_EXPIRED_KEYS, EXPIRED_KEYS)
        words = server.manage("purge_revoked").split()
        purged += int(words[1])
    return purged


def test_clients_that_come_and_go_while_a_purge_runs(serve):
    server = serve(workers=2)
    is_over = Event()
    acts = [partial(come_and_go, username=name, seconds=SECONDS) for name in USERS[:CLIENTS]]

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
    assert purging.result() >= EXPIRED_KEYS
    sids = server.sql("SELECT id FROM revocation_session WHERE ended_at IS NOT NULL")
    keys = server.sql("SELECT key FROM revocation_revokedtoken WHERE key NOT LIKE 'expired%'")
    assert len(sids) == len(left)
    assert set(sids) == set(keys)
    for worker in server.worker_pids():
        client = server.client_on(worker)
        for pair in random.sample(left, min(len(left), 100)):
            assert client.bearing(pair)(ME).reason == "TOKEN_REVOKED"
    assert "Traceback" not in server.log()
