"""A changed password ends sessions, by whatever route; a hash made anew does not."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import connection

from revocation import passwords, sessions
from revocation.errors import TokenRevoked
from revocation.guard import judge
from revocation.models import RevokedToken, Session
from tests.client import ME, PASSWORD
from tests.revocation.test_journal import SIGN_IN_AND_BOOM

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]

NEW_PASSWORD = "an entirely different one"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""


def by_save(user):
    user.set_password(NEW_PASSWORD)
    user.save()


def by_saving_the_field(user):
    user.set_password(NEW_PASSWORD)
    user.save(update_fields=["password"])


def by_assignment(user):
    user.password = make_password(NEW_PASSWORD)
    user.save(update_fields=["password"])


def by_update(user):
    get_user_model().objects.filter(pk=user.pk).update(password=make_password(NEW_PASSWORD))


def by_raw_sql(user):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE auth_user SET password = %s", [make_password(NEW_PASSWORD)])


def by_being_made_unusable(user):
    user.set_unusable_password()
    user.save()


ROUTES = [
    by_save,
    by_saving_the_field,
    by_assignment,
    by_update,
    by_raw_sql,
    by_being_made_unusable,
]


@pytest.mark.parametrize("change", ROUTES)
def test_a_changed_password_ends_the_access_token(graphql, alice, change):
    tokens = graphql.sign_in()

    change(alice)

    assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"


@pytest.mark.parametrize("change", ROUTES)
def test_a_changed_password_ends_the_refresh_token(graphql, alice, change):
    tokens = graphql.sign_in()

    change(alice)

    assert graphql.try_refresh(tokens).reason == "SESSION_ENDED"


def test_a_sign_in_right_after_the_change_works(graphql, alice):
    graphql.sign_in()
    by_save(alice)

    tokens = graphql.sign_in(password=NEW_PASSWORD)

    assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}


class TestHashedAnew:
    """Django hashes a password anew at sign-in when the hasher has changed."""

    @pytest.fixture(autouse=True)
    def _hashers(self, settings):
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
            "django.contrib.auth.hashers.MD5PasswordHasher",
        ]

    @pytest.fixture
    def outdated(self, alice):
        alice.password = make_password(PASSWORD, hasher="md5")
        alice.save()
        return alice

    def sign_in_anew(self, graphql, user):
        before = user.password
        tokens = graphql.sign_in()
        user.refresh_from_db()
        assert user.password != before
        return tokens

    def test_it_signs_nobody_out(self, graphql, outdated, settings):
        with_new_first = settings.PASSWORD_HASHERS
        settings.PASSWORD_HASHERS = with_new_first[::-1]
        earlier = graphql.sign_in()
        settings.PASSWORD_HASHERS = with_new_first

        later = self.sign_in_anew(graphql, outdated)

        for tokens in (earlier, later, graphql.refresh(earlier)):
            assert graphql.bearing(tokens)(ME).data == {"me": {"username": "alice"}}

    def test_a_session_of_an_older_password_is_not_taken_along(self, graphql, outdated, settings):
        with_new_first = settings.PASSWORD_HASHERS
        settings.PASSWORD_HASHERS = with_new_first[::-1]
        stolen = graphql.sign_in()
        by_update_to_md5(outdated, NEW_PASSWORD)
        settings.PASSWORD_HASHERS = with_new_first

        graphql.sign_in(password=NEW_PASSWORD)

        assert graphql.bearing(stolen)(ME).reason == "TOKEN_REVOKED"

    def test_a_password_changed_at_the_same_door_is_no_new_hash(self, alice):
        pair, checked = sessions.open_session(alice), alice.password
        with passwords.holding_rehash():
            by_assignment(alice)

        passwords.follow_rehash(alice, password=NEW_PASSWORD, checked=checked)

        with pytest.raises(TokenRevoked):
            judge(pair.access_token)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.urls("tests.revocation.boom_urls")
    def test_a_rollback_leaves_no_token_behind_that_is_dead(
        self, graphql, outdated, settings, monkeypatch
    ):
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        earlier = sessions.open_session(outdated)

        answer = graphql(SIGN_IN_AND_BOOM, username="alice", password=PASSWORD)

        for token in (answer.body["data"]["tokenAuth"]["token"], earlier.access_token):
            assert graphql.bearing(token)(ME).data == {"me": {"username": "alice"}}


class TestMutation:
    def change(self, graphql, tokens, *, old=PASSWORD, new=NEW_PASSWORD):
        return graphql.bearing(tokens)(CHANGE, old=old, new=new)

    def test_this_session_goes_on_with_a_new_pair(self, graphql, alice):
        payload = self.change(graphql, graphql.sign_in()).data["changePassword"]

        assert payload["ok"] is True
        assert graphql.bearing(payload["token"])(ME).data["me"] == {"username": "alice"}
        assert graphql.refresh(payload["refreshToken"]).access

    def test_every_other_session_ends(self, graphql, alice):
        others = [graphql.sign_in() for _ in range(2)]

        self.change(graphql, graphql.sign_in())

        for other in others:
            assert graphql.bearing(other)(ME).reason == "TOKEN_REVOKED"
            assert graphql.try_refresh(other).reason == "SESSION_ENDED"

    def test_the_others_are_on_record_as_ended(self, graphql, alice):
        former = {graphql.sign_in().payload["sid"]}
        current = graphql.sign_in()

        self.change(graphql, current)

        former.add(current.payload["sid"])
        assert set(RevokedToken.objects.values_list("key", flat=True)) == former
        assert Session.objects.unended().exclude(pk__in=former).count() == 1

    def test_only_the_new_password_signs_in(self, graphql, alice):
        self.change(graphql, graphql.sign_in())

        assert graphql.sign_in(password=NEW_PASSWORD).access
        with pytest.raises(AssertionError, match="INVALID_CREDENTIALS"):
            graphql.sign_in()

    def test_a_wrong_old_password_changes_nothing(self, graphql, alice):
        tokens, other = graphql.sign_in(), graphql.sign_in()

        assert self.change(graphql, tokens, old="wrong").reason == "INVALID_CREDENTIALS"

        for one in (tokens, other):
            assert graphql.bearing(one)(ME).data == {"me": {"username": "alice"}}

    def test_a_weak_password_is_refused_without_repeating_it(self, graphql, alice):
        answer = self.change(graphql, graphql.sign_in(), new="alice")

        assert answer.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert "too short" in answer.body["errors"][0]["message"]
        assert "alice" not in answer.body["errors"][0]["message"]

    def test_the_user_is_saved_as_django_expects(self, graphql, alice):
        from django.db.models.signals import post_save

        tokens, seen = graphql.sign_in(), []
        post_save.connect(lambda **kwargs: seen.append(kwargs["update_fields"]), weak=False)

        self.change(graphql, tokens)

        assert frozenset({"password"}) in seen


def by_update_to_md5(user, password):
    hashed = make_password(password, hasher="md5")
    get_user_model().objects.filter(pk=user.pk).update(password=hashed)
