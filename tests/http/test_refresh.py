"""A refresh token works once; what a network does to clients is forgiven, a thief is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookies import SimpleCookie

import pytest

from tests.client import LOGOUT, ME, REFRESH
from tests.databases import in_sql
from tests.http.crowd import Crowd, refreshing, tokens_in
from tests.waiting import wait_until

TWICE = """mutation ($token: String) {
  one: refreshToken(refreshToken: $token) { token refreshToken }
  two: refreshToken(refreshToken: $token) { token refreshToken }
}"""
UNREAD = "mutation ($token: String) { refreshToken(refreshToken: $token) { __typename } }"


@pytest.fixture
def client(server):
    return server.client()


def generation(server):
    [(moved,)] = server.sql("SELECT generation FROM revocation_session")
    return moved


def let_pass(server, seconds):
    """Let every rotation so far have happened `seconds` earlier."""
    earlier = timedelta(seconds=seconds)
    for sid, moment in server.sql("SELECT id, rotated_at FROM revocation_session"):
        # SQLite has no type for moments and returns the text.
        rotated_at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        server.sql(
            "UPDATE revocation_session SET rotated_at = %s WHERE id = %s",
            in_sql(rotated_at.replace(tzinfo=UTC) - earlier),
            sid,
        )


def assert_dead(server, *pairs):
    """No token of these pairs works on any worker."""
    for worker in server.worker_pids():
        client = server.client_on(worker)
        assert {client.bearing(pair)(ME).reason for pair in pairs} == {"TOKEN_REVOKED"}
        assert {client.try_refresh(pair).reason for pair in pairs} == {"SESSION_ENDED"}


class TestGraceWindow:
    def test_twenty_at_once_get_twenty_answers_and_one_successor(self, wide_server):
        tokens = wide_server.client().sign_in()

        with Crowd(wide_server, 20) as crowd:
            answers = crowd.at_once(*[refreshing(tokens)] * 20)

        pairs = [tokens_in(answer) for answer in answers]
        assert {int(a.headers["X-Worker"]) for a in answers} == wide_server.worker_pids()
        assert len({pair.refresh for pair in pairs}) == 1
        assert len({pair.access for pair in pairs}) == 20
        assert generation(wide_server) == 1
        client = wide_server.client()
        assert all(client.bearing(pair)(ME).data for pair in pairs)
        assert client.refresh(pairs[0]).access

    def test_whoever_lost_the_answer_gets_the_same_successor(self, server, client):
        tokens = client.sign_in()
        lost = server.client().http
        lost.post_unheard("/graphql", {"query": REFRESH, "variables": {"token": tokens.refresh}})
        wait_until(lambda: generation(server) == 1, else_say=server.log)
        lost.close()

        retried = [server.client_on(pid).refresh(tokens) for pid in server.worker_pids()]

        assert len({pair.refresh for pair in retried}) == 1
        assert generation(server) == 1
        assert client.refresh(retried[0]).access

    def test_the_window_never_slides(self, server, client):
        tokens = client.sign_in()
        successor = client.refresh(tokens)

        let_pass(server, 9)
        assert client.refresh(tokens).refresh == successor.refresh
        let_pass(server, 2)

        assert client.try_refresh(tokens).reason == "REFRESH_REUSED"

    def test_without_a_window_the_first_retry_is_reuse(self, serve):
        server = serve(workers=2, REFRESH_GRACE_SECONDS="0")
        tokens = server.client().sign_in()
        newest = server.client().refresh(tokens)

        assert server.client().try_refresh(tokens).reason == "REFRESH_REUSED"

        assert_dead(server, tokens, newest)


class TestReuse:
    def test_it_ends_the_session_with_its_newest_tokens(self, server, client):
        tokens = client.sign_in()
        newest = client.refresh(tokens)
        let_pass(server, 11)

        answer = client.try_refresh(tokens)

        assert answer.reason == "REFRESH_REUSED"
        assert answer.body["data"] == {"refreshToken": None}
        assert_dead(server, tokens, newest)

    def test_it_ends_no_other_session(self, server, client):
        tokens, other = client.sign_in(), client.sign_in()
        client.refresh(tokens)
        let_pass(server, 11)

        client.try_refresh(tokens)

        assert client.bearing(other)(ME).data
        assert client.refresh(other).access

    def test_a_grandparent_is_reuse_inside_the_window(self, server, client):
        tokens = client.sign_in()
        second = client.refresh(tokens)
        third = client.refresh(second)

        assert client.try_refresh(tokens).reason == "REFRESH_REUSED"

        assert_dead(server, tokens, second, third)

    def test_it_is_remembered_after_a_restart(self, server, client):
        tokens = client.sign_in()
        newest = client.refresh(tokens)
        let_pass(server, 11)
        client.try_refresh(tokens)

        server.restart()

        assert_dead(server, tokens, newest)


class TestAuthorizationBeside:
    """Whatever access token comes along has no say."""

    @pytest.mark.parametrize("header", ["Bearer garbage", "Bearer a b", "Bearer null", "Basic x"])
    def test_garbage_has_no_say(self, client, header):
        tokens = client.sign_in()
        client.headers["Authorization"] = header

        assert client.refresh(tokens).access

    def test_a_revoked_token_has_no_say(self, client):
        left, tokens = client.sign_in(), client.sign_in()
        client.bearing(left)(LOGOUT)

        assert client.bearing(left).refresh(tokens).access

    def test_the_predecessor_has_no_say(self, client):
        tokens = client.sign_in()
        newer = client.refresh(tokens)

        assert client.bearing(tokens).refresh(newer).access

    def test_the_token_of_somebody_else_has_no_say(self, client):
        tokens, bobs = client.sign_in(), client.sign_in("bob")

        fresh = client.bearing(bobs).refresh(tokens)

        assert client.bearing(fresh)(ME).data == {"me": {"username": "alice"}}


class TestOnePerRequest:
    def test_two_aliases_are_refused_whole(self, server, client):
        tokens = client.sign_in()

        answer = client(TWICE, token=tokens.refresh)

        assert answer.reasons == ["ONE_PER_REQUEST"]
        assert answer.body["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert not answer.body.get("data")
        assert generation(server) == 0

    def test_two_entries_of_a_batch_are_both_refused(self, server, client):
        tokens = client.sign_in()
        entry = {"query": REFRESH, "variables": {"token": tokens.refresh}}

        entries = client.post([entry, entry]).body

        assert [e["errors"][0]["extensions"]["reason"] for e in entries] == ["ONE_PER_REQUEST"] * 2
        assert generation(server) == 0

    def test_a_successor_that_nobody_reads_is_one_generation(self, server, client):
        tokens = client.sign_in()

        client(UNREAD, token=tokens.refresh)

        assert generation(server) == 1
        assert client.refresh(tokens).access
        assert generation(server) == 1


REFRESH_BY_COOKIE = "mutation { refreshToken { payload } }"


def refreshing_by_cookie(client, token):
    """The act of a tab that sends the refresh token its browser keeps."""
    cookie = {"Cookie": f"JWT-refresh-token={token}"}
    return replace(client, headers={**client.headers, **cookie})(REFRESH_BY_COOKIE)


def cookies_of(answer):
    found = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie", []):
        found.load(line)
    return {name: morsel.value for name, morsel in found.items()}


class TestTabsThatShareACookie:
    def test_refresh_at_once_and_keep_one_successor(self, cookie_server):
        tokens = cookie_server.client().sign_in()
        act = partial(refreshing_by_cookie, token=tokens.refresh)

        with Crowd(cookie_server, 12) as crowd:
            answers = crowd.at_once(*[act] * 12)

        kept = [cookies_of(answer) for answer in answers]
        assert all("errors" not in answer.body for answer in answers)
        assert len({cookies["JWT-refresh-token"] for cookies in kept}) == 1
        assert all(cookies["JWT"] for cookies in kept)

    def test_lose_no_cookie_to_one_that_comes_too_late(self, cookie_server):
        """Whoever is refused leaves the browser what the others have set, or signed in anew."""
        client = cookie_server.client()
        late = client.sign_in()
        client.bearing(late)(LOGOUT)
        in_time = client.sign_in()
        acts = [partial(refreshing_by_cookie, token=one.refresh) for one in (late, in_time) * 6]

        with Crowd(cookie_server, 12) as crowd:
            answers = crowd.at_once(*acts)

        assert {answer.reason for answer in answers[::2]} == {"SESSION_ENDED"}
        assert all(cookies_of(answer) == {} for answer in answers[::2])
        assert all(cookies_of(answer)["JWT-refresh-token"] for answer in answers[1::2])
