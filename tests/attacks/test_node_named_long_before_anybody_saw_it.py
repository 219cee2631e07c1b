"""The statement that names a Redis is committed late, and the other one gave leases meanwhile."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db.models import F

from revocation.models import Deployment
from revocation.stores import scripts
from revocation.stores.connection import Connection
from revocation.stores.copying import Copier, NotCopied
from revocation.stores.lease import LEASE
from tests.servers import ValkeyServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def copiers():
    """Two workers, each with a Redis of its own."""
    with ValkeyServer() as one, ValkeyServer() as other:
        timeout = timedelta(seconds=2)
        connections = [Connection(server.url, timeout=timeout) for server in (one, other)]
        yield [Copier(connection) for connection in connections]
        for connection in connections:
            connection._client.close()


def test_a_logout_told_to_the_new_one_waits_for_the_others_lease(copiers):
    first, second = copiers
    list(first.renew())
    make_older(timedelta(hours=1))

    with database.execute_wrapper(late_by(LEASE * 2)):
        list(second.renew())

    assert not second.is_fenced(run_id_of(second))


def test_once_that_is_over_it_does_not(copiers):
    first, second = copiers
    list(first.renew())
    make_older(timedelta(hours=1))
    list(second.renew())

    make_older(LEASE * 2)

    assert second.is_fenced(run_id_of(second))


def test_a_node_named_by_somebody_who_then_died_is_dated_by_the_next(copiers):
    first, second = copiers
    list(first.renew())
    Deployment.objects.update(node_since=None)

    with pytest.raises(NotCopied, match="in use until now"):
        list(second.renew())

    assert Deployment.objects.get().node_since is not None


def late_by(delay):
    """Let the first UPDATE have begun so long before it is seen."""
    is_done = []

    def run(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("UPDATE") and not is_done:
            is_done.append(True)
            make_older(delay)
        return result

    return run


def make_older(by):
    Deployment.objects.update(node_since=F("node_since") - by)


def run_id_of(copier):
    """Return what a node answers that is told of a revocation."""
    return copier._connection.run(scripts.TELL, [copier.names.of("0" * 32)], [60_000])
