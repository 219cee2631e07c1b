"""Hostile and broken requests over real HTTP: each gets its code in GraphQL JSON, and costs little.

Cost is what the server does, not time: no password is hashed, no row is written, and the workers
that answered go on answering.
"""

import hashlib
import json
from http.client import HTTPConnection

import pytest

from tests.client import ME, PASSWORD
from tests.wire import JSON

STRICT = "application/graphql-response+json"
ALIASES = f"{{ {' '.join(f'a{number}: version' for number in range(20_000))} }}"
DEEP_QUERY = "{ me " * 1_000 + "}" * 1_000
DEEP_JSON = b"[" * 100_000
SIGN_IN = f'mutation {{ tokenAuth(username: "alice", password: "{PASSWORD}") {{ token }} }}'


def query(text, **more):
    return json.dumps({"query": text, **more}).encode()


def persisted(digest, **more):
    named = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    return json.dumps({"extensions": named, **more}).encode()


BATCH = json.dumps([{"query": "{ version }"}] * 11).encode()
NESTED_VALUE = json.dumps({"query": "{ version }", "variables": {"x": None}}).replace(
    "null", "[" * 500 + "]" * 500
)

# body, status as graphql-response+json, code, reason
REFUSED = {
    "garbage": (b"\x00\xff\x13garbage", 400, "BAD_REQUEST", None),
    "truncated": (b'{"query": "{ version }', 400, "BAD_REQUEST", None),
    "nothing": (b"", 400, "BAD_REQUEST", None),
    "a number": (b"1", 400, "BAD_REQUEST", None),
    "null": (b"null", 400, "BAD_REQUEST", None),
    "deeply nested": (DEEP_JSON, 400, "BAD_REQUEST", None),
    "not UTF-8": (b'{"query": "{ version } # \xff"}', 400, "BAD_REQUEST", None),
    "NaN": (b'{"query": "{ version }", "variables": {"x": NaN}}', 400, "BAD_REQUEST", None),
    "10 MB": (b" " * 10_000_000, 413, "LIMIT_EXCEEDED", "BODY_TOO_LARGE"),
    "20,000 aliases": (query(ALIASES), 400, "LIMIT_EXCEEDED", "TOO_MANY_ALIASES"),
    "1,000 deep": (query(DEEP_QUERY), 400, "LIMIT_EXCEEDED", "TOO_DEEP"),
    "a null byte in the text": (query("{ ver\x00sion }"), 400, "GRAPHQL_PARSE_FAILED", None),
    "a batch of none": (b"[]", 400, "BAD_REQUEST", None),
    "a batch above the limit": (BATCH, 400, "LIMIT_EXCEEDED", "BATCH_TOO_LARGE"),
    "a query that is none": (query(7), 400, "BAD_REQUEST", None),
    "variables in a list": (query("{ version }", variables=[1]), 400, "BAD_REQUEST", None),
    "an unknown hash": (persisted("0" * 64), 200, "PERSISTED_QUERY_NOT_FOUND", None),
    "a hash of something else": (
        persisted("0" * 64, query="{ version }"),
        400,
        "BAD_REQUEST",
        None,
    ),
}


