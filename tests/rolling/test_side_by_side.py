"""Workers of two releases serve side by side while one replaces the other, and back."""

from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from tests.client import LOGOUT, ME
from tests.revocation.forge import claims_of

from . import releases

VERIFY = "mutation ($token: String) { verifyToken(token: $token) { payload } }"
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
    # A lost answer, given again by the other, which may have more to say in a token.
    assert generation_of(here.refresh(tokens)) == generation_of(successor)
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


def test_an_older_release_can_take_over_again(rollout):
    """Its tables are all there, and what it asks of them is answered."""
    tokens = rollout.servers["following"].client().sign_in("bob")

    for name in RELEASES[:-1]:
        client = rollout.servers[name].client()
        assert client.http.get("/health/ready", {}, headers={}).status_code == 200
        tokens = client.refresh(tokens)
        assert client.bearing(tokens)(ME).data == {"me": {"username": "bob"}}


def generation_of(tokens):
    claims = claims_of(tokens.refresh)
    return claims["sub"], claims["sid"], claims["gen"], claims["exp"]
