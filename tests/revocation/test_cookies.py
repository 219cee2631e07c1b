"""Cookie mode: which token counts, how cookies are set and deleted, and whom they are not read for.

Requests go through the API's own middleware and view in this process.
"""

from datetime import UTC, datetime

import pytest
from django.test import Client

from revocation import middleware
from revocation.errors import RevocationUnavailable
from revocation.problems import problems
from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN, GraphQLClient

pytestmark = pytest.mark.django_db

ACCESS, REFRESH_COOKIE = "JWT", "JWT-refresh-token"
REFRESH_BY_COOKIE = "mutation { refreshToken { payload refreshExpiresAt } }"
REVOKED, ABSENT, GOOD = "revoked", "absent", "good"
ORIGIN = "https://app.example.com"


@pytest.fixture(autouse=True)
def cookie_mode(settings):
    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": True}
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": False}


@pytest.fixture
def browser(alice):
    """A client that keeps cookies."""
    return GraphQLClient(Client(raise_request_exception=False))


@pytest.fixture
def stranger():
    """Another, with no cookies."""
    return GraphQLClient(Client(raise_request_exception=False))


def ask(browser, query=ME, **headers):
    """POST one query from a browser with headers of one's own."""
    response = browser.http.post(
        "/graphql", {"query": query}, content_type="application/json", headers=headers
    )
    return response.json()


def reason_of(body):
    return body["errors"][0]["extensions"]["reason"]


def attributes(morsel):
    return {
        key: value for key, value in morsel.items() if value and key not in {"expires", "max-age"}
    }


@pytest.fixture
def post(browser):
    """POST from the browser and return Django's response, which has the cookies."""

    def post(query, **variables):
        return browser.http.post(
            "/graphql", {"query": query, "variables": variables}, content_type="application/json"
        )

    return post


