"""Pages of other origins: who may read an answer, and whose requests count in cookie mode."""

import json
from http.cookies import SimpleCookie

import pytest

from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN
from tests.http.conftest import FRONT_END
from tests.wire import JSON

EVIL = "https://evil.example"
ASKED_HEADERS = (
    "authorization",
    "content-type",
    "accept",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "apollographql-client-name",
    "apollographql-client-version",
    "x-csrftoken",
)
FORWARDED = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Proto": "https"}
REFRESH = "mutation { refreshToken { payload } }"


class Browser:
    """Sends what a browser sends for a page: its origin, and the cookies whoever asks."""

    def __init__(self, server):
        self.http = server.client().http
        self.cookies = SimpleCookie()

    def send(self, method="POST", path="/graphql", body=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            pairs = [f"{name}={morsel.value}" for name, morsel in self.cookies.items()]
            sent["Cookie"] = "; ".join(pairs)
        answer = self.http.send(method, path, body, sent)
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def ask(self, query=ME, *, origin=FRONT_END, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        return self.send(body=body, Content_Type=JSON, **({"Origin": origin} if origin else {}))

    def sign_in(self):
        return self.ask(SIGN_IN, username="alice", password=PASSWORD)

    def is_signed_in(self):
        return self.ask().json().get("data", {}).get("me") is not None


@pytest.fixture
def browser(cookie_server):
    return Browser(cookie_server)


def cors_of(answer):
    return {name.lower() for name in answer.headers if name.lower().startswith("access-control")}


class TestReading:
    def test_a_listed_origin_may_with_credentials(self, browser):
        answer = browser.ask("{ version }")

        assert answer.headers["Access-Control-Allow-Origin"] == FRONT_END
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "origin" in answer.headers["Vary"].lower()

    def test_a_listed_origin_may_ask_with_every_header_of_apollo(self, browser):
        answer = browser.send(
            "OPTIONS",
            Origin=FRONT_END,
            Access_Control_Request_Method="POST",
            Access_Control_Request_Headers=",".join(ASKED_HEADERS),
        )

        allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
        assert answer.status_code == 200
        assert set(ASKED_HEADERS) <= set(allowed)

    @pytest.mark.parametrize("origin", [EVIL, "null", f"{FRONT_END}.evil.example"])
    @pytest.mark.parametrize("method", ["OPTIONS", "POST", "GET"])
    def test_another_may_not(self, browser, origin, method):
        answer = browser.send(method, Origin=origin, Access_Control_Request_Method="POST")

        assert cors_of(answer) == set()
        assert "origin" in answer.headers["Vary"].lower()

    @pytest.mark.parametrize(
        ("status", "body", "headers"),
        [
            (400, b"{", {"Content_Type": JSON}),
            (413, b" " * 1_100_000, {"Content_Type": JSON}),
            (415, b"query=1", {"Content_Type": "text/plain"}),
            (406, b"{}", {"Content_Type": JSON, "Accept": "image/png"}),
            (400, b"{}", {"Content_Type": JSON, "Host": "evil.example"}),
        ],
    )
    def test_errors_can_be_read_too(self, browser, status, body, headers):
        answer = browser.send(body=body, Origin=FRONT_END, **headers)

        assert answer.status_code == status
        assert answer.json()["errors"]
        assert answer.headers["Access-Control-Allow-Origin"] == FRONT_END

    def test_without_a_list_nobody_may(self, server):
        answer = Browser(server).ask("{ version }", origin=EVIL)

        assert answer.json() == {"data": {"version": answer.json()["data"]["version"]}}
        assert cors_of(answer) == set()


class TestActing:
    def test_a_listed_origin_goes_through_all_of_it_by_cookie(self, browser):
        browser.sign_in()
        assert browser.is_signed_in()

        assert "errors" not in browser.ask(REFRESH).json()
        assert browser.is_signed_in()

        stolen = SimpleCookie(browser.cookies.output(header=""))
        browser.ask(LOGOUT)
        assert [morsel.value for morsel in browser.cookies.values()] == ["", ""]
        browser.cookies = stolen
        reason = browser.ask().json()["errors"][0]["extensions"]["reason"]
        assert reason == "TOKEN_REVOKED"

    @pytest.mark.parametrize("origin", [EVIL, "null"])
    @pytest.mark.parametrize("mutation", [LOGOUT, REFRESH, "mutation { logoutAll { ended } }"])
    def test_a_foreign_origin_achieves_nothing(self, browser, cookie_server, origin, mutation):
        browser.sign_in()
        before = cookie_server.sql("SELECT id, generation, ended_at FROM revocation_session")

        answer = browser.ask(mutation, origin=origin)

        assert answer.status_code == 403
        assert answer.headers["Content-Type"].startswith(JSON)
        assert answer.json()["errors"][0]["extensions"]["reason"] == "ORIGIN_NOT_ALLOWED"
        after = cookie_server.sql("SELECT id, generation, ended_at FROM revocation_session")
        assert after == before
        assert browser.is_signed_in()

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
    )
    def test_a_form_achieves_nothing(self, browser, content_type):
        """Forms of old browsers come without an Origin."""
        browser.sign_in()
        body = json.dumps({"query": LOGOUT}).encode()

        answer = browser.send(body=body, Content_Type=content_type)

        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert answer.status_code >= 400
        assert browser.is_signed_in()

    def test_a_link_reads_nothing(self, browser):
        browser.sign_in()
        answer = browser.send("GET", "/graphql?query=%7Bme%7Busername%7D%7D")

        assert answer.status_code == 400
        assert b"alice" not in answer.content

    def test_nobody_is_signed_in_by_a_foreign_page(self, browser):
        answer = browser.ask(SIGN_IN, origin=EVIL, username="alice", password=PASSWORD)

        assert answer.status_code == 403
        assert not browser.cookies

    def test_a_batch_is_refused_whole(self, browser):
        browser.sign_in()
        body = json.dumps([{"query": ME}, {"query": LOGOUT}]).encode()

        answer = browser.send(body=body, Content_Type=JSON, Origin=EVIL)

        assert answer.status_code == 403
        assert browser.is_signed_in()


class TestBehindAProxy:
    def test_the_forwarded_scheme_is_that_of_the_own_origin(self, serve):
        browser = Browser(serve(JWT_COOKIE_MODE="true", TRUSTED_PROXIES="127.0.0.1"))
        body = json.dumps({"query": "{ version }"}).encode()
        asked = {"Content_Type": JSON, "Host": "localhost", "Origin": "https://localhost"}

        through = browser.send(body=body, **asked, **FORWARDED)
        around = browser.send(body=body, **asked)

        assert (through.status_code, around.status_code) == (200, 403)


def test_hidden_tokens_are_in_no_body_and_work_all_the_same(serve):
    browser = Browser(serve(JWT_COOKIE_MODE="true", JWT_HIDE_TOKEN_FIELDS="true"))
    sign_in = SIGN_IN.replace("token refreshToken payload", "payload")

    answer = browser.ask(sign_in, origin=None, username="alice", password=PASSWORD)

    assert b"eyJ" not in answer.content
    assert browser.ask(origin=None).json() == {"data": {"me": {"username": "alice"}}}
    visible = browser.ask(SIGN_IN, origin=None, username="alice", password=PASSWORD)
    assert visible.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_secure_cookies_are_set_under_https(serve):
    browser = Browser(serve(JWT_COOKIE_MODE="true", HTTPS="true", TRUSTED_PROXIES="127.0.0.1"))
    body = json.dumps({"query": SIGN_IN, "variables": {"username": "alice", "password": PASSWORD}})
    browser.send(body=body.encode(), Content_Type=JSON, **FORWARDED)

    assert set(browser.cookies) == {"__Host-JWT", "__Host-JWT-refresh-token"}
    assert all(morsel["secure"] and morsel["httponly"] for morsel in browser.cookies.values())
