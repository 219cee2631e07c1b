"""What holds when verbs meet: clients in processes of their own, against four workers.

Each round lets its verbs begin at the same moment, and looks once all of them have returned.
"""

from itertools import chain

import pytest

from tests.client import LOGOUT, ME, PASSWORD
from tests.http.crowd import Crowd, asking, hesitating, refreshing, repeating, signing_in, tokens_in

LOGOUT_ALL = "mutation { logoutAll { ended } }"
CHANGE_PASSWORD = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""


@pytest.fixture
def client(wide_server):
    return wide_server.client()


def assert_dead(client, *pairs):
    """No token of these pairs works."""
    assert {client.bearing(pair)(ME).reason for pair in pairs} == {"TOKEN_REVOKED"}
    assert {client.try_refresh(pair).reason for pair in pairs} == {"SESSION_ENDED"}


def is_alive(client, pair):
    """Whether the access token works; the refresh token must agree."""
    lives = not client.bearing(pair)(ME).reasons
    assert (not client.try_refresh(pair).reasons) == lives
    return lives


def passwords():
    """Each password with the one that follows it."""
    number = 0
    old = PASSWORD
    while True:
        number += 1
        new = f"{PASSWORD} {number}"
        yield old, new
        old = new


@pytest.mark.parametrize("begin", [lambda act: act, hesitating], ids=["together", "a moment later"])
def test_a_logout_beside_a_refresh_leaves_nothing(wide_server, client, begin):
    with Crowd(wide_server, 2) as crowd:
        for _ in range(150):
            tokens = client.sign_in()

            refresh, logout = crowd.at_once(refreshing(tokens), begin(asking(LOGOUT, by=tokens)))

            assert logout.data == {"logout": {"ok": True}}
            assert refresh.reasons in ([], ["SESSION_ENDED"])
            assert_dead(client, *filter(None, [tokens, tokens_in(refresh)]))


def test_a_logout_by_refresh_token_beside_two_refreshes_leaves_nothing(wide_server, client):
    with Crowd(wide_server, 3) as crowd:
        for _ in range(40):
            tokens = client.sign_in()
            logout = asking(
                "mutation ($t: String) { logout(refreshToken: $t) { ok } }", t=tokens.refresh
            )

            *refreshes, _ = crowd.at_once(refreshing(tokens), refreshing(tokens), logout)

            pairs = [tokens_in(answer) for answer in refreshes]
            assert_dead(client, tokens, *filter(None, pairs))


def test_logout_all_beside_refreshes_leaves_nothing(wide_server, client):
    with Crowd(wide_server, 4) as crowd:
        for _ in range(40):
            caller, one, two = (client.sign_in() for _ in range(3))

            *refreshes, all_ended = crowd.at_once(
                refreshing(caller),
                refreshing(one),
                refreshing(two),
                asking(LOGOUT_ALL, by=caller),
            )

            assert all_ended.data == {"logoutAll": {"ended": 3}}
            pairs = [tokens_in(answer) for answer in refreshes]
            assert_dead(client, caller, one, two, *filter(None, pairs))


def test_a_sign_in_beside_logout_all_works_whole_or_not_at_all(wide_server, client):
    with Crowd(wide_server, 3) as crowd:
        for _ in range(40):
            caller = client.sign_in()
            sign_in = signing_in("alice", PASSWORD)

            one, two, all_ended = crowd.at_once(sign_in, sign_in, asking(LOGOUT_ALL, by=caller))

            for pair in map(tokens_in, (one, two)):
                if not is_alive(client, pair):
                    assert_dead(client, pair)
            assert all_ended.data
            assert_dead(client, caller)


