"""A service in another language honours our logout by keys and status lists alone."""

import os
import re
import subprocess
import time
from contextlib import ExitStack

import jwt
import pytest

from tests.client import ME
from tests.examples.between import Between
from tests.examples.recipe import EXAMPLES
from tests.live import LiveServer, create_template
from tests.revocation.test_signing_keys import OTHER_PAIRS, PAIRS
from tests.waiting import wait_until
from tests.wire import Http

LOGOUT = "mutation { logout { ok } }"
JWKS = "/.well-known/jwks.json"
LIST = "/status/0"
ALGORITHM = "ES256"
OURS, FOREIGN = (pairs[ALGORITHM]["JWT_PRIVATE_KEY"] for pairs in (PAIRS, OTHER_PAIRS))


@pytest.fixture(scope="module")
def between():
    with Between() as one:
        yield one


@pytest.fixture(scope="module")
def api(between, tmp_path_factory):
    template = create_template(tmp_path_factory.mktemp("template"))
    pair = PAIRS[ALGORITHM]
    environ = {
        "DJANGO_SETTINGS_MODULE": "tests.examples.status_settings",
        "STATUS_LIST_URL": f"http://127.0.0.1:{between.port}/status",
        "TEST_ALGORITHM": ALGORITHM,
        "TEST_PRIVATE_KEY": pair["JWT_PRIVATE_KEY"],
        "TEST_PUBLIC_KEY": pair["JWT_PUBLIC_KEY"],
    }
    with LiveServer(template, workers=2, **environ) as server:
        between.to = server.port
        yield server


@pytest.fixture(scope="module")
def _service(api, between):
    with ExitStack() as stack:
        yield stack.enter_context(Service(between))


@pytest.fixture
def service(_service, between):
    yield _service
    between.instead = lambda path, body: body


