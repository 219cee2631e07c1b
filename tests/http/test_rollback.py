"""With `ATOMIC_REQUESTS`, a failing neighbour undoes its own writes and none of ours."""

import pytest

from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN
from tests.http.crowd import tokens_in
from tests.live import LiveServer

LOGOUT_AND_BOOM = "mutation { logout { ok } boom }"
REFRESH_AND_BOOM = (
    "mutation ($t: String) { refreshToken(refreshToken: $t) { token refreshToken } boom }"
)
SIGN_IN_AND_BOOM = SIGN_IN.rstrip().removesuffix("}") + " boom }"


@pytest.fixture(scope="module")
def _atomic(template):
    options = {"ATOMIC_REQUESTS": "true", "ROOT_URLCONF": "tests.http.failing_urls"}
    with LiveServer(template, workers=2, **options) as server:
        yield server


@pytest.fixture
def atomic(_atomic):
    _atomic.reset()
    return _atomic


def assert_dead(server, *pairs):
    """No token of these pairs works on any worker."""
    for worker in server.worker_pids():
        client = server.client_on(worker)
        for pair in pairs:
            assert client.bearing(pair)(ME).reason == "TOKEN_REVOKED"
            assert client.try_refresh(pair).reason == "SESSION_ENDED"


def test_what_a_neighbour_writes_is_rolled_back(atomic):
    client = atomic.client().bearing(atomic.client().sign_in())

    answer = client("mutation { logout { ok } renameAndBoom }")

    assert answer.reasons == ["INTERNAL_SERVER_ERROR"]
    assert atomic.sql("SELECT DISTINCT first_name FROM auth_user") == [("",)]


@pytest.mark.parametrize(
    "mutation",
    [
        LOGOUT_AND_BOOM,
        "mutation { boom logout { ok } }",
        "mutation { breakTransaction logout { ok } }",
    ],
)
def test_a_logout_beside_a_failing_field_holds(atomic, mutation):
    tokens = atomic.client().sign_in()

    answer = atomic.client().bearing(tokens)(mutation)

    assert answer.body["data"]["logout"] == {"ok": True}
    assert answer.reasons == ["INTERNAL_SERVER_ERROR"]
    assert_dead(atomic, tokens)


def test_a_logout_beside_a_failing_field_holds_after_a_restart(atomic):
    tokens = atomic.client().sign_in()
    atomic.client().bearing(tokens)(LOGOUT_AND_BOOM)

    atomic.restart()

    assert_dead(atomic, tokens)


def test_a_logout_beside_a_failing_batch_entry_holds(atomic):
    tokens = atomic.client().sign_in()

    answer = (
        atomic.client().bearing(tokens).post([{"query": LOGOUT}, {"query": "mutation { boom }"}])
    )

    assert answer.body[0] == {"data": {"logout": {"ok": True}}}
    assert_dead(atomic, tokens)


def test_reuse_ends_the_session_although_it_answers_with_an_error(atomic):
    client = atomic.client()
    first = client.sign_in()
    second = client.refresh(first)
    third = client.refresh(second)

    assert client.try_refresh(first).reason == "REFRESH_REUSED"

    assert_dead(atomic, first, second, third)


def test_a_refresh_beside_a_failing_field_holds(atomic):
    client = atomic.client()
    tokens = client.sign_in()

    pair = tokens_of(client(REFRESH_AND_BOOM, t=tokens.refresh), "refreshToken")

    assert client.bearing(pair)(ME).data == {"me": {"username": "alice"}}
    assert client.refresh(pair).access


def test_a_sign_in_beside_a_failing_field_holds(atomic):
    client = atomic.client()

    pair = tokens_of(client(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD), "tokenAuth")

    assert client.bearing(pair)(ME).data == {"me": {"username": "alice"}}
    assert client.refresh(pair).access


def tokens_of(answer, field):
    answer.body["data"] = {field: answer.body["data"][field]}
    return tokens_in(answer)
