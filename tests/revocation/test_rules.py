"""Permissions, staff, superusers and tests of one's own: who is let in, and what others read."""

import graphene
import pytest
from django.contrib.auth.models import Permission

from revocation.decorators import (
    login_required,
    permission_required,
    staff_member_required,
    superuser_required,
    user_passes_test,
)
from tests.revocation.requests import bearing, reasons, request_with, signed_in

pytestmark = pytest.mark.django_db

ONE, OTHER = "auth.view_group", "auth.change_group"


class OutOfOffice(Exception):
    """A project's own refusal."""


def execute(rule, request):
    class Query(graphene.ObjectType):
        value = graphene.String()

        @rule
        def resolve_value(root, info):
            return "value"

    return graphene.Schema(query=Query).execute("{ value }", context_value=request)


def grant(user, *permissions):
    codenames = [permission.partition(".")[2] for permission in permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))


RULES = {
    "permission": permission_required(ONE),
    "permissions": permission_required([ONE, OTHER]),
    "staff": staff_member_required,
    "superuser": superuser_required,
    "own test": user_passes_test(lambda user: user.first_name == "Alice"),
}
HOLDERS = {
    "permission": {"permissions": [ONE]},
    "permissions": {"permissions": [ONE, OTHER]},
    "staff": {"is_staff": True},
    "superuser": {"is_superuser": True},
    "own test": {"first_name": "Alice"},
}


@pytest.mark.parametrize("name", RULES)
class TestEveryRule:
    def test_it_lets_in_who_fulfils_it(self, make_user, name):
        fields = dict(HOLDERS[name])
        permissions = fields.pop("permissions", [])
        user = make_user(**fields)
        grant(user, *permissions)

        assert execute(RULES[name], signed_in(user)).data == {"value": "value"}

    def test_it_forbids_a_known_user_who_does_not(self, alice, name):
        result = execute(RULES[name], signed_in(alice))

        [error] = result.errors
        assert error.extensions == {"code": "FORBIDDEN", "reason": "PERMISSION_DENIED"}
        assert result.data == {"value": None}

    def test_it_asks_who_is_there_before_what_they_may(self, name):
        [error] = execute(RULES[name], request_with()).errors

        assert error.extensions == {"code": "UNAUTHENTICATED", "reason": "TOKEN_MISSING"}

    def test_it_calls_a_bad_token_bad_rather_than_forbidden(self, name):
        assert reasons(execute(RULES[name], bearing("garbage"))) == ["TOKEN_INVALID"]


class TestPermissions:
    def test_all_of_them_are_needed(self, alice):
        grant(alice, ONE)

        result = execute(permission_required([ONE, OTHER]), signed_in(alice))

        assert reasons(result) == ["PERMISSION_DENIED"]

    @pytest.mark.parametrize("kind", [list, tuple, set, frozenset, iter], ids=lambda k: k.__name__)
    def test_an_iterable_is_asked_about_as_well_the_second_time(self, make_user, kind):
        rule = permission_required(kind([ONE, OTHER]))
        alice = make_user("alice")
        grant(alice, ONE, OTHER)
        execute(rule, signed_in(alice))

        assert reasons(execute(rule, signed_in(make_user("bob")))) == ["PERMISSION_DENIED"]

    def test_a_permission_taken_away_is_gone_at_the_next_request(self, alice):
        grant(alice, ONE)
        token = signed_in(alice).headers["Authorization"]
        grant(alice)

        result = execute(permission_required(ONE), request_with(token))

        assert reasons(result) == ["PERMISSION_DENIED"]

    def test_a_rule_is_no_resolver_by_itself(self):
        with pytest.raises(TypeError, match="neither a resolver"):
            permission_required(ONE)(ONE)


class TestOwnErrors:
    @pytest.mark.parametrize("exc", [OutOfOffice, OutOfOffice("closed")], ids=["class", "instance"])
    def test_the_rule_raises_the_error_it_was_given(self, alice, exc):
        rule = user_passes_test(lambda user: False, exc=exc)

        [error] = execute(rule, signed_in(alice)).errors

        assert isinstance(error.original_error, OutOfOffice)

    @pytest.mark.parametrize("exc", [OutOfOffice, OutOfOffice("closed")], ids=["class", "instance"])
    def test_nobody_who_is_unknown_reads_that_error(self, exc):
        rule = user_passes_test(lambda user: False, exc=exc)

        assert reasons(execute(rule, request_with())) == ["TOKEN_MISSING"]

    def test_an_error_given_as_instance_does_not_collect_the_traceback_of_every_refusal(
        self, alice
    ):
        exc = OutOfOffice("closed")
        rule = user_passes_test(lambda user: False, exc=exc)
        request = signed_in(alice)

        lengths = []
        for _ in range(3):
            execute(rule, request)
            lengths.append(length_of(exc.__traceback__))

        assert lengths == lengths[:1] * 3

    def test_a_test_that_fails_lets_nobody_in(self, alice):
        rule = user_passes_test(lambda user: user.no_such_attribute)

        assert execute(rule, signed_in(alice)).data == {"value": None}


def length_of(traceback):
    return 0 if traceback is None else 1 + length_of(traceback.tb_next)


def test_the_test_is_asked_about_the_user_of_the_token(alice, make_user):
    asked = []
    request = signed_in(alice)
    request.user = make_user("bob")

    execute(user_passes_test(lambda user: asked.append(user) or True), request)

    assert asked == [alice]


def test_two_rules_on_one_resolver_both_hold(make_user):
    staff = make_user("staff", is_staff=True)

    def rule(resolver):
        return login_required(staff_member_required(superuser_required(resolver)))

    assert reasons(execute(rule, signed_in(staff))) == ["PERMISSION_DENIED"]
