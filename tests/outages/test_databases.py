"""A database server that restarts, cuts connections or hangs, behind the API with its settings."""

import time

import pytest

from tests.client import LOGOUT, ME
from tests.databases import name_in
from tests.live import LiveServer, create_template
from tests.servers import DATABASE_SERVERS, MariaDBServer, PostgresServer

# By the options that the API uses for the same, so that no test waits as long as a client may.
SOON = {
    PostgresServer: "connect_timeout=2&patience=1",
    MariaDBServer: "connect_timeout=1&read_timeout=1&write_timeout=1",
}
CONNECTIONS = {
    PostgresServer: "SELECT pid FROM pg_stat_activity WHERE datname = %s",
    MariaDBServer: "SELECT id FROM information_schema.processlist WHERE db = %s",
}
CUT = {
    PostgresServer: "SELECT pg_terminate_backend(%s)",
    MariaDBServer: "KILL %s",
}


@pytest.fixture(scope="module", params=DATABASE_SERVERS)
def database(request):
    with request.param() as server:
        yield server


@pytest.fixture(scope="module")
def _template(database):
    return create_template(database)


@pytest.fixture
def server(database, _template):
    with LiveServer(_template, workers=1, database_options=SOON[type(database)]) as server:
        yield server


def connections(database, url):
    asked = database.execute(CONNECTIONS[type(database)], name_in(url))
    return [number for (number,) in asked]


def test_a_connection_is_kept_from_one_request_to_the_next(database, server):
    client = server.client()
    tokens = client.sign_in()
    before = set(connections(database, server.database))

    for _ in range(20):
        client.bearing(tokens)(ME)

    # One for each thread at most.
    assert before
    assert before <= set(connections(database, server.database))
    assert len(connections(database, server.database)) <= 4


def test_a_restart_between_requests_fails_none(database, server):
    client = server.client()
    tokens = client.sign_in()

    database.restart()

    for _ in range(8):
        assert client.bearing(tokens)(ME).data == {"me": {"username": "alice"}}


def test_cut_connections_fail_no_request(database, server):
    client = server.client()
    tokens = client.sign_in()
    cut = connections(database, server.database)
    for number in cut:
        database.execute(CUT[type(database)], number)

    for _ in range(8):
        assert client.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
    assert cut
    assert not set(cut) & set(connections(database, server.database))


@pytest.mark.parametrize("outage", ["freeze", "kill"])
def test_an_outage_is_told_soon_and_is_over_when_it_is(database, server, outage):
    client = server.client()
    tokens, other = client.sign_in(), client.sign_in()

    getattr(database, outage)()
    began = time.monotonic()
    try:
        answers = [client.bearing(tokens)(ME), client.bearing(other)(LOGOUT)]
        took = time.monotonic() - began
    finally:
        database.thaw() if outage == "freeze" else database.start()

    assert [answer.reason for answer in answers] == ["REVOCATION_UNAVAILABLE"] * 2
    assert took < 15
    assert client.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
    assert client.bearing(other)(LOGOUT).data == {"logout": {"ok": True}}
    assert client.bearing(other)(ME).reason == "TOKEN_REVOKED"


def test_a_column_that_changed_fails_no_more_than_a_request(database, server):
    """PostgreSQL refuses for ever to run what it prepared for the old one."""
    client = server.client()
    tokens = client.sign_in()
    for _ in range(50):
        client.bearing(tokens)(ME)

    server.sql("ALTER TABLE auth_user ADD COLUMN nickname varchar(10)")
    if isinstance(database, PostgresServer):
        server.sql("ALTER TABLE auth_user ALTER last_name TYPE varchar(200)")

    threads = 4
    answers = [client.bearing(tokens)(ME) for _ in range(30)]
    refused = [answer for answer in answers if answer.reasons]
    assert len(refused) <= threads
    assert {reason for answer in refused for reason in answer.reasons} <= {"REVOCATION_UNAVAILABLE"}
    assert not answers[-1].reasons
