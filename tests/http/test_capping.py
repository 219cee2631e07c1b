"""No more sessions than a user may have, whoever signs in beside whom: processes of their own."""

import pytest

from tests.client import ME, PASSWORD, SIGN_IN
from tests.http.conftest import lend
from tests.http.crowd import Crowd, asking, refreshing, signing_in, tokens_in
from tests.live import LiveServer

SIGN_IN_AND_BOOM = SIGN_IN.rstrip().removesuffix("}") + " boom }"
LOGOUT_ALL = "mutation { logoutAll { ended } }"
ROUNDS = 5


@pytest.fixture(scope="module", params=["commits", "rolls back"])
def _capped(template, request):
    rolls_back = {"ATOMIC_REQUESTS": "true", "ROOT_URLCONF": "tests.http.failing_urls"}
    options = rolls_back if request.param == "rolls back" else {}
    with LiveServer(template, workers=4, MAX_SESSIONS="1", **options) as server:
        yield server, SIGN_IN_AND_BOOM if options else SIGN_IN


@pytest.fixture
def capped(_capped, request):
    server, _ = _capped
    yield from lend(server, request)


@pytest.fixture
def sign_in(_capped):
    """The act of signing alice in, beside a field that fails where requests are rolled back."""
    return asking(_capped[1], username="alice", password=PASSWORD)


def pair_in(answer):
    answer.body["data"].pop("boom", None)
    return tokens_in(answer)


def test_of_sign_ins_at_once_one_session_is_left_and_works(capped, sign_in):
    client = capped.client()
    with Crowd(capped, 4) as crowd:
        for _ in range(ROUNDS):
            pairs = [pair_in(answer) for answer in crowd.at_once(*[sign_in] * 4)]

            alive = [pair for pair in pairs if not client.bearing(pair)(ME).reasons]
            dead = [pair for pair in pairs if pair not in alive]
            assert len(alive) == 1
            assert client.refresh(alive[0]).access
            assert {client.bearing(pair)(ME).reason for pair in dead} == {"TOKEN_REVOKED"}
            assert {client.try_refresh(pair).reason for pair in dead} == {"SESSION_ENDED"}


def test_beside_its_own_refresh_the_oldest_ends_whole(capped, sign_in):
    client = capped.client()
    with Crowd(capped, 3) as crowd:
        for _ in range(ROUNDS):
            old = client.sign_in()

            *refreshes, answer = crowd.at_once(refreshing(old), refreshing(old), sign_in)

            pairs = [old, *filter(None, map(tokens_in, refreshes))]
            assert {client.bearing(pair)(ME).reason for pair in pairs} == {"TOKEN_REVOKED"}
            assert {client.try_refresh(pair).reason for pair in pairs} == {"SESSION_ENDED"}
            assert client.refresh(pair_in(answer)).access


def test_beside_logout_all_nobody_waits_for_ever(capped, sign_in):
    client = capped.client()
    with Crowd(capped, 4) as crowd:
        for _ in range(ROUNDS):
            caller = client.sign_in()

            *answers, all_ended = crowd.at_once(
                sign_in, sign_in, signing_in("bob", PASSWORD), asking(LOGOUT_ALL, by=caller)
            )

            assert all_ended.reasons in ([], ["TOKEN_REVOKED"])
            assert not client.bearing(tokens_in(answers[2]))(ME).reasons
            alive = [pair_in(one) for one in answers[:2]]
            assert sum(not client.bearing(pair)(ME).reasons for pair in alive) <= 1
