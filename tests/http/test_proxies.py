"""Behind a proxy over real connections: who a client is, and probes that know no name."""

import http.client
import json
from contextlib import closing

import pytest

from tests.client import PASSWORD, SIGN_IN
from tests.live import LiveServer

HOST = "api.example.com"
CLIENT, FORGED = "203.0.113.9", "198.51.100.1"
SECURE = ("X-Forwarded-Proto", "https")


@pytest.fixture(scope="module")
def behind(template):
    """A server that believes this machine, and asks for HTTPS and its name."""
    environ = {"TRUSTED_PROXIES": "127.0.0.1", "HTTPS": "true", "ALLOWED_HOSTS": HOST}
    with LiveServer(template, workers=1, **environ) as server:
        yield server


def send(server, method, path, *lines, host=HOST, body=b""):
    """Send exactly these header lines; return status, headers and body."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in [*([("Host", host)] if host else []), *lines]:
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def address_of(server, *lines):
    """Sign in with these header lines; return what is remembered of the address: its network."""
    variables = {"username": "alice", "password": PASSWORD}
    body = json.dumps({"query": SIGN_IN, "variables": variables}).encode()
    json_type = ("Content-Type", "application/json")
    status, _, answer = send(server, "POST", "/graphql", json_type, SECURE, *lines, body=body)
    assert status == 200, answer
    sid = json.loads(answer)["data"]["tokenAuth"]["payload"]["sid"]
    statement = "SELECT ip_address FROM revocation_session WHERE id = %s"
    return str(server.sql(statement, sid)[0][0]).partition("/")[0]


@pytest.mark.parametrize(
    ("values", "network"),
    [
        ([CLIENT], "203.0.113.0"),
        ([f"{FORGED}, {CLIENT}"], "203.0.113.0"),
        # A proxy may add a line of its own below the client's.
        ([FORGED, CLIENT], "203.0.113.0"),
        (["2001:db8::1"], "2001:db8::"),
        (["garbage"], "127.0.0.0"),
        ([], "127.0.0.0"),
    ],
)
def test_a_session_remembers_whom_the_proxy_heard(behind, values, network):
    assert address_of(behind, *[("X-Forwarded-For", value) for value in values]) == network


def test_a_forwarded_name_is_nobodys(behind):
    forwarded = ("X-Forwarded-Host", HOST)

    status, _, body = send(behind, "POST", "/graphql", SECURE, forwarded, host="evil.example")

    assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("lines", [[], [("X-Forwarded-Proto", "http")]])
def test_what_came_in_clear_is_sent_to_https_by_our_name(behind, lines):
    status, headers, _ = send(behind, "GET", "/graphql?query=x", *lines)

    assert status == 301
    assert headers["Location"] == f"https://{HOST}/graphql?query=x"


@pytest.mark.parametrize("host", ["10.1.2.3:8000", "[fd00::1]:8000", "evil.example", "a_b", None])
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_probe_is_answered_whatever_it_calls_us_and_in_clear(behind, path, host):
    status, headers, body = send(behind, "GET", path, host=host)

    assert (status, json.loads(body)) == (200, {"status": "ok"})
    assert "Location" not in headers
    assert "no-cache" in headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_probe_may_ask_for_the_head_alone(behind, path):
    status, headers, body = send(behind, "HEAD", path, host="10.1.2.3")

    assert (status, body) == (200, b"")
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_probe_only_asks(behind, method):
    assert send(behind, method, "/health/live", host="10.1.2.3")[0] == 405


@pytest.mark.parametrize("path", ["/health/", "/health/live/..", "/health/live/x", "//health/live"])
def test_nothing_else_is_answered_to_other_names(behind, path):
    assert send(behind, "GET", path, SECURE, host="evil.example")[0] in {400, 404}
