"""Fixtures for tests of one user's tokens, and of a store in Redis."""

from contextlib import suppress

import pytest

from revocation import sessions
from revocation.stores import NotRebuilt, current_store
from revocation.stores.keeper import Keeper
from tests.revocation.on_redis import (
    AGEING_MS,
    LEASE_MS,
    flush,
    have_been_in_use,
    settings_of,
)
from tests.servers import ValkeyServer


@pytest.fixture
def issued(alice):
    """The token pair of alice's newest sign-in."""
    return sessions.open_session(alice)


@pytest.fixture(scope="session")
def shared_valkey():
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def valkey(shared_valkey):
    """A server without keys, to be left running and as it is set up."""
    flush(shared_valkey)
    return shared_valkey


@pytest.fixture
def unkept(monkeypatch):
    """Let nobody renew the lease but the test itself; say how often somebody was woken for it."""
    woken = []

    def note(keeper):
        woken.append(keeper)

    monkeypatch.setattr(Keeper, "wake", note)
    return woken


@pytest.fixture
def on_redis(transactional_db, settings, unkept, monkeypatch):
    """Return what puts the Redis store in force on a server, under a lease if it can be had.

    A lease lasts so long that no test is too slow for it.
    """
    monkeypatch.setattr("revocation.stores.lease._LEASE_MS", LEASE_MS)
    monkeypatch.setattr("revocation.stores.lease.AGEING_MS", AGEING_MS)
    monkeypatch.setattr("revocation.stores.copying.AGEING_MS", AGEING_MS)
    stores = []

    def put(url, **more):
        settings.REVOCATION = settings.REVOCATION | settings_of(url, **more)
        store = current_store()
        stores.append(store)
        with suppress(NotRebuilt):
            list(store.rebuild())
            have_been_in_use()
        # As if it had been asked for ever.
        store._asking_since = 0
        return store

    yield put
    for store in stores:
        if store._connection._client is not None:
            store._connection._client.close()


@pytest.fixture
def redis_store(on_redis, valkey):
    """The Redis store, under a lease."""
    return on_redis(valkey.url)
