"""A saved user who no longer stands behind sessions ends them, and nobody else does."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import update_last_login
from django.core import serializers
from django.db import connection, transaction

from revocation import sessions
from revocation.models import RevokedToken, Session
from tests.client import PASSWORD
from tests.revocation.leaving import by_raw_sql

pytestmark = pytest.mark.django_db

SESSIONS = "revocation_session"


@pytest.fixture
def user(alice, issued):
    """A user with two sessions."""
    sessions.open_session(alice)
    return alice


@pytest.fixture
def bystander(make_user):
    bob = make_user("bob")
    sessions.open_session(bob)
    return bob


def unended(user):
    return Session.objects.unended().filter(user_id=user.pk).count()


def keys():
    return set(RevokedToken.objects.values_list("key", flat=True))


class TestWhatEndsSessions:
    def deactivate(user):
        user.is_active = False
        user.save()

    def deactivate_alone(user):
        user.is_active = False
        user.save(update_fields=["is_active"])

    def change_password(user):
        user.set_password("another one")
        user.save()

    def change_password_alone(user):
        user.set_password("another one")
        user.save(update_fields=["password"])

    def same_password_hashed_anew(user):
        """Whoever does so outside a sign-in changes the password, as far as anybody can tell."""
        user.password = make_password(PASSWORD)
        user.save()

    def no_password(user):
        user.set_unusable_password()
        user.save()

    def deactivate_a_part(user):
        """Loaded in part, it is saved in part."""
        part = type(user).objects.only("is_active").get(pk=user.pk)
        part.is_active = False
        part.save()

    def load_a_fixture(user):
        user.is_active = False
        [loaded] = serializers.deserialize("json", serializers.serialize("json", [user]))
        loaded.save()

    def delete(user):
        user.delete()

    @pytest.mark.parametrize(
        "change",
        [
            deactivate,
            deactivate_alone,
            change_password,
            change_password_alone,
            same_password_hashed_anew,
            no_password,
            deactivate_a_part,
            load_a_fixture,
            delete,
        ],
        ids=lambda change: change.__name__,
    )
    def test_all_of_the_user_and_nobody_elses(self, user, bystander, change):
        pk, sids = user.pk, set(Session.objects.filter(user=user).values_list("pk", flat=True))

        change(user)

        user.pk = pk
        assert (unended(user), unended(bystander)) == (0, 1)
        assert keys() == sids

    def test_not_when_it_is_rolled_back(self, user):
        with transaction.atomic():
            user.is_active = False
            user.save()
            transaction.set_rollback(True)

        assert unended(user) == 2
        assert keys() == set()

    def test_those_alone_whose_password_it_was(self, user):
        old = type(user).objects.get(pk=user.pk)
        user.set_password("another one")
        type(user).objects.filter(pk=user.pk).update(password=user.password)
        sessions.open_session(user)

        user.save()

        assert unended(user) == 1
        assert old.password != user.password

    def test_ended_ones_are_told_again_while_their_tokens_live(self, user):
        """Whoever ended them may not have come so far as to tell every store."""
        sessions.end_all(user)
        RevokedToken.objects.all().delete()
        user.is_active = False

        user.save()

        assert len(keys()) == 2


class TestWhatEndsNone:
    def rename(user):
        user.first_name = "Alicia"
        user.save()

    def note_last_login(user):
        update_last_login(None, user)

    def save_as_it_is(user):
        user.save()

    def save_as_found(user):
        get_user_model().objects.get(pk=user.pk).save()

    def come_back_from_a_fixture(user):
        """As from a backup: it is the same user, whatever came before it."""
        fixture = serializers.serialize("json", [user])
        by_raw_sql("DELETE FROM auth_user WHERE id = %s", user.pk)
        [loaded] = serializers.deserialize("json", fixture)
        loaded.save()

    @pytest.mark.parametrize(
        "change",
        [rename, note_last_login, save_as_it_is, save_as_found, come_back_from_a_fixture],
        ids=lambda change: change.__name__,
    )
    def test_nothing_that_decides_was_changed(self, user, change):
        change(user)

        assert unended(user) == 2
        assert keys() == set()

    def test_a_user_who_is_saved_for_the_first_time_has_none(self, user, make_user):
        make_user("newcomer", is_active=False)

        assert unended(user) == 2


class TestTheCost:
    def test_what_decides_nothing_costs_no_statement_more(self, user, django_assert_num_queries):
        with django_assert_num_queries(1):
            update_last_login(None, user)

    def test_what_may_costs_one_look_at_the_sessions(self, user, django_assert_num_queries):
        asked = Statements()
        with connection.execute_wrapper(asked):
            user.save()

        assert asked.count == 1


class Statements:
    """Counts the statements on sessions."""

    count = 0

    def __call__(self, execute, sql, params, many, context):
        self.count += SESSIONS in sql
        return execute(sql, params, many, context)