def test_logout_all_counts_the_sign_ins_it_ended(wide_server, client):
    with Crowd(wide_server, 3) as crowd:
        for _ in range(40):
            caller = client.sign_in()
            sign_in = signing_in("alice", PASSWORD)

            one, two, all_ended = crowd.at_once(sign_in, sign_in, asking(LOGOUT_ALL, by=caller))

            alive = [is_alive(client, tokens_in(answer)) for answer in (one, two)]
            assert all_ended.data == {"logoutAll": {"ended": 3 - sum(alive)}}
            client.bearing(client.sign_in())(LOGOUT_ALL)


def test_two_logout_alls_end_each_session_once(wide_server, client):
    with Crowd(wide_server, 2) as crowd:
        for _ in range(40):
            one, two = client.sign_in(), client.sign_in()

            answers = crowd.at_once(asking(LOGOUT_ALL, by=one), asking(LOGOUT_ALL, by=two))

            assert {"TOKEN_REVOKED"} >= {reason for a in answers for reason in a.reasons}
            assert any(not answer.reasons for answer in answers)
            assert_dead(client, one, two)


def test_a_changed_password_beside_refreshes_leaves_its_own_pair_alone(wide_server, client):
    """Whatever was issued before is dead, refreshed meanwhile or not; the pair of the change lives.

    No refresh that comes too late can pass for reuse and end what the change began.
    """
    password = passwords()
    with Crowd(wide_server, 4) as crowd:
        for _ in range(40):
            old, new = next(password)
            mine, other = client.sign_in(password=old), client.sign_in(password=old)

            *refreshes, change = crowd.at_once(
                refreshing(mine),
                refreshing(mine),
                refreshing(other),
                asking(CHANGE_PASSWORD, by=mine, old=old, new=new),
            )

            pairs = [tokens_in(answer) for answer in refreshes]
            assert_dead(client, mine, other, *filter(None, pairs))
            assert is_alive(client, tokens_in(change))
            assert client.sign_in(password=new).access


def test_a_sign_in_with_the_old_password_does_not_survive_its_change(wide_server, client):
    password = passwords()
    with Crowd(wide_server, 4) as crowd:
        for _ in range(40):
            old, new = next(password)
            mine = client.sign_in(password=old)
            # Nine wrong ones in all: one more, and the next rounds would be refused.
            sign_in = repeating(signing_in("alice", old), 3)

            *sign_ins, change = crowd.at_once(
                sign_in, sign_in, sign_in, asking(CHANGE_PASSWORD, by=mine, old=old, new=new)
            )

            assert is_alive(client, tokens_in(change))
            for answer in chain(*sign_ins):
                assert answer.reasons in ([], ["INVALID_CREDENTIALS"])
                if not answer.reasons:
                    assert_dead(client, tokens_in(answer))


def test_of_two_changes_of_one_password_one_holds(wide_server, client):
    old = PASSWORD
    with Crowd(wide_server, 2) as crowd:
        for number in range(40):
            mine = client.sign_in(password=old)
            candidates = [f"{PASSWORD} {number} {side}" for side in ("left", "right")]

            answers = crowd.at_once(
                *(asking(CHANGE_PASSWORD, by=mine, old=old, new=new) for new in candidates)
            )

            [winner] = [n for n, answer in enumerate(answers) if not answer.reasons]
            assert answers[1 - winner].reason in {"INVALID_CREDENTIALS", "TOKEN_REVOKED"}
            assert is_alive(client, tokens_in(answers[winner]))
            old = candidates[winner]


def test_a_session_left_by_somebody_elses_change_is_dead(wide_server, client):
    password = passwords()
    with Crowd(wide_server, 2) as crowd:
        for _ in range(20):
            old, new = next(password)
            one, two = client.sign_in(password=old), client.sign_in(password=old)

            answers = crowd.at_once(
                asking(CHANGE_PASSWORD, by=one, old=old, new=new),
                asking(CHANGE_PASSWORD, by=two, old=old, new=new),
            )

            [held] = [answer for answer in answers if not answer.reasons]
            assert is_alive(client, tokens_in(held))
            assert_dead(client, one if held is answers[1] else two)