class TestSigningIn:
    def test_sets_both_tokens_and_opens_protected_fields(self, browser):
        tokens = browser.sign_in()

        assert browser.http.cookies[ACCESS].value == tokens.access
        assert browser.http.cookies[REFRESH_COOKIE].value == tokens.refresh
        assert browser(ME).data == {"me": {"username": "alice"}}

    def test_scripts_and_other_sites_are_kept_from_them(self, post):
        cookies = post(SIGN_IN, username="alice", password=PASSWORD).cookies

        expected = {"path": "/", "samesite": "Lax", "httponly": True}
        assert [attributes(cookies[name]) for name in (ACCESS, REFRESH_COOKIE)] == [expected] * 2

    def test_both_live_as_long_as_the_refresh_token(self, post):
        response = post(
            "mutation ($username: String!, $password: String!) {"
            " tokenAuth(username: $username, password: $password) { refreshExpiresIn } }",
            username="alice",
            password=PASSWORD,
        )

        expires = response.json()["data"]["tokenAuth"]["refreshExpiresIn"]
        told = datetime.fromtimestamp(expires, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert {response.cookies[name]["expires"] for name in response.cookies} == {told}

    def test_a_wrong_password_sets_and_deletes_nothing(self, browser, post):
        browser.sign_in()

        assert not post(SIGN_IN, username="alice", password="wrong").cookies

    def test_the_answer_is_not_stored_and_varies_with_cookies(self, post):
        response = post(SIGN_IN, username="alice", password=PASSWORD)

        assert response.headers["Cache-Control"] == "no-store"
        assert "Cookie" in response.headers["Vary"]

    def test_secure_cookies_belong_to_this_host_alone(self, settings, post):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": True}

        cookies = post(SIGN_IN, username="alice", password=PASSWORD).cookies

        assert set(cookies) == {f"__Host-{ACCESS}", f"__Host-{REFRESH_COOKIE}"}
        assert all(cookie["secure"] for cookie in cookies.values())

    @pytest.mark.parametrize(
        "attribute", [{"JWT_COOKIE_DOMAIN": "example.com"}, {"JWT_COOKIE_PATH": "/graphql"}]
    )
    def test_the_prefix_is_left_out_where_browsers_would_not_believe_it(
        self, settings, post, attribute
    ):
        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | {"JWT_COOKIE_SECURE": True} | attribute

        cookies = post(SIGN_IN, username="alice", password=PASSWORD).cookies

        assert set(cookies) == {ACCESS, REFRESH_COOKIE}

    def test_in_header_mode_no_cookie_is_set_or_read(self, settings, browser, post):
        browser.sign_in()
        settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": False}

        assert browser(ME).reason == "TOKEN_MISSING"
        assert not post(SIGN_IN, username="alice", password=PASSWORD).cookies
        assert not post(LOGOUT).cookies


# What each pair of header and cookie is answered. The table is also in docs/cookies.md.
MATRIX = {
    (ABSENT, ABSENT): "TOKEN_MISSING",
    (ABSENT, GOOD): "bob",
    (ABSENT, REVOKED): "TOKEN_REVOKED",
    (GOOD, ABSENT): "alice",
    (GOOD, GOOD): "alice",
    (GOOD, REVOKED): "alice",
    (REVOKED, ABSENT): "TOKEN_REVOKED",
    (REVOKED, GOOD): "TOKEN_REVOKED",
    (REVOKED, REVOKED): "TOKEN_REVOKED",
}


def token_for(state, username):
    client = GraphQLClient(Client())
    tokens = client.sign_in(username)
    if state == REVOKED:
        GraphQLClient(Client()).bearing(tokens)(LOGOUT)
    return tokens.access


@pytest.mark.parametrize(("header", "cookie"), [*MATRIX])
def test_the_header_outranks_the_cookie(alice, make_user, stranger, header, cookie):
    make_user("bob")
    headers = {}
    if header != ABSENT:
        headers["authorization"] = f"Bearer {token_for(header, 'alice')}"
    if cookie != ABSENT:
        stranger.http.cookies[ACCESS] = token_for(cookie, "bob")

    body = ask(stranger, **headers)

    told = reason_of(body) if "errors" in body else body["data"]["me"]["username"]
    assert told == MATRIX[header, cookie]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer null", "Bearer undefined", "Basic YTpi"])
def test_a_header_without_a_token_leaves_the_word_to_the_cookie(browser, header):
    browser.sign_in()

    assert ask(browser, authorization=header)["data"]["me"] == {"username": "alice"}


class TestRefreshing:
    def test_takes_the_cookie_and_sets_the_successor(self, browser, post):
        first = browser.sign_in()
        response = post(REFRESH_BY_COOKIE)

        assert "errors" not in response.json()
        assert response.cookies[REFRESH_COOKIE].value != first.refresh
        assert browser(ME).data == {"me": {"username": "alice"}}

    def test_the_argument_goes_before_the_cookie(self, browser, stranger):
        browser.sign_in()
        stranger.sign_in()
        other = stranger.http.cookies[REFRESH_COOKIE].value
        mine = browser.http.cookies[REFRESH_COOKIE].value

        browser.refresh(other)

        assert len(browser("{ sessions { id } }").data["sessions"]) == 2
        assert stranger.try_refresh(mine).data["refreshToken"]

    def test_without_cookie_or_argument_it_is_missing(self, browser):
        assert browser(REFRESH_BY_COOKIE).reason == "REFRESH_MISSING"

    def test_a_refusal_deletes_no_cookie(self, browser, stranger, post):
        tokens = browser.sign_in()
        stranger.bearing(tokens)(LOGOUT)

        response = post(REFRESH_BY_COOKIE)

        assert reason_of(response.json()) == "SESSION_ENDED"
        assert not response.cookies

    def test_the_slower_of_two_tabs_sets_what_the_faster_one_set(self, browser, post):
        old = browser.sign_in()
        winner = post(REFRESH_BY_COOKIE).cookies[REFRESH_COOKIE].value
        browser.http.cookies[REFRESH_COOKIE] = old.refresh

        assert post(REFRESH_BY_COOKIE).cookies[REFRESH_COOKIE].value == winner

    def test_a_good_header_beside_it_does_not_matter(self, browser, stranger):
        browser.sign_in()
        body = ask(browser, REFRESH_BY_COOKIE, authorization="Bearer garbage")

        assert "errors" not in body


class TestLoggingOut:
    def test_ends_the_session_and_deletes_with_the_very_attributes(self, browser, post):
        tokens = browser.sign_in()
        kept = {name: attributes(cookie) for name, cookie in browser.http.cookies.items()}

        response = post(LOGOUT)

        assert {name: attributes(cookie) for name, cookie in response.cookies.items()} == kept
        assert {cookie.value for cookie in response.cookies.values()} == {""}
        assert {cookie["max-age"] for cookie in response.cookies.values()} == {0}
        assert browser.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
        assert browser.try_refresh(tokens).reason == "SESSION_ENDED"

    def test_ends_the_session_of_the_refresh_cookie_alone(self, browser, post):
        tokens = browser.sign_in()
        del browser.http.cookies[ACCESS]

        post(LOGOUT)

        assert browser.bearing(tokens)(ME).reason == "TOKEN_REVOKED"

    def test_ends_every_session_the_browser_presents(self, browser, stranger):
        kept, named = browser.sign_in(), stranger.sign_in()

        ask(browser, LOGOUT, authorization=f"Bearer {named.access}")

        assert stranger.bearing(kept)(ME).reason == "TOKEN_REVOKED"
        assert stranger.bearing(named)(ME).reason == "TOKEN_REVOKED"

    def test_everywhere_deletes_the_cookies_too(self, browser, post):
        browser.sign_in()

        response = post("mutation { logoutAll { ended } }")

        assert response.json()["data"]["logoutAll"] == {"ended": 1}
        assert {cookie.value for cookie in response.cookies.values()} == {""}

    def test_everywhere_else_keeps_them(self, browser, post):
        browser.sign_in()

        assert not post("mutation { logoutAll(exceptCurrent: true) { ended } }").cookies

    def test_everywhere_by_a_header_leaves_the_cookies_of_somebody_else(
        self, browser, make_user, stranger
    ):
        make_user("bob")
        stranger.sign_in("bob")
        alices = browser.sign_in()

        ask(stranger, "mutation { logoutAll { ended } }", authorization=f"Bearer {alices.access}")

        assert stranger(ME).data == {"me": {"username": "bob"}}


def test_a_changed_password_goes_on_with_new_cookies(browser, stranger):
    old = browser.sign_in()
    change = (
        f'mutation {{ changePassword(oldPassword: "{PASSWORD}", '
        'newPassword: "another long password") { ok } }'
    )

    assert browser(change).data == {"changePassword": {"ok": True}}
    assert browser(ME).data == {"me": {"username": "alice"}}
    assert stranger.bearing(old)(ME).reason == "TOKEN_REVOKED"


def test_a_password_changed_by_a_header_leaves_the_cookies_of_somebody_else(
    browser, make_user, stranger
):
    make_user("bob")
    stranger.sign_in("bob")
    alices = browser.sign_in()
    change = (
        f'mutation {{ changePassword(oldPassword: "{PASSWORD}", '
        'newPassword: "another long password") { ok } }'
    )

    assert "errors" not in ask(stranger, change, authorization=f"Bearer {alices.access}")
    assert stranger(ME).data == {"me": {"username": "bob"}}


class TestTwoCookiesOfOneName:
    """One of them may have been planted by another host of the domain."""

    @pytest.fixture
    def both(self, browser, make_user):
        make_user("mallory")
        tokens = browser.sign_in(), GraphQLClient(Client()).sign_in("mallory")
        header = "; ".join(
            f"{ACCESS}={pair.access}; {REFRESH_COOKIE}={pair.refresh}" for pair in tokens
        )
        return lambda query: ask(GraphQLClient(Client()), query, cookie=header)

    def test_are_no_token(self, both):
        assert reason_of(both(ME)) == "TOKEN_INVALID"
        assert reason_of(both(REFRESH_BY_COOKIE)) == "REFRESH_INVALID"

    def test_are_both_logged_out(self, both, browser):
        both(LOGOUT)

        assert browser(ME).reason == "TOKEN_REVOKED"


@pytest.mark.parametrize(
    ("mutation", "name"),
    [("deleteTokenCookie", ACCESS), ("deleteRefreshTokenCookie", REFRESH_COOKIE)],
)
def test_one_cookie_can_be_deleted_alone(browser, post, mutation, name):
    browser.sign_in()

    response = post(f"mutation {{ {mutation} {{ deleted }} }}")

    assert response.json()["data"][mutation] == {"deleted": True}
    assert {key: cookie.value for key, cookie in response.cookies.items()} == {name: ""}
    again = Client().post(
        "/graphql",
        {"query": f"mutation {{ {mutation} {{ deleted }} }}"},
        content_type="application/json",
    )
    assert again.json()["data"][mutation] == {"deleted": False}


class TestPagesOfForeignOrigins:
    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://testserver.evil", ""]
    )
    def test_are_refused_as_a_whole(self, browser, origin):
        browser.sign_in()
        response = browser.http.post(
            "/graphql",
            {"query": "mutation { logout { ok } }"},
            content_type="application/json",
            headers={"origin": origin},
        )

        assert response.status_code == 403
        assert response.headers["Content-Type"].startswith("application/json")
        assert response.json() == {
            "errors": [
                {
                    "message": "Requests from this origin are not allowed",
                    "extensions": {"code": "BAD_REQUEST", "reason": "ORIGIN_NOT_ALLOWED"},
                }
            ]
        }
        assert browser(ME).data == {"me": {"username": "alice"}}

    @pytest.mark.parametrize("origin", ["http://testserver", ORIGIN, ORIGIN.upper()])
    def test_ones_own_and_listed_origins_pass(self, settings, browser, origin):
        settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
        browser.sign_in()

        assert ask(browser, origin=origin)["data"]["me"] == {"username": "alice"}

    @pytest.mark.parametrize(
        ("host", "origin"),
        [("testserver:80", "http://testserver"), ("testserver:81", "http://testserver:81")],
    )
    def test_a_host_with_its_port_is_ones_own(self, browser, host, origin):
        browser.sign_in()

        assert ask(browser, host=host, origin=origin)["data"]["me"] == {"username": "alice"}

    @pytest.mark.parametrize(
        "origin", ["https://testserver", "http://testserver:81", f"{ORIGIN}:444"]
    )
    def test_scheme_and_port_are_part_of_an_origin(self, settings, browser, origin):
        settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

        assert reason_of(ask(browser, origin=origin)) == "ORIGIN_NOT_ALLOWED"

    def test_get_needs_what_no_link_can_send(self, browser):
        browser.sign_in()
        response = browser.http.get("/graphql", {"query": ME})

        assert response.status_code == 400
        assert reason_of(response.json()) == "PREFLIGHT_REQUIRED"

    @pytest.mark.parametrize(
        "headers",
        [
            {"apollo-require-preflight": "true"},
            {"x-apollo-operation-name": "Me"},
            {"content-type": "application/json"},
        ],
    )
    def test_get_with_it_is_answered(self, browser, headers):
        browser.sign_in()
        response = browser.http.get("/graphql", {"query": ME}, headers=headers)

        assert response.json()["data"]["me"] == {"username": "alice"}

    @pytest.mark.parametrize(
        "headers",
        [
            {"apollo-require-preflight": ""},
            {"content-type": "text/plain"},
            {"authorization": "Basic YTpi"},
        ],
    )
    def test_get_with_less_is_refused(self, browser, headers):
        browser.sign_in()
        response = browser.http.get("/graphql", {"query": ME}, headers=headers)

        assert reason_of(response.json()) == "PREFLIGHT_REQUIRED"

    def test_get_with_a_token_in_its_header_is_answered(self, browser, stranger):
        tokens = browser.sign_in()
        response = Client().get(
            "/graphql", {"query": ME}, headers={"authorization": f"Bearer {tokens.access}"}
        )

        assert response.json()["data"]["me"] == {"username": "alice"}

    def test_graphiql_opens_without(self, browser):
        response = browser.http.get("/graphql", headers={"accept": "text/html"})

        assert response.status_code == 200

    def test_in_header_mode_any_origin_may_ask(self, settings, stranger, alice):
        settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": False}
        token = stranger.sign_in().access

        body = ask(stranger, origin="https://evil.example", authorization=f"Bearer {token}")

        assert body["data"]["me"] == {"username": "alice"}


