"""The ready GraphQL fields: what each answers, and what it refuses."""

import time
from datetime import datetime

import pytest
from graphql_jwt.signals import token_issued, token_refreshed

from revocation import sessions
from revocation.models import Session
from tests.client import ME, PASSWORD, SIGN_IN

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]

VERIFY = "mutation ($token: String) { verifyToken(token: $token) { payload } }"
REVOKE = "mutation ($token: String) { revokeToken(refreshToken: $token) { revoked } }"
REVOKE_SESSION = "mutation ($id: ID!) { revokeSession(id: $id) { ok } }"
SESSIONS = "{ sessions { id createdAt lastUsedAt expiresAt ipAddress userAgent current } }"
SIGN_IN_WHOLE = """mutation ($username: String!, $password: String!) {
  tokenAuth(username: $username, password: $password) {
    payload refreshExpiresIn expiresAt refreshExpiresAt user { username email }
  }
}"""


def message(answer):
    [error] = answer.body["errors"]
    return error["message"]


class TestTokenAuth:
    def test_it_tells_when_its_tokens_end(self, graphql, alice):
        payload = graphql(SIGN_IN_WHOLE, username="alice", password=PASSWORD).data["tokenAuth"]

        access, refresh = (
            datetime.fromisoformat(payload[name]).timestamp()
            for name in ("expiresAt", "refreshExpiresAt")
        )
        assert access == payload["payload"]["exp"] == pytest.approx(time.time() + 300, abs=60)
        assert refresh == payload["refreshExpiresIn"]

    def test_its_payload_has_what_front_ends_show(self, graphql, alice):
        payload = graphql.sign_in().payload

        assert payload["username"] == "alice"
        assert payload["origIat"] == payload["iat"]
        assert payload["sub"] == str(alice.pk)

    def test_it_gives_the_user_as_the_schema_shows_users(self, graphql, alice):
        answer = graphql(SIGN_IN_WHOLE, username="alice", password=PASSWORD)

        assert answer.data["tokenAuth"]["user"] == {"username": "alice", "email": ""}

    @pytest.mark.parametrize(
        ("username", "password"),
        [("alice", "wrong"), ("nobody", PASSWORD), ("asleep", PASSWORD), ("", ""), ("alice", "")],
    )
    def test_one_answer_for_whatever_was_wrong(self, graphql, make_user, username, password):
        make_user("alice")
        make_user("asleep", is_active=False)

        answer = graphql(SIGN_IN, username=username, password=password)

        assert (answer.reason, message(answer)) == (
            "INVALID_CREDENTIALS",
            "Please enter valid credentials",
        )
        assert not Session.objects.exists()

    def test_it_is_announced_as_django_graphql_jwt_does(self, graphql, alice):
        heard = []
        token_issued.connect(lambda **told: heard.append(told["user"]), weak=False)

        graphql.sign_in()

        assert heard == [alice]


class TestVerifyToken:
    def test_a_good_token_shows_its_payload(self, graphql, alice):
        tokens = graphql.sign_in()

        answer = graphql(VERIFY, token=tokens.access)

        assert answer.data == {"verifyToken": {"payload": tokens.payload}}

    def test_without_an_argument_it_is_the_requests_own(self, graphql, alice):
        tokens = graphql.sign_in()

        answer = graphql.bearing(tokens)("mutation { verifyToken { payload } }")

        assert answer.data == {"verifyToken": {"payload": tokens.payload}}

    def test_a_revoked_token_is_refused_as_a_field_would(self, graphql, alice):
        tokens = graphql.sign_in()
        sessions.end_all(alice)

        assert graphql(VERIFY, token=tokens.access).reason == "TOKEN_REVOKED"

    @pytest.mark.parametrize(
        ("token", "reason", "sentence"),
        [
            (None, "TOKEN_MISSING", "Token is required"),
            ("", "TOKEN_INVALID", "Error decoding signature"),
            ("garbage", "TOKEN_INVALID", "Error decoding signature"),
        ],
    )
    def test_what_is_no_token_is_told_as_ever(self, graphql, token, reason, sentence):
        answer = graphql(VERIFY, token=token)

        assert (answer.reason, message(answer)) == (reason, sentence)

    def test_a_refresh_token_is_none(self, graphql, alice):
        assert graphql(VERIFY, token=graphql.sign_in().refresh).reason == "TOKEN_INVALID"


class TestRefreshToken:
    @pytest.mark.parametrize(
        ("token", "reason", "sentence"),
        [
            (None, "REFRESH_MISSING", "Refresh token is required"),
            ("garbage", "REFRESH_INVALID", "Invalid refresh token"),
        ],
    )
    def test_what_is_no_token_is_told_as_ever(self, graphql, token, reason, sentence):
        answer = graphql.try_refresh(token)

        assert (answer.reason, message(answer)) == (reason, sentence)

    def test_an_access_token_is_none(self, graphql, alice):
        assert graphql.try_refresh(graphql.sign_in().access).reason == "REFRESH_INVALID"

    def test_it_is_announced_as_django_graphql_jwt_does(self, graphql, alice):
        heard = []
        token_refreshed.connect(lambda **told: heard.append(told["user"]), weak=False)

        graphql.refresh(graphql.sign_in())

        assert heard == [alice]


