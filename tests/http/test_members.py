"""An API with its own users (a random key, an e-mail address for a name) and a read replica.

Django reads from the replica, and the replica has never heard of anything that happened since it
was copied: no sign-in, no logout. Whoever asked it would let nobody in, or everybody stay.
"""

import uuid

import pytest

from tests.client import LOGOUT, PASSWORD, Tokens
from tests.live import LiveServer, create_template

NEW_PASSWORD = "an entirely different one"
MEMBERS = {"DJANGO_SETTINGS_MODULE": "tests.members.settings"}
SIGN_IN = """mutation ($email: String!, $password: String!) {
  tokenAuth(email: $email, password: $password) { token refreshToken payload }
}"""
ME = "{ me { id email } }"
SESSIONS = "{ sessions { id current } }"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    template = create_template(tmp_path_factory.mktemp("members"), **MEMBERS)
    replica = template.copy()
    with LiveServer(template, workers=2, REPLICA_URL=replica, **MEMBERS) as server:
        yield server


@pytest.fixture
def client(members):
    members.reset()
    return members.client()


def sign_in(client, email="alice", password=PASSWORD):
    answer = client(SIGN_IN, email=email, password=password).data["tokenAuth"]
    return Tokens(answer["token"], answer["refreshToken"], answer["payload"])


def test_a_member_is_told_by_the_key_and_shown_by_the_address(client):
    tokens = sign_in(client)

    me = client.bearing(tokens)(ME).data["me"]

    assert me["email"] == tokens.payload["email"] == "alice"
    assert tokens.payload["sub"] == me["id"] == str(uuid.UUID(me["id"]))


def test_a_session_goes_on_by_refreshing(client):
    tokens = sign_in(client)

    newer = client.refresh(tokens)
    retried = client.refresh(tokens)

    assert retried.refresh == newer.refresh
    assert client.bearing(newer)(ME).data["me"]["email"] == "alice"


def test_a_logout_is_final(client):
    tokens = sign_in(client)
    other = sign_in(client)

    assert client.bearing(tokens)(LOGOUT).data == {"logout": {"ok": True}}

    assert client.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
    assert client.try_refresh(tokens).reason == "SESSION_ENDED"
    assert client.bearing(other)(ME).data["me"]["email"] == "alice"


def test_the_list_of_sessions_is_that_of_now(client):
    first, second = sign_in(client), sign_in(client)
    client.bearing(first)(LOGOUT)

    [session] = client.bearing(second)(SESSIONS).data["sessions"]

    assert session["current"]


def test_a_session_can_be_ended_by_its_id(client):
    first, second = sign_in(client), sign_in(client)

    query = f'mutation {{ revokeSession(id: "{first.payload["sid"]}") {{ ok }} }}'
    assert client.bearing(second)(query).data["revokeSession"] == {"ok": True}

    assert client.bearing(first)(ME).reason == "TOKEN_REVOKED"


def test_logging_out_everywhere_counts_the_sessions_of_now(client):
    first, second = sign_in(client), sign_in(client)

    answer = client.bearing(second)("mutation { logoutAll { ended } }")

    assert answer.data == {"logoutAll": {"ended": 2}}
    assert client.bearing(first)(ME).reason == "TOKEN_REVOKED"


def test_a_changed_password_ends_the_other_sessions(client):
    first, second = sign_in(client), sign_in(client)

    answer = client.bearing(second)(CHANGE, old=PASSWORD, new=NEW_PASSWORD)

    token = answer.data["changePassword"]["token"]
    assert client.bearing(token)(ME).data["me"]["email"] == "alice"
    for tokens in (first, second):
        assert client.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
        assert client.try_refresh(tokens).reason == "SESSION_ENDED"


def test_the_old_password_opens_nothing_although_the_replica_still_has_it(client):
    client.bearing(sign_in(client))(CHANGE, old=PASSWORD, new=NEW_PASSWORD)

    answer = client(SIGN_IN, email="alice", password=PASSWORD).body

    opened = (answer.get("data") or {}).get("tokenAuth")
    assert not opened or client.bearing(opened["token"])(ME).reason == "TOKEN_REVOKED"


def test_who_is_deactivated_is_refused_at_once(members, client):
    tokens = sign_in(client)

    members.sql("UPDATE members_member SET is_active = (1 = 0)")

    assert client.bearing(tokens)(ME).reason == "USER_INACTIVE"
    assert client.try_refresh(tokens).reason == "USER_INACTIVE"
