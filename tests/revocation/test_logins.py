"""Django's own signals, and `last_login`: what projects have listened to all along."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.functional import SimpleLazyObject
from graphql_jwt.shortcuts import get_token

from revocation import passwords, sessions, sign_in
from revocation.errors import InvalidCredentials
from revocation.models import Session
from revocation.tokens import read_refresh
from tests.client import LOGOUT, ME, PASSWORD, SIGN_IN
from tests.revocation.told import told

pytestmark = pytest.mark.django_db(transaction=True)


class EverybodyBackend:
    """Lets anybody in who has the password, as `AllowAllUsersModelBackend` does."""

    def authenticate(self, request, username=None, password=None):
        return get_user_model().objects.filter(username=username).first()


@pytest.fixture
def heard():
    with told() as found:
        yield found


def last_login(user):
    user.refresh_from_db()
    return user.last_login


class TestSigningIn:
    def test_is_told_once_with_who_and_in_which_request(self, graphql, alice, heard):
        graphql.sign_in()

        [(name, said)] = heard.by_django
        assert (name, said["user"], said["sender"]) == ("user_logged_in", alice, type(alice))
        assert said["request"].path == "/graphql"

    def test_by_hand_is_told_as_well(self, alice, heard):
        request = RequestFactory().post("/")

        sign_in(alice, request=request)

        [(name, said)] = heard.by_django
        assert (name, said["user"], said["request"]) == ("user_logged_in", alice, request)

    def test_by_hand_with_the_user_of_a_request_is_told_to_who_listens_to_the_model(
        self, alice, heard
    ):
        """Django's `request.user` is a lazy object in place of a user."""
        sign_in(SimpleLazyObject(lambda: alice))

        [(name, said)] = heard.by_django
        assert (name, said["user"], said["sender"]) == ("user_logged_in", alice, type(alice))

    def test_notes_last_login_and_ends_nothing(self, graphql, alice):
        tokens = graphql.sign_in()
        first = last_login(alice)
        graphql.sign_in()

        assert first
        assert last_login(alice) > first
        assert graphql.bearing(tokens)(ME).data["me"]
        assert Session.objects.unended().count() == 2

    def test_overwrites_nothing_else_of_the_user(self, graphql, alice):
        stale = get_user_model().objects.get(pk=alice.pk)
        get_user_model().objects.filter(pk=alice.pk).update(first_name="Alice")

        sign_in(stale)

        assert last_login(alice)
        assert alice.first_name == "Alice"

    def test_costs_one_statement_for_it(self, alice):
        with CaptureQueriesContext(connection) as statements:
            sign_in(alice)

        of_users = [q["sql"] for q in statements if q["sql"].startswith("UPDATE")]
        assert len(of_users) == 1
        assert "last_login" in of_users[0]

    def test_need_not_note_it(self, alice):
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        try:
            sign_in(alice)
        finally:
            from django.contrib.auth.models import update_last_login

            user_logged_in.connect(update_last_login, dispatch_uid="update_last_login")

        assert last_login(alice) is None

    def test_is_undone_by_no_receiver(self, graphql, alice, caplog):
        def fail(**_):
            raise RuntimeError

        user_logged_in.connect(fail)
        try:
            tokens = graphql.sign_in()
        finally:
            user_logged_in.disconnect(fail)

        assert graphql.bearing(tokens)(ME).data["me"]
        assert "RuntimeError" in caplog.text

    def test_one_receiver_that_raises_keeps_no_other_from_hearing(self, graphql, alice):
        def fail(**_):
            raise RuntimeError

        user_logged_in.connect(fail)
        # Before Django's own, which notes when that was.
        user_logged_in.receivers.insert(0, user_logged_in.receivers.pop())
        try:
            graphql.sign_in()
        finally:
            user_logged_in.disconnect(fail)

        assert last_login(alice)

    def test_with_the_originals_shortcut_is_told_as_well(self, alice, heard, settings):
        from revocation.contrib.graphql_jwt import HANDLERS

        settings.GRAPHQL_JWT = settings.GRAPHQL_JWT | HANDLERS

        get_token(alice)

        assert [name for name, _ in heard.by_django] == ["user_logged_in"]


