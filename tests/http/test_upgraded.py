"""Legacy tokens at a live server: in many processes at once, and beside what ends them."""

from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace

import pytest

from tests.client import LOGOUT, ME
from tests.databases import in_sql
from tests.http.crowd import Crowd, asking, hesitating, refreshing, tokens_in
from tests.live import LiveServer, create_template
from tests.revocation.legacy.old_world import access_token, simplejwt_token

UPGRADED = {"DJANGO_SETTINGS_MODULE": "tests.upgraded.live_settings"}
LOGOUT_ALL = "mutation { logoutAll { ended } }"
LOGOUT_BY = "mutation ($t: String) { logout(refreshToken: $t) { ok } }"
SESSIONS = "SELECT COUNT(*) FROM revocation_session"

_numbers = count()


@pytest.fixture(scope="module")
def _upgraded(tmp_path_factory):
    template = create_template(tmp_path_factory.mktemp("upgraded"), **UPGRADED)
    with LiveServer(template, workers=4, **UPGRADED) as server:
        yield server


@pytest.fixture
def server(_upgraded):
    _upgraded.reset()
    return _upgraded


@pytest.fixture
def client(server):
    return server.client()


@pytest.fixture(params=["opaque", "simplejwt", "keep-alive"])
def issue(request, server):
    """What issues one refresh token of before after the other."""
    return {"opaque": opaque, "simplejwt": of_simplejwt, "keep-alive": kept_alive}[request.param]


def alice_on(server):
    [[pk]] = server.sql("SELECT id FROM auth_user WHERE username = 'alice'")
    return SimpleNamespace(pk=pk, USERNAME_FIELD="username", get_username=lambda: "alice")


def opaque(server):
    token = f"{next(_numbers):040x}"
    server.sql(
        "INSERT INTO refresh_token_refreshtoken (user_id, token, created) VALUES (%s, %s, %s)",
        alice_on(server).pk,
        token,
        in_sql(datetime.now(UTC)),
    )
    return token


def of_simplejwt(server):
    return simplejwt_token(alice_on(server), "refresh", jti=f"number {next(_numbers)}")


def kept_alive(server):
    return access_token(alice_on(server), number=next(_numbers))


def test_twenty_exchanges_at_once_open_one_session(server, issue):
    with Crowd(server, 20) as crowd:
        for _ in range(3):
            [[before]] = server.sql(SESSIONS)

            answers = crowd.at_once(*[refreshing(issue(server))] * 20)

            assert len({tokens_in(answer).refresh for answer in answers}) == 1
            assert server.sql(SESSIONS) == [(before + 1,)]


def test_twenty_first_requests_at_once_open_one_session(server):
    with Crowd(server, 20) as crowd:
        for _ in range(3):
            [[before]] = server.sql(SESSIONS)

            answers = crowd.at_once(*[asking(ME, by=kept_alive(server))] * 20)

            assert all(answer.data for answer in answers)
            assert server.sql(SESSIONS) == [(before + 1,)]


@pytest.mark.parametrize("begin", [lambda act: act, hesitating], ids=["together", "a moment later"])
def test_logging_out_everywhere_beside_a_first_request_leaves_nothing(server, client, begin):
    with Crowd(server, 2) as crowd:
        for _ in range(25):
            token, ours = kept_alive(server), client.sign_in()

            crowd.at_once(begin(asking(ME, by=token)), asking(LOGOUT_ALL, by=ours))

            assert client.bearing(token)(ME).reason == "TOKEN_REVOKED"
            # What was issued in the same second is dead as well: nobody can tell which was first.
            server.sql("DELETE FROM revocation_revokedtoken")


def test_a_logout_beside_a_first_request_leaves_nothing(server, client):
    with Crowd(server, 2) as crowd:
        for _ in range(25):
            token = kept_alive(server)

            crowd.at_once(asking(ME, by=token), asking(LOGOUT, by=token))

            assert client.bearing(token)(ME).reason == "TOKEN_REVOKED"


def test_a_logout_beside_an_exchange_leaves_nothing(server, client, issue):
    with Crowd(server, 2) as crowd:
        for _ in range(15):
            token = issue(server)

            exchange, _ = crowd.at_once(refreshing(token), asking(LOGOUT_BY, t=token))

            assert client.try_refresh(token).reason == "SESSION_ENDED"
            if pair := tokens_in(exchange):
                assert client.bearing(pair)(ME).reason == "TOKEN_REVOKED"
