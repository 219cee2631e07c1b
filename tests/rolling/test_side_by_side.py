"""Workers of two releases serve side by side while one replaces the other, and back."""

from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.client import LOGOUT, ME

from . import releases
from .conftest import manage

VERIFY = "mutation ($token: String) { verifyToken(token: $token) { payload } }"
LOGOUT_ALL = "mutation { logoutAll { ended } }"
RELEASES = ("previous", "this", "following")
PAIRS = [*pairwise(RELEASES), *((there, here) for here, there in pairwise(RELEASES))]
# So that a report tells what stood for the release before.
IS_PREVIOUS = releases.PREVIOUS[:7] if releases.has_history() else "no-history"


@pytest.fixture(params=PAIRS, ids=lambda pair: "-".join(pair).replace("previous", IS_PREVIOUS))
def pair(request, rollout):
    """Clients of two releases that meet, in both orders."""
    return [rollout.servers[name].client() for name in request.param]


def test_each_release_serves_its_own_code(rollout, folders):
    for name, server in rollout.servers.items():
        [worker] = server.worker_pids()
        assert Path(psutil.Process(worker).cwd()) == folders[name]


@pytest.mark.parametrize("release", RELEASES[:-1])
def test_new_tables_cost_the_older_release_no_answer(rollout, release):
    # Whatever was refused has raised where it was asked.
    answers = rollout.answers[release]

    assert len(answers) > 20
    assert {answer.status for answer in answers} == {200}
    assert [answer.body for answer in answers if "errors" in answer.body] == []


def test_a_session_goes_on_from_one_to_the_other_and_back(pair):
    here, there = pair
    tokens = here.sign_in()
    assert there.bearing(tokens)(ME).data == {"me": {"username": "alice"}}
    successor = there.refresh(tokens)
    assert here.bearing(successor)(ME).data == {"me": {"username": "alice"}}
    assert here.refresh(tokens).refresh == successor.refresh
    assert there.bearing(here.refresh(successor))(ME).data == {"me": {"username": "alice"}}


def test_a_logout_is_heard_of_by_the_other_at_once(pair):
    here, there = pair
    tokens = here.sign_in()
    # Where Redis is asked, its lease is young and says that the token is good.
    assert "errors" not in there(VERIFY, token=tokens.access).body

    assert here.bearing(tokens)(LOGOUT).data == {"logout": {"ok": True}}

    assert there(VERIFY, token=tokens.access).reason == "TOKEN_REVOKED"
    assert there.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
    assert there.try_refresh(tokens).reason == "SESSION_ENDED"


def test_an_older_release_can_take_over_again(rollout, folders):
    """Its tables are all there, and what it asks of them is answered."""
    for older in RELEASES[:-1]:
        server = rollout.servers[older]
        manage(folders[older], "migrate", "--check", database=server.database)
    tokens = rollout.servers["following"].client().sign_in("bob")
    server = rollout.servers["this"]
    server.restart()
    try:
        client = server.client()
        assert client.http.get("/health/ready", {}, headers={}).status_code == 200
        assert client.bearing(client.refresh(tokens))(ME).data == {"me": {"username": "bob"}}
        assert client.bearing(client.sign_in("bob"))(LOGOUT_ALL).data == {"logoutAll": {"ended": 2}}
        assert client.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
    finally:
        client.http.close()