class TestWhatIsNoSignIn:
    @pytest.fixture
    def tokens(self, graphql, alice, heard):
        tokens = graphql.sign_in()
        get_user_model().objects.update(last_login=None)
        heard.forget()
        return tokens

    def test_a_refresh(self, tokens, alice, heard):
        sessions.rotate(read_refresh(tokens.refresh))

        assert heard.by_django == []
        assert last_login(alice) is None

    def test_a_changed_password(self, graphql, tokens, alice, heard):
        graphql.bearing(tokens)(
            "mutation ($old: String!, $new: String!) "
            "{ changePassword(oldPassword: $old, newPassword: $new) { ok } }",
            old=PASSWORD,
            new="an entirely different one",
        )

        assert heard.by_django == []
        assert last_login(alice) is None

    def test_a_protected_request(self, graphql, tokens, alice, heard):
        graphql.bearing(tokens)(ME)

        assert heard.by_django == []
        assert last_login(alice) is None


class TestLoggingOut:
    def test_is_told_once_with_who(self, graphql, alice, heard):
        phone = graphql.bearing(graphql.sign_in())
        heard.forget()

        phone(LOGOUT)
        phone(LOGOUT)

        [(name, said)] = heard.by_django
        assert (name, said["user"], said["sender"]) == ("user_logged_out", alice, type(alice))
        assert said["request"].path == "/graphql"

    @pytest.mark.parametrize(
        "mutation",
        [
            "mutation { logoutAll { ended } }",
            "mutation ($sid: ID!) { revokeSession(id: $sid) { ok } }",
            "mutation ($refresh: String) { revokeToken(refreshToken: $refresh) { revoked } }",
        ],
    )
    def test_by_another_way_is_told_as_well(self, graphql, alice, heard, mutation):
        tokens = graphql.sign_in()
        heard.forget()

        phone = graphql.bearing(tokens)
        assert phone(mutation, sid=Session.objects.get().pk, refresh=tokens.refresh).data

        assert [name for name, _ in heard.by_django] == ["user_logged_out"]

    def test_is_told_of_a_user_who_is_gone(self, graphql, alice, heard):
        phone = graphql.bearing(graphql.sign_in())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_user WHERE id = %s", [alice.pk])
        heard.forget()

        phone(LOGOUT)

        [(name, said)] = heard.by_django
        assert (name, said["user"]) == ("user_logged_out", None)

    def test_is_undone_by_no_receiver(self, graphql, alice, heard):
        def fail(**_):
            raise RuntimeError

        phone = graphql.bearing(graphql.sign_in())
        user_logged_out.connect(fail)
        try:
            answer = phone(LOGOUT)
        finally:
            user_logged_out.disconnect(fail)

        assert answer.data == {"logout": {"ok": True}}
        assert phone(ME).reason == "TOKEN_REVOKED"

    def test_costs_three_statements_with_everything_told(self, graphql, alice, heard):
        phone = graphql.bearing(graphql.sign_in())

        with CaptureQueriesContext(connection) as statements:
            phone(LOGOUT)

        said = [q["sql"] for q in statements if not q["sql"].startswith(("BEGIN", "COMMIT"))]
        assert len(said) == 3

    def test_by_somebody_else_is_no_logout(self, alice, heard):
        sign_in(alice)
        heard.forget()

        sessions.end_all(alice)

        assert heard.by_django == []


class TestFailing:
    @pytest.mark.parametrize("username", ["alice", "nobody", "a\0b"])
    def test_is_told_once_without_the_password(self, graphql, alice, heard, username):
        answer = graphql(SIGN_IN, username=username, password="a wrong one")

        assert answer.reason == "INVALID_CREDENTIALS"
        [(name, said)] = heard.by_django
        assert name == "user_login_failed"
        assert said["request"].path == "/graphql"
        assert said["credentials"] == {"username": username, "password": "*" * 20}

    def test_is_told_once_of_a_name_that_nobody_can_have(self, heard):
        with pytest.raises(InvalidCredentials):
            passwords.authenticated("\ud800", "a wrong one", request=RequestFactory().post("/"))

        assert [name for name, _ in heard.by_django] == ["user_login_failed"]

    def test_is_told_once_of_who_is_inactive(self, graphql, alice, heard, settings):
        settings.AUTHENTICATION_BACKENDS = [f"{__name__}.EverybodyBackend"]
        get_user_model().objects.update(is_active=False)

        assert graphql(SIGN_IN, username="alice", password=PASSWORD).reasons

        assert [name for name, _ in heard.by_django] == ["user_login_failed"]

    def test_is_not_told_of_a_password_that_nobody_looked_at(self, graphql, alice, heard):
        for _ in range(10):
            graphql(SIGN_IN, username="alice", password="a wrong one")
        heard.forget()

        assert graphql(SIGN_IN, username="alice", password=PASSWORD).reason == "RATE_LIMITED"
        assert heard.by_django == heard.signals == []
