"""The operator's commands do what they say, and say what they did not do."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from revocation import guard, sessions
from revocation.claims import new_id
from revocation.errors import RevocationError, TokenRevoked
from revocation.management.commands import rebuild_store
from revocation.stores import NotRebuilt
from revocation.tokens import read_refresh
from tests.revocation.forge import forge
from tests.revocation.on_redis import copied, revoke_behind_its_back
from tests.servers import ValkeyServer

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out, no_color=True)
    return out.getvalue().strip()


def works(pair):
    """Say which of the two tokens still do: access, refresh."""
    return is_let_in(guard.judge, pair.access_token), is_let_in(rotate, pair.refresh_token)


def rotate(text):
    return sessions.rotate(read_refresh(text))


def is_let_in(ask, text):
    try:
        ask(text)
    except RevocationError:
        return False
    return True


@pytest.fixture
def pair(issued):
    return issued


@pytest.fixture
def bystander(make_user):
    """The tokens of somebody who is not meant."""
    return sessions.open_session(make_user("bystander"))


class TestRevokeUser:
    def test_it_ends_every_session_of_the_user(self, alice, pair, bystander):
        other = sessions.open_session(alice)

        assert run("revoke", "--user", "alice") == "Ended 2 sessions of 'alice'."

        assert [works(each) for each in (pair, other)] == [(False, False)] * 2
        assert works(bystander) == (True, True)

    def test_it_ends_those_of_an_inactive_user(self, alice, pair):
        type(alice).objects.update(is_active=False)

        assert run("revoke", "--user", "alice") == "Ended 1 sessions of 'alice'."

    def test_a_user_without_sessions_is_no_error(self, alice):
        assert run("revoke", "--user", "alice") == "Ended 0 sessions of 'alice'."

    @pytest.mark.parametrize("name", ["nobody", "1", "", " ", "--", "\0", "alices"])
    def test_an_unknown_name_is_said_to_be_unknown(self, pair, name):
        with pytest.raises(CommandError, match=r"There is no user .*\. Give the username\."):
            run("revoke", f"--user={name}")

        assert works(pair) == (True, True)

    @pytest.mark.parametrize("name", ["ALICE", "alice "])
    def test_another_spelling_is_whom_the_database_says_it_is(self, alice, pair, name):
        if type(alice).objects.filter(username=name).exists():
            assert run("revoke", f"--user={name}") == f"Ended 1 sessions of {name!r}."
            assert works(pair) == (False, False)
        else:
            with pytest.raises(CommandError, match="There is no user"):
                run("revoke", f"--user={name}")
            assert works(pair) == (True, True)


class TestRevokeSession:
    def test_it_ends_that_session_alone(self, alice, pair):
        other = sessions.open_session(alice)
        sid = pair.payload["sid"]

        assert run("revoke", "--session", sid) == f"Ended session {sid}."

        assert works(pair) == (False, False)
        assert works(other) == (True, True)

    def test_an_ended_session_may_be_ended_again(self, pair):
        sid = pair.payload["sid"]
        run("revoke", "--session", sid)

        assert run("revoke", "--session", sid) == f"Ended session {sid}."

    @pytest.mark.parametrize("sid", ["0" * 32, "x", "", "%", "\0", "'; DROP TABLE auth_user; --"])
    def test_an_unknown_id_is_said_to_be_unknown(self, pair, sid):
        with pytest.raises(CommandError, match="There is no session"):
            run("revoke", f"--session={sid}")

        assert works(pair) == (True, True)


class TestRevokeToken:
    def test_an_access_token_goes_and_its_session_goes_on(self, pair):
        said = run("revoke", "--token", pair.access_token)

        jti, sid = pair.payload["jti"], pair.payload["sid"]
        assert said == f"Revoked access token {jti}; its session {sid} goes on."
        with pytest.raises(TokenRevoked):
            guard.judge(pair.access_token)
        assert works(rotate(pair.refresh_token))[0]

    def test_a_refresh_token_takes_its_session_along(self, alice, pair):
        other = sessions.open_session(alice)

        said = run("revoke", "--token", pair.refresh_token)

        assert said == f"Ended session {pair.payload['sid']} of the refresh token."
        assert works(pair) == (False, False)
        assert works(other) == (True, True)

    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("form", ["{}", "{}\n", "  {}\r\n"], ids=repr)
    def test_a_token_may_come_by_standard_input(self, pair, monkeypatch, kind, form):
        monkeypatch.setattr("sys.stdin", io.StringIO(form.format(getattr(pair, kind))))

        run("revoke", "--token", "-")

        assert not works(pair)[0]

    def test_an_expired_token_is_revoked_as_well(self, pair):
        assert "Revoked" in run("revoke", "--token", forge(pair.access_token, exp=1))
        assert "Ended" in run("revoke", "--token", forge(pair.refresh_token, exp=1))

    def test_what_it_prints_is_no_token(self, pair):
        said = run("revoke", "--token", pair.access_token)

        assert not any(part in said for part in pair.access_token.split("."))

    @pytest.mark.parametrize(
        "text", ["garbage", "a.b.c", "", " ", "\0", "é", "x" * 10_000], ids=lambda text: text[:9]
    )
    def test_garbage_is_said_to_be_no_token(self, pair, text):
        with pytest.raises(CommandError, match=r"^This is no token that our keys signed"):
            run("revoke", f"--token={text}")

        assert works(pair) == (True, True)

    def test_nothing_on_standard_input_is_no_token(self, pair, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO(""))

        with pytest.raises(CommandError, match="no token"):
            run("revoke", "--token", "-")

    def test_a_token_of_another_key_is_no_token(self, pair):
        with pytest.raises(CommandError, match="no token"):
            run("revoke", "--token", forge(pair.access_token, key=b"another" * 8))


class TestRevokeAll:
    def test_it_ends_everybodys_sessions(self, pair, bystander):
        assert run("revoke", "--all").splitlines()[-1] == "Ended 2 sessions, everybody's."

        assert [works(each) for each in (pair, bystander)] == [(False, False)] * 2

    def test_nobody_signed_in_is_no_error(self, db):
        assert run("revoke", "--all") == "Ended 0 sessions, everybody's."

    def test_one_can_sign_in_afterwards(self, alice, pair):
        run("revoke", "--all")

        assert works(sessions.open_session(alice)) == (True, True)


class TestOptions:
    def test_one_of_them_is_needed(self, pair):
        with pytest.raises(CommandError, match="one of the arguments"):
            run("revoke")

        assert works(pair) == (True, True)

    @pytest.mark.parametrize(
        "options",
        [
            ["--user", "alice", "--all"],
            ["--session", "0" * 32, "--user", "alice"],
            ["--token", "x", "--session", "0" * 32],
            ["--all", "--token", "-"],
            ["--user=", "--all"],
        ],
        ids=" ".join,
    )
    def test_no_more_than_one_is_taken(self, pair, options):
        with pytest.raises(CommandError, match="not allowed with argument"):
            run("revoke", *options)

        assert works(pair) == (True, True)


class TestRebuildStore:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_it_fills_redis_anew_and_says_with_how_much(self, redis_store, valkey):
        keys = [new_id() for _ in range(3)]
        revoke_behind_its_back(*keys)

        assert run("rebuild_store") == "Copied 3 blacklist entries to Redis."

        assert all(copied(valkey, key) for key in keys)

    def test_it_says_how_far_it_is(self, redis_store, valkey, monkeypatch):
        revoke_behind_its_back(*(new_id() for _ in range(5)))
        monkeypatch.setattr(rebuild_store, "_REPORT_EVERY", 2)
        monkeypatch.setattr("revocation.stores.copying._KEYS_AT_ONCE", 1)
        err = io.StringIO()

        call_command("rebuild_store", stdout=io.StringIO(), stderr=err, no_color=True)

        assert err.getvalue().split("\n") == ["2 entries so far", "4 entries so far", ""]

    def test_where_there_is_no_copy_it_says_so(self, db):
        assert run("rebuild_store") == "Nothing to rebuild: the database is asked itself."

    def test_without_redis_it_says_where_to_look(self, on_redis):
        with ValkeyServer() as server:
            on_redis(server.url)

        with pytest.raises(CommandError, match=r'REVOCATION\["REDIS_URL"\]'):
            run("rebuild_store")

    def test_with_a_redis_that_evicts_it_says_what_to_change(self, on_redis):
        with ValkeyServer(maxmemory_policy="volatile-lru") as server:
            on_redis(server.url)

            with pytest.raises(CommandError, match=r"is volatile-lru, not noeviction\. Change"):
                run("rebuild_store")

    def test_without_the_database_it_says_where_to_look(self, redis_store):
        def refuse(*_):
            raise OperationalError("do not print me")

        with (
            connection.execute_wrapper(refuse),
            pytest.raises(CommandError, match=r"look at DATABASES\.$"),
        ):
            run("rebuild_store")

    def test_one_that_another_overtakes_is_to_be_run_again(self, redis_store, monkeypatch):
        revoke_behind_its_back(*(new_id() for _ in range(2)))
        monkeypatch.setattr("revocation.stores.copying._KEYS_AT_ONCE", 1)
        first = redis_store.rebuild()
        next(first)
        run("rebuild_store")

        with pytest.raises(NotRebuilt, match=r"another process copies.* Run the command again\.$"):
            list(first)
