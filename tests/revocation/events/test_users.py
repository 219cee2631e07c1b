"""Which changes of a user end sessions, as the settings say."""

import graphene
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import serializers
from django.db import connection, transaction

from revocation import event_checks, sessions, standing
from revocation.decorators import staff_member_required
from revocation.models import RevokedToken, Session
from revocation.tokens import read_access
from tests.client import LOGOUT, ME, PASSWORD
from tests.revocation.leaving import DEACTIVATE, by_raw_sql
from tests.revocation.legacy.old_world import access_token, soon
from tests.revocation.requests import bearing, reasons
from tests.revocation.verdicts import judged

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.graphene_urls")]

NEW_PASSWORD = "an entirely different one"
CHANGE = """mutation ($old: String!, $new: String!) {
  changePassword(oldPassword: $old, newPassword: $new) { ok token refreshToken }
}"""
ALICE = {"me": {"username": "alice"}}


def unended(user):
    return Session.objects.unended().filter(user_id=user.pk).count()


def statements_on_users(act):
    """Return how often the table of users is read while something is done."""
    asked = []

    def note(execute, sql, params, many, context):
        asked.append(sql.startswith("SELECT") and "auth_user" in sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        act()
    return sum(asked)


class TestAPasswordThatMayChange:
    """With `END_ON_PASSWORD_CHANGE` off."""

    @pytest.fixture(autouse=True)
    def _off(self, put):
        put(END_ON_PASSWORD_CHANGE=False)

    @pytest.fixture(params=["own transaction", "around"])
    def saving(self, request):
        """Return what calls something inside a transaction, or outside of one."""

        def inside(act):
            with transaction.atomic():
                act()

        return inside if request.param == "around" else lambda act: act()

    def save(user):
        user.set_password(NEW_PASSWORD)
        user.save()

    def save_the_field(user):
        user.set_password(NEW_PASSWORD)
        user.save(update_fields=["password"])

    def hash_anew(user):
        user.password = make_password(PASSWORD)
        user.save()

    def have_none(user):
        user.set_unusable_password()
        user.save()

    def load_a_fixture(user):
        user.set_password(NEW_PASSWORD)
        [loaded] = serializers.deserialize("json", serializers.serialize("json", [user]))
        loaded.save()

    @pytest.mark.parametrize(
        "change",
        [save, save_the_field, hash_anew, have_none, load_a_fixture],
        ids=lambda change: change.__name__,
    )
    @pytest.mark.django_db(transaction=True)
    def test_through_django_ends_nothing(self, graphql, alice, change, saving):
        tokens = graphql.sign_in()

        saving(lambda: change(alice))

        assert graphql.bearing(tokens)(ME).data == ALICE
        assert graphql.refresh(tokens).access
        assert not RevokedToken.objects.exists()

    @pytest.mark.parametrize(
        "change",
        [
            lambda user, new: get_user_model().objects.update(password=new),
            lambda user, new: by_raw_sql("UPDATE auth_user SET password = %s", new),
        ],
        ids=["update", "raw SQL"],
    )
    def test_behind_djangos_back_still_does(self, graphql, alice, change):
        tokens = graphql.sign_in()

        change(alice, make_password(NEW_PASSWORD))

        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(tokens).reason == "SESSION_ENDED"

    def test_a_session_that_such_a_change_ended_is_not_taken_along(self, graphql, alice):
        stolen = graphql.sign_in()
        get_user_model().objects.update(password=make_password(NEW_PASSWORD))
        mine = graphql.sign_in(password=NEW_PASSWORD)
        alice.refresh_from_db()

        alice.set_password("a third one")
        alice.save()

        assert graphql.bearing(stolen)(ME).reason == "TOKEN_REVOKED"
        assert graphql.bearing(mine)(ME).data == ALICE

    def test_nor_one_that_was_logged_out(self, graphql, alice):
        tokens = graphql.sign_in()
        graphql.bearing(tokens)(LOGOUT)

        TestAPasswordThatMayChange.save(alice)

        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"

    def test_nor_anybody_elses(self, graphql, alice, make_user):
        make_user("bob")
        theirs = graphql.sign_in("bob")

        TestAPasswordThatMayChange.save(alice)

        assert graphql.bearing(theirs)(ME).data == {"me": {"username": "bob"}}

    def test_a_change_that_is_rolled_back_leaves_sessions_as_they_were(self, graphql, alice):
        tokens = graphql.sign_in()

        with transaction.atomic():
            TestAPasswordThatMayChange.save(alice)
            transaction.set_rollback(True)

        assert graphql.bearing(tokens)(ME).data == ALICE

    def test_the_mutation_leaves_the_other_sessions_and_renews_its_own(self, graphql, alice):
        mine, other = graphql.sign_in(), graphql.sign_in()

        change = graphql.bearing(mine)(CHANGE, old=PASSWORD, new=NEW_PASSWORD)

        renewed = change.data["changePassword"]
        assert graphql.bearing(mine)(ME).reason == "TOKEN_REVOKED"
        assert graphql.try_refresh(mine).reason == "SESSION_ENDED"
        for pair in (renewed["refreshToken"], other.refresh):
            assert graphql.refresh(pair).access
        assert graphql.bearing(other)(ME).data == ALICE

    def test_a_legacy_token_nobody_has_seen_goes_on_too(self, graphql, alice, put):
        put(ACCEPT_LEGACY_UNTIL=soon())
        token = access_token(alice)

        TestAPasswordThatMayChange.save(alice)

        assert graphql.bearing(token)(ME).data == ALICE

    def test_switched_on_again_it_ends_them(self, graphql, alice, put):
        tokens = graphql.sign_in()
        put(END_ON_PASSWORD_CHANGE=True)

        TestAPasswordThatMayChange.save(alice)

        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
        assert unended(alice) == 0


class TestADeactivationThatIsNotForGood:
    """With `END_ON_DEACTIVATION` off."""

    @pytest.fixture(autouse=True)
    def _off(self, put):
        put(END_ON_DEACTIVATION=False)

    @pytest.mark.parametrize("name", DEACTIVATE)
    def test_it_refuses_whoever_is_inactive(self, graphql, alice, name):
        tokens = graphql.sign_in()

        DEACTIVATE[name](alice)

        assert graphql.bearing(tokens)(ME).reason == "USER_INACTIVE"
        assert graphql.try_refresh(tokens).reason == "USER_INACTIVE"

    def test_who_is_activated_again_goes_on(self, graphql, alice):
        tokens = graphql.sign_in()
        DEACTIVATE["save"](alice)
        graphql.try_refresh(tokens)

        alice.is_active = True
        alice.save()

        assert graphql.bearing(tokens)(ME).data == ALICE
        assert graphql.refresh(tokens).access

    def test_a_password_changed_meanwhile_ends_it_all_the_same(self, graphql, alice):
        tokens = graphql.sign_in()
        alice.is_active = False
        alice.set_password(NEW_PASSWORD)
        alice.save()

        alice.is_active = True
        alice.save()

        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"
        assert unended(alice) == 0

    def test_a_legacy_token_nobody_has_seen_is_refused_meanwhile(self, graphql, alice, put):
        put(ACCEPT_LEGACY_UNTIL=soon())
        token = access_token(alice)

        DEACTIVATE["save"](alice)
        assert graphql.bearing(token)(ME).reason == "USER_INACTIVE"

        alice.is_active = True
        alice.save()
        assert graphql.bearing(token)(ME).data == ALICE

    def test_by_default_nothing_brings_it_back(self, graphql, alice, put):
        put(END_ON_DEACTIVATION=True)
        tokens = graphql.sign_in()
        DEACTIVATE["save"](alice)

        alice.is_active = True
        alice.save()

        assert graphql.bearing(tokens)(ME).reason == "TOKEN_REVOKED"

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.urls("tests.revocation.boom_urls")
    def test_a_store_that_looks_at_no_user_is_not_believed(self, graphql, alice, redis_store):
        """`checked` needs no row: Redis alone would have let the user in."""
        tokens = graphql.sign_in()
        client = graphql.bearing(tokens)
        assert client("mutation { checked }").data == {"checked": "checked"}

        DEACTIVATE["update"](alice)

        assert redis_store.glance(read_access(tokens.access)) is False
        assert client("mutation { checked }").reason == "USER_INACTIVE"

    def test_the_check_says_that_it_is_asked_in_vain(self, put):
        assert event_checks.check_redis_asked_in_vain() == []

        put(STORE="redis")

        [warning] = event_checks.check_redis_asked_in_vain()
        assert warning.id == "revocation.W058"


class TestADemotion:
    """With `END_ON_DEMOTION` on."""

    @pytest.fixture(autouse=True)
    def _on(self, put):
        put(END_ON_DEMOTION=True)

    @pytest.fixture
    def admin(self, make_user):
        """Staff and superuser, with two sessions."""
        user = make_user("admin", is_staff=True, is_superuser=True)
        sessions.open_session(user)
        sessions.open_session(user)
        return user

    def no_staff(user):
        user.is_staff = False
        user.save()

    def no_superuser_alone(user):
        user.is_superuser = False
        user.save(update_fields=["is_superuser"])

    def save_a_part(user):
        part = type(user).objects.only("is_staff").get(pk=user.pk)
        part.is_staff = False
        part.save()

    def load_a_fixture(user):
        user.is_staff = False
        [loaded] = serializers.deserialize("json", serializers.serialize("json", [user]))
        loaded.save()

    def in_a_transaction(user):
        with transaction.atomic():
            TestADemotion.no_staff(user)

    @pytest.mark.parametrize(
        "demote",
        [no_staff, no_superuser_alone, save_a_part, load_a_fixture, in_a_transaction],
        ids=lambda demote: demote.__name__,
    )
    @pytest.mark.django_db(transaction=True)
    def test_it_ends_every_session_of_that_user(self, admin, alice, demote):
        token, theirs = sessions.open_session(admin), sessions.open_session(alice)

        demote(admin)

        assert judged(token.access_token) == "TOKEN_REVOKED"
        assert (unended(admin), judged(theirs.access_token)) == (0, "good")

    def promote(user):
        type(user).objects.update(is_superuser=False)
        user.save()

    def rename(user):
        user.first_name = "Addy"
        user.save()

    def say_less_than_is_saved(user):
        user.is_staff = False
        user.save(update_fields=["first_name", "is_superuser"])

    def lose_a_group(user):
        user.groups.set([Group.objects.create(name="editors")])
        user.groups.clear()

    def by_update(user):
        type(user).objects.update(is_staff=False)

    @pytest.mark.parametrize(
        "change",
        [promote, rename, say_less_than_is_saved, lose_a_group, by_update],
        ids=lambda change: change.__name__,
    )
    def test_what_is_none_or_is_not_seen_ends_none(self, admin, change):
        change(admin)

        assert unended(admin) == 2

    def test_one_that_is_rolled_back_ends_none(self, admin):
        with transaction.atomic():
            TestADemotion.no_staff(admin)
            transaction.set_rollback(True)

        assert unended(admin) == 2
        assert not RevokedToken.objects.exists()

    def test_a_right_lost_behind_djangos_back_is_lost_all_the_same(self, admin):
        class Query(graphene.ObjectType):
            secret = graphene.String()

            @staff_member_required
            def resolve_secret(root, info):
                return "secret"

        schema, token = graphene.Schema(query=Query), sessions.open_session(admin).access_token
        assert not reasons(schema.execute("{ secret }", context_value=bearing(token)))

        type(admin).objects.update(is_staff=False)

        refused = schema.execute("{ secret }", context_value=bearing(token))
        assert reasons(refused) == ["PERMISSION_DENIED"]

    def test_a_legacy_token_nobody_has_seen_ends_as_well(self, graphql, admin, put):
        put(ACCEPT_LEGACY_UNTIL=soon())
        token = access_token(admin)

        TestADemotion.no_staff(admin)

        assert graphql.bearing(token)(ME).reason == "TOKEN_REVOKED"

    def test_a_right_may_be_a_property(self, admin, monkeypatch):
        monkeypatch.setattr(standing, "_RIGHTS", ("is_gold",))
        is_gold = property(lambda user: user.last_name == "Gold")
        monkeypatch.setattr(get_user_model(), "is_gold", is_gold, raising=False)
        admin.last_name = "Gold"
        admin.save()
        assert unended(admin) == 2

        admin.last_name = "Silver"
        admin.save(update_fields=["last_name"])

        assert unended(admin) == 0

    def test_by_default_it_ends_none(self, admin, put):
        put(END_ON_DEMOTION=False)

        TestADemotion.no_staff(admin)

        assert unended(admin) == 2

    def test_it_asks_once_for_a_user_without_rights_and_twice_for_one_with(self, admin, alice):
        assert statements_on_users(alice.save) == 1
        assert statements_on_users(admin.save) == 2
        assert statements_on_users(lambda: admin.save(update_fields=["last_login"])) == 0

    def test_by_default_it_asks_nothing(self, admin, put):
        put(END_ON_DEMOTION=False)

        assert statements_on_users(admin.save) == 0

    def test_the_check_names_a_user_model_that_has_no_rights(self, monkeypatch):
        assert event_checks.check_events_without_effect() == []

        for module in (standing, event_checks):
            monkeypatch.setattr(module, "get_user_model", lambda: AbstractBaseUser)

        [warning] = event_checks.check_events_without_effect()
        assert (warning.id, "END_ON_DEMOTION" in warning.msg) == ("revocation.W057", True)