class TestRevokeToken:
    def test_it_ends_the_session_and_says_when(self, graphql, alice):
        tokens = graphql.sign_in()

        revoked = graphql(REVOKE, token=tokens.refresh).data["revokeToken"]["revoked"]

        assert revoked == pytest.approx(time.time(), abs=60)
        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"

    def test_a_second_time_it_tells_of_the_first(self, graphql, alice):
        tokens = graphql.sign_in()
        first = graphql(REVOKE, token=tokens.refresh).data
        Session.objects.update(ended_at=datetime.fromisoformat("2026-01-01T00:00:00Z"))

        again = graphql(REVOKE, token=tokens.refresh).data["revokeToken"]["revoked"]

        assert again == 1767225600 != first["revokeToken"]["revoked"]

    @pytest.mark.parametrize(
        ("token", "reason"), [(None, "REFRESH_MISSING"), ("garbage", "REFRESH_INVALID")]
    )
    def test_what_is_no_token_is_refused(self, graphql, token, reason):
        assert graphql(REVOKE, token=token).reason == reason


class TestRevokeSession:
    def test_it_ends_another_of_ones_own(self, graphql, alice):
        here, there = graphql.sign_in(), graphql.sign_in()

        answer = graphql.bearing(here)(REVOKE_SESSION, id=there.payload["sid"])

        assert answer.data == {"revokeSession": {"ok": True}}
        assert graphql.bearing(there)(ME).reason == "TOKEN_REVOKED"
        assert graphql.bearing(here)(ME).data["me"] == {"username": "alice"}

    def test_again_it_is_no_failure(self, graphql, alice):
        here, there = graphql.sign_in(), graphql.sign_in()
        client = graphql.bearing(here)
        client(REVOKE_SESSION, id=there.payload["sid"])

        assert client(REVOKE_SESSION, id=there.payload["sid"]).data["revokeSession"]["ok"]

    def test_somebody_elses_is_not_found_and_goes_on(self, graphql, alice, make_user):
        make_user("bob")
        theirs = graphql.sign_in("bob")

        answer = graphql.bearing(graphql.sign_in())(REVOKE_SESSION, id=theirs.payload["sid"])

        assert answer.reason == "SESSION_NOT_FOUND"
        assert graphql.bearing(theirs)(ME).data["me"] == {"username": "bob"}

    @pytest.mark.parametrize("sid", ["", "1", "0" * 32, "%" * 32, "x" * 5000, "\x00", "é"])
    def test_an_id_of_nobody_is_not_found(self, graphql, alice, sid):
        answer = graphql.bearing(graphql.sign_in())(REVOKE_SESSION, id=sid)

        assert answer.reason == "SESSION_NOT_FOUND"


class TestSessions:
    def test_they_are_ones_own_live_ones_newest_first(self, graphql, alice, make_user):
        make_user("bob")
        graphql.sign_in("bob")
        first, ended, last = (graphql.sign_in() for _ in range(3))
        sessions.end_by_id(ended.payload["sid"])

        listed = graphql.bearing(first)(SESSIONS).data["sessions"]

        assert [one["id"] for one in listed] == [last.payload["sid"], first.payload["sid"]]
        assert [one["current"] for one in listed] == [False, True]

    def test_one_is_recognised_by_address_and_browser(self, graphql, alice):
        graphql.headers["User-Agent"] = "Browser " + "x" * 500

        [one] = graphql.bearing(graphql.sign_in())(SESSIONS).data["sessions"]

        assert one["ipAddress"] == "127.0.0.0"
        assert one["userAgent"] == ("Browser " + "x" * 500)[:200]

    def test_a_browser_that_no_database_can_note_keeps_nobody_from_signing_in(self, graphql, alice):
        graphql.headers["User-Agent"] = "Bro\0wser"

        [one] = graphql.bearing(graphql.sign_in())(SESSIONS).data["sessions"]

        assert one["userAgent"] == "Browser"

    def test_last_used_is_the_last_refresh(self, graphql, alice):
        tokens = graphql.sign_in()
        Session.objects.update(rotated_at=datetime.fromisoformat("2026-01-01T00:00:00Z"))

        graphql.refresh(tokens)

        [one] = graphql.bearing(tokens)(SESSIONS).data["sessions"]
        assert one["lastUsedAt"] > one["createdAt"]

    def test_nobody_has_none(self, graphql):
        answer = graphql(SESSIONS)

        assert answer.reason == "TOKEN_MISSING"
        assert answer.body["data"] == {"sessions": None}


class TestLogoutAll:
    @pytest.mark.parametrize(("argument", "ended"), [("", 3), ("(exceptCurrent: true)", 2)])
    def test_it_counts_what_it_ended(self, graphql, alice, argument, ended):
        tokens, *_ = (graphql.sign_in() for _ in range(3))

        answer = graphql.bearing(tokens)(f"mutation {{ logoutAll{argument} {{ ended }} }}")

        assert answer.data == {"logoutAll": {"ended": ended}}