class Service:
    """The example, as somebody else would run it."""

    def __init__(self, between):
        self._environ = {
            "PATH": os.environ["PATH"],
            "PORT": "0",
            "JWKS_URL": f"http://127.0.0.1:{between.port}{JWKS}",
            "STATUS_LIST_URL": f"http://127.0.0.1:{between.port}/status",
        }

    def __enter__(self):
        self._process = subprocess.Popen(
            ["node", "service.mjs"],
            cwd=EXAMPLES / "status-list-verifier",
            env=self._environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._http = Http(int(re.search(r":(\d+)$", self._process.stdout.readline())[1]))
        return self

    def __exit__(self, *_):
        self._http.close()
        self._process.kill()
        self._process.communicate()

    def ask(self, token):
        answer = self._http.send("GET", "/", None, {"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()

    def until(self, token, status):
        """Ask until it answers so; return what it says."""
        answers = []

        def look():
            answers.append(self.ask(token))
            return answers[-1][0] == status

        wait_until(look, else_say=lambda: f"Never {status}: {answers[-1]}")
        return answers[-1][1]


@pytest.fixture
def client(api):
    return api.client()


@pytest.fixture
def token(client):
    return client.sign_in().access


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def signed(claims, *, like, key=OURS, **header):
    headers = {"typ": "at+jwt", "kid": jwt.get_unverified_header(like)["kid"], **header}
    return jwt.encode(claims, key, ALGORITHM, headers=headers)


def test_a_logout_is_honoured_and_nothing_but_keys_and_lists_is_asked_for(
    service, client, between, token
):
    other = client.sign_in().access
    assert service.ask(token) == (200, {"sub": claims_of(token)["sub"], "username": "alice"})
    assert service.ask(other)[0] == 200

    between.paths.clear()
    assert client.bearing(token)(LOGOUT).data == {"logout": {"ok": True}}

    assert service.until(token, 401) == {"error": "The token has been revoked"}
    assert service.ask(other)[0] == 200
    assert client.bearing(other)(ME).data == {"me": {"username": "alice"}}
    assert set(between.paths) <= {LIST, JWKS}
    assert between.paths.count(JWKS) == 0


def test_many_requests_are_answered_from_one_list(service, between, token):
    assert service.until(token, 200)
    between.paths.clear()
    before = time.monotonic()
    for _ in range(100):
        assert service.ask(token)[0] == 200
    # One list for each second that has begun: half of its lifetime.
    assert len(between.paths) <= time.monotonic() - before + 2


def test_a_fresh_sign_in_is_let_in_by_a_list_from_before(service, client, token, between):
    service.until(token, 200)
    between.instead = lambda path, body: None

    assert service.ask(client.sign_in().access)[0] == 200


@pytest.mark.parametrize("idx", [2**20, 2**31, 2**32 + 1, 2**53, -1, "0", 0.5, None, [0], True])
def test_an_index_that_is_none_is_refused(service, token, idx):
    claims = claims_of(token)
    claims["status"]["status_list"]["idx"] = idx

    assert service.ask(signed(claims, like=token))[0] == 401


@pytest.mark.parametrize("path", ["/status/00", "/status/0?x", "/status/../health/live", "/", ""])
def test_a_place_that_is_none_of_the_issuers_is_refused_and_not_asked(
    service, between, token, path
):
    claims = claims_of(token)
    claims["status"]["status_list"]["uri"] = f"http://127.0.0.1:{between.port}{path}"
    between.paths.clear()

    assert service.ask(signed(claims, like=token))[0] == 401
    assert set(between.paths) <= {LIST, JWKS}


def test_a_list_that_is_not_there_opens_nothing(service, token):
    claims = claims_of(token)
    claims["status"]["status_list"]["uri"] = claims["status"]["status_list"]["uri"][:-1] + "7"

    assert service.ask(signed(claims, like=token))[0] == 503


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": {}},
        {"status": None},
        {"status": {"status_list": {}}},
        {"exp": 1},
        {"exp": None},
        {"exp": "9999999999"},
    ],
)
def test_a_token_that_does_not_say_enough_is_refused(service, token, wrong):
    assert service.ask(signed(claims_of(token) | wrong, like=token))[0] == 401


def test_a_token_of_another_kind_or_key_is_refused(service, client, token):
    pair = client.sign_in()

    assert service.ask(pair.refresh)[0] == 401
    assert service.ask(signed(claims_of(token), like=token, key=FOREIGN))[0] == 401
    assert service.ask(signed(claims_of(token), like=token, kid="made-up"))[0] == 401
    assert service.ask(f"{token}.")[0] == service.ask("x.y.z")[0] == service.ask("null")[0] == 401


def forged(**header):
    """Return what signs the list anew by somebody else's key, or as something else."""

    def forge(path, body):
        if path != LIST:
            return body
        headers = {"typ": "statuslist+jwt", **header}
        key = headers.pop("key", OURS)
        claims = claims_of(body) | headers.pop("claims", {})
        return signed(claims, like=body, key=key, **headers).encode()

    return forge


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": FOREIGN},
        {"typ": "at+jwt"},
        {"kid": "made-up"},
        {"claims": {"sub": "http://127.0.0.1/status/0"}},
        {"claims": {"status_list": {"bits": 2, "lst": "eNpjAAAAAQAB"}}},
        {"claims": {"status_list": {"bits": 1, "lst": "eNpj"}}},
        {"claims": {"iat": 9_999_999_999, "exp": 9_999_999_999}},
        {"claims": {"exp": None}},
        {"claims": {"exp": 1}},
        {"claims": {"ttl": -1}},
    ],
    ids=("key", "typ", "kid", "sub", "bits", "lst", "iat", "no exp", "exp", "ttl"),
)
def test_a_list_that_is_not_the_issuers_of_now_opens_nothing(api, between, token, wrong):
    with Service(between) as service:
        between.instead = forged(**wrong)
        assert service.ask(token) == (503, {"error": "Try again later"})

        between.instead = lambda path, body: body
        service.until(token, 200)


class TestListThatWasGood:
    """Nobody gets in when it is over, and no other is to be had."""

    def test_is_not_believed_again(self, service, between, token):
        kept = []

        def replay(path, body):
            kept.append(body)
            return kept[0] if path == LIST else body

        self.is_over_some_time(service, between, token, replay)

    def test_is_not_replaced_by_a_forged_one(self, service, between, token):
        self.is_over_some_time(service, between, token, forged(key=FOREIGN))

    def test_is_not_stretched_while_nobody_answers(self, service, between, token):
        self.is_over_some_time(service, between, token, lambda path, body: None)

    @staticmethod
    def is_over_some_time(service, between, token, instead):
        service.until(token, 200)
        between.instead = instead

        assert service.until(token, 503) == {"error": "Try again later"}

        between.instead = lambda path, body: body
        service.until(token, 200)
