"""After a logout no worker accepts anything of the session, and everything else goes on."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from revocation.tokens import sign_access
from tests.client import LOGOUT, ME, PASSWORD, Answer
from tests.http.crowd import Crowd, asking, signing_in, tokens_in

LOGOUT_BOTH = "mutation ($other: String) { logout(refreshToken: $other) { ok } }"
LOGOUT_ALL = "mutation ($but: Boolean) { logoutAll(exceptCurrent: $but) { ended } }"
CHANGE_PASSWORD = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""
OTHER_PASSWORD = "an entirely different one"

PROTECTED = {
    "me": "{ me { username } }",
    "sessions": "{ sessions { id ipAddress } }",
    "logoutAll": "mutation { logoutAll { ended } }",
    "revokeSession": 'mutation { revokeSession(id: "00") { ok } }',
    "changePassword": f'mutation {{ changePassword(oldPassword: "{PASSWORD}", '
    f'newPassword: "{OTHER_PASSWORD}") {{ ok token }} }}',
    "verifyToken": "mutation { verifyToken { payload } }",
}
ALIAS = "{ somebody: me { who: username } }"
FRAGMENT = (
    "query { ...Mine } fragment Mine on Query { me { ...Name } } fragment Name on User { username }"
)


def by_get(client):
    response = client.http.get("/graphql", {"query": ME}, headers=client.headers)
    return Answer(response.status_code, response.headers, response.json())


def by_batch_entry(client):
    answer = client.post([{"query": "{ version }"}, {"query": ME}])
    return Answer(answer.status, answer.headers, answer.body[1])


WAYS = {
    "POST": lambda client: client(ME),
    "GET": by_get,
    "batch entry": by_batch_entry,
    "alias": lambda client: client(ALIAS),
    "fragment": lambda client: client(FRAGMENT),
}


def ask_every_worker(server, tokens, *, times=20, ask=WAYS["POST"]):
    """Ask over new connections; return the answers, among which is one of each worker."""
    client = server.client(keep_alive=False).bearing(tokens)
    answers = [ask(client) for _ in range(times)]
    answers += [ask(server.client_on(pid).bearing(tokens)) for pid in server.worker_pids()]
    assert workers_of(answers) == server.worker_pids()
    return answers


def workers_of(answers):
    return {int(answer.headers["X-Worker"]) for answer in answers}


def assert_refused(answers):
    for answer in answers:
        assert (answer.status, answer.reason) == (200, "TOKEN_REVOKED")
        assert list(answer.body["data"].values()) == [None]
        assert "alice" not in json.dumps(answer.body)


def live_sessions(server):
    return server.sql("SELECT count(*) FROM revocation_session WHERE ended_at IS NULL")[0][0]


def blacklist(server):
    return {key for (key,) in server.sql("SELECT r.key FROM revocation_revokedtoken AS r")}


def expired(tokens):
    """Sign what the access token of this pair was, had it been issued an hour ago."""
    begin = int((timezone.now() - timedelta(hours=1)).timestamp())
    claims = tokens.payload
    text, _ = sign_access(
        get_user_model()(pk=claims["sub"], username="alice"),
        jti=claims["jti"],
        sid=claims["sid"],
        iat=begin,
        exp=begin + 300,
        orig_iat=begin,
    )
    return text


class TestAccessToken:
    def test_not_one_of_200_requests_over_all_workers_succeeds(self, server):
        tokens = server.client().sign_in()
        known = ask_every_worker(server, tokens)
        assert {answer.data["me"]["username"] for answer in known} == {"alice"}

        assert server.client().bearing(tokens)(LOGOUT).data == {"logout": {"ok": True}}

        client = server.client(keep_alive=False).bearing(tokens)
        answers = [client(ME) for _ in range(200)]
        assert workers_of(answers) == server.worker_pids()
        assert_refused(answers)

    @pytest.mark.parametrize("way", WAYS)
    def test_it_is_refused_whichever_way_one_asks(self, server, way):
        tokens = server.client().sign_in()
        known = ask_every_worker(server, tokens, times=2, ask=WAYS[way])
        assert all("alice" in json.dumps(answer.data) for answer in known)

        server.client().bearing(tokens)(LOGOUT)

        assert_refused(ask_every_worker(server, tokens, times=10, ask=WAYS[way]))

    @pytest.mark.parametrize("field", PROTECTED)
    def test_it_opens_no_protected_field(self, server, field):
        tokens = server.client().sign_in()

        server.client().bearing(tokens)(LOGOUT)

        assert_refused(
            ask_every_worker(server, tokens, times=2, ask=lambda client: client(PROTECTED[field]))
        )

    def test_it_is_refused_by_the_connection_that_knew_it(self, server):
        tokens = server.client().sign_in()
        clients = [server.client_on(pid).bearing(tokens) for pid in server.worker_pids()]
        assert all(client(ME).data for client in clients)

        server.client().bearing(tokens)(LOGOUT)

        assert_refused([client(ME) for client in clients])

    def test_it_is_refused_after_a_restart(self, server):
        tokens = server.client().sign_in()
        server.client().bearing(tokens)(LOGOUT)

        server.restart()

        assert_refused(ask_every_worker(server, tokens))

    def test_it_is_refused_by_the_successor_of_a_killed_worker(self, serve):
        server = serve(workers=2)
        tokens = server.client().sign_in()
        server.client().bearing(tokens)(LOGOUT)

        killed = server.kill_worker()

        answers = ask_every_worker(server, tokens)
        assert killed not in workers_of(answers)
        assert_refused(answers)

    def test_the_next_entry_of_the_same_batch_is_refused(self, server):
        client = server.client().bearing(server.client().sign_in())

        first, second = client.post([{"query": LOGOUT}, {"query": ME}]).body

        assert first == {"data": {"logout": {"ok": True}}}
        assert second["data"] == {"me": None}
        assert second["errors"][0]["extensions"]["reason"] == "TOKEN_REVOKED"

    def test_the_next_field_of_the_same_operation_is_refused(self, server):
        client = server.client().bearing(server.client().sign_in())

        answer = client(
            "mutation ($old: String!, $new: String!) { logout { ok } "
            "changePassword(oldPassword: $old, newPassword: $new) { token } }",
            old=PASSWORD,
            new=OTHER_PASSWORD,
        )

        assert answer.body["data"] == {"logout": {"ok": True}, "changePassword": None}
        assert answer.reason == "TOKEN_REVOKED"


class TestSession:
    def test_its_refresh_token_is_refused(self, server):
        tokens = server.client().sign_in()

        server.client().bearing(tokens)(LOGOUT)

        for pid in server.worker_pids():
            assert server.client_on(pid).try_refresh(tokens).reason == "SESSION_ENDED"

    def test_other_sessions_of_the_user_go_on(self, server):
        left, stayed = server.client().sign_in(), server.client().sign_in()

        server.client().bearing(left)(LOGOUT)

        assert all(answer.data for answer in ask_every_worker(server, stayed))
        assert server.client().refresh(stayed).access

    def test_of_100_sign_ins_at_once_one_logout_ends_one(self, server):
        with Crowd(server, 20) as crowd:
            act = signing_in("alice", PASSWORD)
            answers = [answer for _ in range(5) for answer in crowd.at_once(*[act] * 20)]
        pairs = [tokens_in(answer) for answer in answers]
        assert len({pair.access for pair in pairs}) == len({pair.refresh for pair in pairs}) == 100
        issued = {answer.data["tokenAuth"]["payload"]["iat"] for answer in answers}
        assert len(issued) < 100

        client = server.client()
        client.bearing(pairs[42])(LOGOUT)

        reasons = [client.bearing(pair)(ME).reasons for pair in pairs]
        assert [n for n, found in enumerate(reasons) if found] == [42]
        assert reasons[42] == ["TOKEN_REVOKED"]

    def test_header_and_argument_each_end_theirs(self, server):
        mine, other, third = (server.client().sign_in() for _ in range(3))

        server.client().bearing(mine)(LOGOUT_BOTH, other=other.refresh)

        assert_refused(ask_every_worker(server, mine) + ask_every_worker(server, other))
        assert server.client().try_refresh(mine).reason == "SESSION_ENDED"
        assert server.client().try_refresh(other).reason == "SESSION_ENDED"
        assert server.client().bearing(third)(ME).data

    def test_an_expired_access_token_still_ends_it(self, server):
        tokens = server.client().sign_in()
        late = server.client().bearing(expired(tokens))
        assert late(ME).reason == "TOKEN_EXPIRED"

        assert late(LOGOUT).data == {"logout": {"ok": True}}

        assert_refused(ask_every_worker(server, tokens))
        assert server.client().try_refresh(tokens).reason == "SESSION_ENDED"


class TestIdempotence:
    def test_three_logouts_are_one(self, server):
        tokens = server.client().sign_in()
        client = server.client(keep_alive=False).bearing(tokens)

        answers = [client(LOGOUT) for _ in range(3)]

        assert [answer.data for answer in answers] == [{"logout": {"ok": True}}] * 3
        assert blacklist(server) == {tokens.payload["sid"]}

    def test_twenty_logouts_at_once_are_one(self, server):
        tokens = server.client().sign_in()

        with Crowd(server, 20) as crowd:
            answers = crowd.at_once(*[asking(LOGOUT, by=tokens)] * 20)

        assert [answer.data for answer in answers] == [{"logout": {"ok": True}}] * 20
        assert workers_of(answers) == server.worker_pids()
        assert blacklist(server) == {tokens.payload["sid"]}

    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer null",
            "Bearer garbage",
            "Bearer a.b.c",
            "Bearer {}x",
            "Basic {}",
        ],
    )
    def test_garbage_is_logged_out_and_writes_nothing(self, server, authorization):
        token = server.client().sign_in().access
        client = server.client()
        if authorization is not None:
            client.headers["Authorization"] = authorization.format(token)

        answer = client(LOGOUT_BOTH, other="garbage")

        assert (answer.status, answer.data) == (200, {"logout": {"ok": True}})
        assert blacklist(server) == set()
        assert live_sessions(server) == 1

    def test_a_session_that_was_never_there_writes_nothing(self, server):
        tokens = server.client().sign_in()
        server.reset()

        assert server.client().bearing(tokens)(LOGOUT).data == {"logout": {"ok": True}}

        assert blacklist(server) == set()


class TestAllSessions:
    def test_logout_all_ends_every_session_of_the_user(self, server):
        pairs = [server.client().sign_in() for _ in range(3)]
        bobs = server.client().sign_in("bob")

        answer = server.client().bearing(pairs[0])(LOGOUT_ALL)

        assert answer.data == {"logoutAll": {"ended": 3}}
        for pair in pairs:
            assert_refused(ask_every_worker(server, pair, times=2))
            assert server.client().try_refresh(pair).reason == "SESSION_ENDED"
        assert server.client().bearing(bobs)(ME).data == {"me": {"username": "bob"}}

    def test_logout_all_can_spare_the_current_session(self, server):
        mine, *others = (server.client().sign_in() for _ in range(3))

        answer = server.client().bearing(mine)(LOGOUT_ALL, but=True)

        assert answer.data == {"logoutAll": {"ended": 2}}
        assert all(answer.data for answer in ask_every_worker(server, mine))
        for pair in others:
            assert_refused(ask_every_worker(server, pair, times=2))

    def test_a_sign_in_right_after_works(self, server):
        server.client().bearing(server.client().sign_in())(LOGOUT_ALL)

        tokens = server.client().sign_in()

        assert all(answer.data for answer in ask_every_worker(server, tokens))
        assert server.client().refresh(tokens).access

    def test_a_revoked_session_is_refused_and_the_one_that_revoked_it_is_not(self, server):
        mine, other = server.client().sign_in(), server.client().sign_in()

        client = server.client().bearing(mine)
        client("mutation ($id: ID!) { revokeSession(id: $id) { ok } }", id=other.payload["sid"])

        assert_refused(ask_every_worker(server, other))
        assert all(answer.data for answer in ask_every_worker(server, mine))

    def test_a_changed_password_ends_every_token_but_the_new_pair(self, server):
        mine, other = server.client().sign_in(), server.client().sign_in()

        answer = server.client().bearing(mine)(CHANGE_PASSWORD, old=PASSWORD, new=OTHER_PASSWORD)

        assert all(a.data for a in ask_every_worker(server, tokens_in(answer)))
        for pair in (mine, other):
            assert_refused(ask_every_worker(server, pair))
            assert server.client().try_refresh(pair).reason == "SESSION_ENDED"


def test_no_token_is_in_the_database_file_nor_in_the_log(server):
    client = server.client()
    tokens = client.sign_in()
    newest = client.refresh(tokens)
    client.bearing(newest)(LOGOUT)

    server.stop()
    kept = b"".join(Path(file).read_bytes() for file in server.folder.iterdir())
    server.start()

    texts = [tokens.access, tokens.refresh, newest.access, newest.refresh]
    assert not [text for text in texts if text.rpartition(".")[2].encode() in kept]
