"""Keys are rotated while clients come and go, over two workers: every request is answered."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import jwt
import pytest

from revocation.keyfile import read_keys, write_keys
from revocation.rotation import SETTLED_AFTER, created
from revocation.signing_key import SHORTEST_RSA_BITS
from tests.client import LOGOUT, ME
from tests.http.conftest import show_log, template  # noqa: F401  A fixture.
from tests.http.crowd import Crowd
from tests.keys.conftest import kids_of, let_time_pass, now, rotate_key
from tests.keys.going_on import go_on, kid_of, said_in
from tests.live import USERS, LiveServer
from tests.waiting import wait_until

CLIENTS = 4


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "jwt.json"
    write_keys(path, created("HS256", now=now()))
    return path


@pytest.fixture(scope="module")
def running(template, keys_file):  # noqa: F811
    with LiveServer(template, workers=2, JWT_KEYS_FILE=str(keys_file)) as server:
        yield server


@pytest.fixture
def path(keys_file, settings, monkeypatch):
    monkeypatch.setattr("revocation.signing_key._RSA_BITS", SHORTEST_RSA_BITS)
    settings.REVOCATION = {**settings.REVOCATION, "KEYS_FILE": str(keys_file)}
    return keys_file


@pytest.fixture
def server(running, path, request):
    """A server whose keys are those of the command, in whichever state a test left them."""
    before = len(running.log())
    yield running
    show_log(running.log()[before:], request)


@pytest.fixture
def on_each(server):
    """A client on each worker, over a connection of its own."""
    return [server.client_on(worker) for worker in sorted(server.worker_pids())]


def signed_by(key, token):
    """Write a token anew, signed by another key."""
    headers = jwt.get_unverified_header(token) | {"kid": key.kid, "alg": key.algorithm}
    return jwt.encode(said_in(token), key.signing, key.algorithm, headers=headers)


def is_accepted(client, token):
    return client.bearing(token)(ME).reasons == []


def rotate(path, on_each, *, algorithm, meanwhile=lambda: None):
    """Take each step as soon as all workers know of the one before; return who signs then.

    `meanwhile` is what happens while the published key signs nothing yet.
    """
    rotate_key("--algorithm", algorithm)
    token = signed_by(read_keys(path).next.key, on_each[0].sign_in().access)
    wait_until(lambda: all(is_accepted(it, token) for it in on_each), else_say=lambda: algorithm)
    meanwhile()
    let_time_pass(path, by=SETTLED_AFTER)
    rotate_key("--activate")
    [kid] = kids_of(path)["current"]
    wait_until(
        lambda: {kid_of(client.sign_in().access) for client in on_each} == {kid},
        else_say=lambda: algorithm,
    )
    return kid


def test_nobody_is_signed_out_and_no_request_is_lost(server, path, on_each, tmp_path):
    over = tmp_path / "over"
    acts = [partial(go_on, username=name, until=str(over)) for name in USERS[1 : CLIENTS + 1]]
    signing = kids_of(path)["current"]

    with ThreadPoolExecutor(1) as beside, Crowd(server, CLIENTS) as crowd:
        going_on = beside.submit(crowd.at_once, *acts)
        try:
            for algorithm in ("HS256", "RS256", "RS256"):
                signing.append(rotate(path, on_each, algorithm=algorithm))
        finally:
            over.touch()
        results = going_on.result()

    for kids, refreshes, pair in results:
        assert kids == [kid for kid in signing if kid in kids]
        assert refreshes >= len(kids) >= 3
        assert kid_of(pair.access) == signing[-1]
    server.manage("rotate_key", "--retire")
    assert kids_of(path)["previous"][0] == signing[-2]
    assert all(is_accepted(client, pair) for *_, pair in results for client in on_each)
    for key in (entry["k"] for entry in json.loads(path.read_text())["keys"] if "k" in entry):
        assert key not in server.log()


def test_another_service_verifies_by_nothing_but_the_published_keys(server, path, on_each):
    """Its copy is five minutes old at the most, and younger than the key that signs, therefore."""
    url = f"http://127.0.0.1:{server.port}/.well-known/jwks.json"
    sibling = jwt.PyJWKClient(url, cooldown_duration=3600)

    def ask_again():
        sibling.get_jwk_set(refresh=True)

    def verified(token):
        key = sibling.get_signing_key_from_jwt(token)
        return jwt.decode(token, key, algorithms=[key.algorithm_name])["sid"]

    rotate(path, on_each, algorithm="RS256", meanwhile=ask_again)
    pair = on_each[0].sign_in()
    sid = verified(pair.access)
    for algorithm in ("ES256", "EdDSA"):
        kid = rotate(path, on_each, algorithm=algorithm, meanwhile=ask_again)
        before, pair = pair, on_each[1].refresh(pair)
        assert kid_of(pair.access) == kid
        assert verified(pair.access) == verified(before.access) == sid
        assert all(
            is_accepted(client, token.access) for token in (before, pair) for client in on_each
        )

    assert on_each[0].bearing(pair)(LOGOUT).data == {"logout": {"ok": True}}
    assert on_each[1].bearing(pair)(ME).reason == "TOKEN_REVOKED"
    assert on_each[1].try_refresh(pair).reason == "SESSION_ENDED"


def test_what_a_removed_key_signed_is_refused_with_a_code_in_every_worker(server, path, on_each):
    pair = on_each[0].sign_in()
    rotate_key("--leaked", *kids_of(path)["current"])

    for client in on_each:
        wait_until(lambda it=client: not is_accepted(it, pair), else_say=server.log)
        assert client.bearing(pair)(ME).reason == "TOKEN_INVALID"
        assert client.try_refresh(pair).reason == "REFRESH_INVALID"
        assert client(LOGOUT).data == {"logout": {"ok": True}}
        assert is_accepted(client, client.sign_in("bob"))