@pytest.fixture
def send(server):
    http = server.client(keep_alive=False).http

    def send(body, *, accept=STRICT, method="POST", path="/graphql", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return http.send(method, path, body, {"Content-Type": JSON, "Accept": accept, **sent})

    return send


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_fair_request_is_refused_with_its_code(send, server, name):
    body, status, code, reason = REFUSED[name]

    answer = send(body)

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert error["extensions"].get("reason") == reason
    assert answer.headers["Content-Type"] == f"{STRICT}; charset=utf-8"
    assert len(answer.content) < 500
    assert "Traceback" not in server.log()


def test_entries_that_are_none_leave_their_neighbours_whole(send):
    """Mixed and nested arrays."""
    entries = [{"query": "{ version }"}, [{"query": "{ version }"}], 1, None, "x", {}]

    answers = send(json.dumps(entries).encode()).json()

    assert answers[0]["data"]["version"]
    codes = [entry["errors"][0]["extensions"]["code"] for entry in answers[1:]]
    assert codes == ["BAD_REQUEST"] * 5


def test_a_known_text_is_no_way_around_the_size_of_its_variables(send):
    text = "query Known($x: Boolean! = true) { version @include(if: $x) }"
    assert "data" in send(query(text)).json()
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert "data" in send(persisted(digest, query=text)).json()

    answer = send(persisted(digest, variables={"y": "x" * 1_100_000}))

    assert answer.json()["errors"][0]["extensions"]["reason"] == "BODY_TOO_LARGE"


def test_nested_variables_of_a_known_text_break_nothing(send):
    assert send(NESTED_VALUE.encode()).status_code in {200, 400}
    assert "data" in send(query("{ version }")).json()


def test_a_persisted_query_is_known_to_every_worker(server):
    text = "query EverywhereKnown { version }"
    digest = hashlib.sha256(text.encode()).hexdigest()
    workers = [server.client_on(worker).http for worker in sorted(server.worker_pids())]
    headers = {"Content-Type": JSON}

    workers[0].send("POST", "/graphql", persisted(digest, query=text), headers)

    for worker in workers:
        assert "data" in worker.send("POST", "/graphql", persisted(digest), headers).json()


def test_a_revoked_token_is_refused_by_a_persisted_query_too(server):
    client = server.client()
    tokens = client.sign_in()
    bearing = client.bearing(tokens)
    digest = hashlib.sha256(ME.encode()).hexdigest()
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    assert bearing.post({**named, "query": ME}).data == {"me": {"username": "alice"}}

    bearing("mutation { logout { ok } }")

    assert bearing.post(named).reason == "TOKEN_REVOKED"


@pytest.mark.parametrize(
    "injected",
    ["x\r\nSet-Cookie: stolen=1", "x\nX-Injected: 1", "x\u2028X-Injected: 1", "\x00"],
)
def test_no_value_reaches_a_header(send, injected):
    answers = [
        send(query("{ version }", operationName=injected)),
        send(query("{ me { username } }", variables={injected: injected})),
        send(query(f"{{ v: version }} # {injected}")),
    ]

    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "X-Injected" not in answer.headers


@pytest.mark.parametrize(
    "header", [b"Bearer \x00", b"Bearer \xff\xfe", b"Bearer " + b"a" * 7_000, b"Bearer a b c"]
)
def test_broken_credentials_are_a_bad_token_and_nothing_worse(server, header):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    body = query("{ version me { username } }")
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n"
    ) % (header, len(body))
    connection.connect()
    with connection.sock as sock:
        sock.sendall(head + body)
        answer = b"".join(iter(lambda: sock.recv(65_536), b""))

    # A null byte is no header at all (RFC 9110, 5.5), and granian passes on ASCII alone.
    assert any(told in answer for told in (b"TOKEN_INVALID", b"TOKEN_MISSING", b"HTTP/1.1 400"))
    assert b"500 Internal" not in answer
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_told_which_ones_there_are(send, method):
    answer = send(None, method=method)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST"


def test_a_mutation_by_get_is_405(send):
    answer = send(None, method="GET", path="/graphql?query=mutation%7Blogout%7Bok%7D%7D")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
def test_a_form_executes_nothing(send, server, content_type):
    answer = send(query(SIGN_IN), Content_Type=content_type)

    assert answer.status_code == 415
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert server.sql("SELECT count(*) FROM revocation_session") == [(0,)]


def test_answers_carry_the_headers_of_a_careful_server(send):
    headers = send(query("{ version }")).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"


class TestStrict401:
    @pytest.fixture
    def strict(self, serve):
        return serve(STRICT_401="true").client()

    @pytest.fixture
    def revoked(self, strict):
        signed_in = strict.bearing(strict.sign_in())
        signed_in("mutation { logout { ok } }")
        return signed_in

    def test_is_sent_where_an_operation_is_refused_as_a_whole(self, strict, revoked):
        anonymous, refused = strict(ME), revoked(ME)

        assert (anonymous.status, refused.status) == (401, 401)
        assert anonymous.headers["WWW-Authenticate"] == "Bearer"
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert refused.reason == "TOKEN_REVOKED"

    def test_is_not_sent_where_something_was_answered(self, revoked, strict):
        assert revoked("{ version me { username } }").status == 200
        assert strict.post([{"query": ME}, {"query": "{ version }"}]).status == 200
        assert strict.post([{"query": ME}, {"query": ME}]).status == 401

    def test_is_not_sent_for_any_other_refusal(self, strict, revoked):
        wrong = 'mutation { tokenAuth(username: "alice", password: "wrong") { token } }'

        assert strict(wrong).status == 200
        assert strict('mutation { refreshToken(refreshToken: "x") { token } }').status == 200
        assert revoked("{").status == 200

    def test_is_off_by_default(self, server):
        assert server.client()(ME).status == 200


class TestOfTwoHundredThousandQueries:
    def test_memory_is_bounded_by_what_is_kept(self, server):
        """Distinct texts, valid and not; the cache itself is measured in tests/api."""
        client = server.client()
        for number in range(300):
            client.post([{"query": f"{{ a{number}x{entry}: version }}"} for entry in range(10)])
            client(f"{{ unknown{number} }}")

        assert server.sql("SELECT count(*) FROM persisted_queries") == [(0,)]
        assert client("{ version }").data["version"]