class TestUnderAViewThatExecutesForms:
    """graphene-django's own view takes forms. Any page can send one: its cookies do not count."""

    @pytest.fixture(autouse=True)
    def forms(self, settings):
        settings.ROOT_URLCONF = "tests.graphene_urls"

    def test_a_form_is_nobody(self, browser):
        browser.sign_in()
        response = browser.http.post("/graphql", {"query": ME})

        assert response.json()["data"]["me"] is None

    def test_a_form_logs_nobody_in_or_out(self, browser):
        browser.sign_in()
        sign_in = f'mutation {{ tokenAuth(username: "alice", password: "{PASSWORD}") {{ token }} }}'

        for query in (sign_in, LOGOUT):
            answer = browser.http.post("/graphql", {"query": query})
            assert ACCESS not in answer.cookies
        assert browser(ME).data == {"me": {"username": "alice"}}

    def test_json_is_somebody(self, browser):
        browser.sign_in()

        assert browser(ME).data == {"me": {"username": "alice"}}


def test_answers_that_could_not_be_made_to_hold_set_no_cookie(browser, post, monkeypatch):
    def fail(journal):
        raise RevocationUnavailable

    monkeypatch.setattr(middleware.Journal, "replay", fail)

    response = post(SIGN_IN, username="alice", password=PASSWORD)

    assert response.status_code == 503
    assert not response.cookies


@pytest.mark.parametrize(
    ("setting", "check_id"),
    [
        ({"JWT_COOKIE_SAMESITE": None}, "E013"),
        ({"JWT_COOKIE_SAMESITE": "lax"}, "E013"),
        ({"JWT_COOKIE_SAMESITE": "None", "JWT_COOKIE_SECURE": False}, "E013"),
        ({"JWT_COOKIE_NAME": "a b"}, "E014"),
        ({"JWT_COOKIE_NAME": "__Secure-JWT"}, "E014"),
        ({"JWT_COOKIE_NAME": REFRESH_COOKIE}, "E014"),
    ],
)
def test_cookies_that_browsers_would_not_keep_are_a_problem(settings, setting, check_id):
    settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | setting
    assert [problem.id for problem in problems()] == [f"revocation.{check_id}"]

    settings.REVOCATION = settings.REVOCATION | {"COOKIE_MODE": False}
    assert problems() == []
