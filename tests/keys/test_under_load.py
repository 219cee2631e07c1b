"""Keys are rotated while clients come and go, over two workers: every request is answered."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import jwt
import pytest

from revocation.keyfile import read_keys
from revocation.rotation import SETTLED_AFTER
from tests.client import LOGOUT, ME
from tests.http.conftest import serve, template  # noqa: F401  Fixtures.
from tests.http.crowd import Crowd
from tests.keys.conftest import kids_of, let_time_pass, rotate_key
from tests.live import USERS
from tests.revocation.forge import claims_of
from tests.waiting import wait_until

CLIENTS = 4
# From what to what, one after the other.
ROTATIONS = ("HS256", "RS256", "RS256")


def go_on(client, *, username, until):
    """Use one session, and refresh it, until a file is there; return the keys that signed it."""
    pair, kids, refreshes = client.sign_in(username), [], 0
    while not Path(until).exists():
        kid = jwt.get_unverified_header(pair.access)["kid"]
        if kid not in kids:
            kids.append(kid)
        assert client.bearing(pair)(ME).data == {"me": {"username": username}}
        successor = client.refresh(pair)
        # As if the answer had been lost: the same generation, whichever key signs it now.
        again = client.refresh(pair)
        assert claims_of(again.refresh) == claims_of(successor.refresh)
        assert client.bearing(successor)(ME).data == {"me": {"username": username}}
        pair, refreshes = again, refreshes + 1
    return kids, refreshes


@pytest.fixture
def server(serve, path):  # noqa: F811
    """Two workers with a file of keys."""
    rotate_key("--create")
    return serve(workers=2, JWT_KEYS_FILE=str(path))


@pytest.fixture
def on_each(server):
    """A client on each worker, over a connection of its own."""
    return [server.client_on(worker) for worker in sorted(server.worker_pids())]


def signed_by(key, token):
    """Write a token anew, signed by another key."""
    headers = jwt.get_unverified_header(token) | {"kid": key.kid, "alg": key.algorithm}
    return jwt.encode(claims_of(token), key.signing, key.algorithm, headers=headers)


def is_accepted(client, token):
    return client.bearing(token)(ME).reasons == []


def rotate(server, path, on_each, *, algorithm):
    """Take each step with the command as soon as all workers know of the one before."""
    server.manage("rotate_key", "--algorithm", algorithm)
    token = signed_by(read_keys(path).next.key, on_each[0].sign_in().access)
    wait_until(lambda: all(is_accepted(client, token) for client in on_each), else_say=server.log)
    let_time_pass(path, by=SETTLED_AFTER)
    server.manage("rotate_key", "--activate")
    [kid] = kids_of(path)["current"]
    wait_until(
        lambda: {kid} == {jwt.get_unverified_header(c.sign_in().access)["kid"] for c in on_each},
        else_say=server.log,
    )
    return kid


def test_nobody_is_signed_out_and_no_request_is_lost(server, path, on_each, tmp_path):
    over = tmp_path / "over"
    acts = [partial(go_on, username=name, until=str(over)) for name in USERS[1 : CLIENTS + 1]]
    signing = kids_of(path)["current"]

    with ThreadPoolExecutor(1) as beside, Crowd(server, CLIENTS) as crowd:
        running = beside.submit(crowd.at_once, *acts)
        try:
            for algorithm in ROTATIONS:
                signing.append(rotate(server, path, on_each, algorithm=algorithm))
        finally:
            over.touch()
        results = running.result()

    for kids, refreshes in results:
        assert refreshes > len(ROTATIONS)
        assert kids == signing[: len(kids)]
        assert len(kids) >= len(ROTATIONS)
    assert server.manage("rotate_key", "--retire").count("previous  ") == len(ROTATIONS)
    assert "ERROR" not in server.log()
    for key in (entry["k"] for entry in json.loads(path.read_text())["keys"] if "k" in entry):
        assert key not in server.log()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
class TestSiblings:
    """Another service that knows nothing but the address of the published keys."""

    @pytest.fixture
    def server(self, serve, path, algorithm):  # noqa: F811
        rotate_key("--create", "--algorithm", algorithm)
        return serve(workers=1, JWT_KEYS_FILE=str(path))

    def test_verifies_what_was_signed_before_and_after_a_rotation(
        self, server, path, on_each, algorithm
    ):
        [client] = on_each
        sibling = jwt.PyJWKClient(f"http://127.0.0.1:{server.port}/.well-known/jwks.json")

        def verified(token):
            key = sibling.get_signing_key_from_jwt(token)
            return jwt.decode(token, key, algorithms=[algorithm])["sid"]

        before = client.sign_in()
        sid = verified(before.access)
        rotate(server, path, on_each, algorithm=algorithm)
        after = client.refresh(before)

        assert verified(after.access) == verified(before.access) == sid
        for pair in (before, after):
            assert client.bearing(pair)(ME).data == {"me": {"username": "alice"}}
        assert client.bearing(after)(LOGOUT).data == {"logout": {"ok": True}}
        assert client.bearing(before)(ME).reason == "TOKEN_REVOKED"
        assert client.try_refresh(after).reason == "SESSION_ENDED"


def test_what_a_removed_key_signed_is_refused_with_a_code_in_every_worker(server, path, on_each):
    pair = on_each[0].sign_in()
    server.manage("rotate_key", "--leaked", *kids_of(path)["current"])

    for client in on_each:
        wait_until(lambda: not is_accepted(client, pair.access), else_say=server.log)  # noqa: B023
        assert client.bearing(pair)(ME).reason == "TOKEN_INVALID"
        assert client.try_refresh(pair).reason == "REFRESH_INVALID"
        assert client(LOGOUT).data == {"logout": {"ok": True}}
        assert is_accepted(client, client.sign_in("bob").access)
