"""The protection of an object type holds by every route that leads to it."""

import graphene
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from revocation.decorators import login_required, staff_member_required
from tests.revocation.requests import bearing, body, reasons, request_with, signed_in
from tests.revocation.vault import ROUTES, SECRET, schema

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(make_user):
    alice = make_user("alice-" + SECRET, first_name=SECRET)
    LogEntry.objects.create(pk=1, user=alice, action_flag=1, object_repr=SECRET)
    return alice


@pytest.mark.parametrize("query", ROUTES.values(), ids=ROUTES)
class TestEveryRoute:
    def test_a_good_token_gets_the_value(self, alice, query):
        result = schema.execute(query, context_value=signed_in(alice))

        assert result.errors is None
        assert SECRET in body(result)

    @pytest.mark.parametrize(
        ("context", "reason"),
        [(request_with, "TOKEN_MISSING"), (lambda: bearing("garbage"), "TOKEN_INVALID")],
        ids=["no token", "garbage"],
    )
    def test_anybody_else_gets_a_refusal_and_no_value(self, alice, query, context, reason):
        result = schema.execute(query, context_value=context())

        assert reasons(result) == [reason]
        assert SECRET not in body(result)

    def test_the_guard_asks_once_however_deep_the_type_lies(self, alice, query):
        request = signed_in(alice)

        first = count_statements(query, request)

        # What is left is what the schema itself asks: the verdict is remembered.
        assert first == count_statements(query, request) + 1


def count_statements(query, request):
    with CaptureQueriesContext(connection) as statements:
        schema.execute(query, context_value=request)
    return len(statements)


@pytest.mark.parametrize(
    "query",
    [
        "{ poster { title } }",
        "{ public_titled { title } }",
        "{ owner { username } }",
        "{ public_entry { object_repr } }",
    ],
)
def test_a_public_type_beside_a_protected_one_stays_public(alice, query):
    result = schema.execute(query, context_value=request_with())

    assert result.errors is None
    assert SECRET in body(result)


def test_introspection_shows_a_protected_type(alice):
    query = '{ __type(name: "Memo") { fields { name } } }'

    result = schema.execute(query, context_value=request_with())

    assert {"name": "text"} in result.data["__type"]["fields"]


class TestInterfaces:
    """A protected interface protects its fields in every type that has them."""

    @pytest.fixture
    def execute(self):
        @login_required
        class Sealed(graphene.Interface):
            inherited = graphene.String()
            resolved_here = graphene.String()

            def resolve_resolved_here(root, info):
                return SECRET

        class Box(graphene.ObjectType):
            class Meta:
                interfaces = (Sealed,)

            own = graphene.String(default_value="public")

            def resolve_inherited(root, info):
                return SECRET

        class Query(graphene.ObjectType):
            box = graphene.Field(Box, resolver=lambda root, info: Box())
            sealed = graphene.Field(Sealed, resolver=lambda root, info: Box())

        return graphene.Schema(query=Query, types=[Box], auto_camelcase=False).execute

    @pytest.mark.parametrize("route", ["box", "sealed"])
    @pytest.mark.parametrize("field", ["inherited", "resolved_here"])
    def test_without_a_token_its_fields_are_refused(self, execute, alice, route, field):
        result = execute(f"{{ {route} {{ {field} }} }}", context_value=request_with())

        assert reasons(result) == ["TOKEN_MISSING"]
        assert SECRET not in body(result)

    @pytest.mark.parametrize("route", ["box", "sealed"])
    def test_with_a_good_token_they_answer(self, execute, alice, route):
        query = f"{{ {route} {{ inherited resolved_here }} }}"

        result = execute(query, context_value=signed_in(alice))

        assert result.errors is None
        assert body(result).count(SECRET) == 2

    def test_a_field_the_type_adds_is_its_own(self, execute, alice):
        result = execute("{ box { own } }", context_value=request_with())

        assert result.data == {"box": {"own": "public"}}


class TestBases:
    def test_an_abstract_base_protects_what_is_made_of_it(self, alice):
        @login_required
        class Base(graphene.ObjectType):
            class Meta:
                abstract = True

            value = graphene.String(default_value=SECRET)

        class Query(Base):
            added = graphene.String(default_value=SECRET)

        execute = graphene.Schema(query=Query).execute

        assert reasons(execute("{ value added }", context_value=request_with())) == [
            "TOKEN_MISSING",
            "TOKEN_MISSING",
        ]
        assert SECRET in body(execute("{ value }", context_value=signed_in(alice)))

    def test_a_base_without_protection_stays_public(self, alice):
        class Base(graphene.ObjectType):
            value = graphene.String(default_value="public")

        @login_required
        class Derived(Base):
            pass

        result = graphene.Schema(query=Base).execute("{ value }", context_value=request_with())

        assert result.data == {"value": "public"}
        assert issubclass(Derived, Base)

    def test_an_abstract_type_derived_from_a_public_one_leaves_that_public(self):
        class Base(graphene.ObjectType):
            value = graphene.String(default_value="public")

        @login_required
        class Abstract(Base):
            class Meta:
                abstract = True

        class Derived(Abstract):
            pass

        for query_type, expected in ((Base, []), (Derived, ["TOKEN_MISSING"])):
            execute = graphene.Schema(query=query_type).execute
            assert reasons(execute("{ value }", context_value=request_with())) == expected

    def test_a_field_object_shared_with_a_public_type_is_public_there(self, alice):
        class Shared:
            value = graphene.Field(graphene.String, default_value="public")

        @login_required
        class Closed(Shared, graphene.ObjectType):
            pass

        class Open(Shared, graphene.ObjectType):
            pass

        for query_type, expected in ((Open, []), (Closed, ["TOKEN_MISSING"])):
            execute = graphene.Schema(query=query_type).execute
            assert reasons(execute("{ value }", context_value=request_with())) == expected

    def test_a_rule_of_the_derived_type_comes_on_top(self, alice, make_user):
        @login_required
        class Base(graphene.ObjectType):
            value = graphene.String(default_value=SECRET)

        @staff_member_required
        class Derived(Base):
            pass

        execute = graphene.Schema(query=Derived).execute

        assert reasons(execute("{ value }", context_value=signed_in(alice))) == [
            "PERMISSION_DENIED"
        ]
        staff = make_user("staff", is_staff=True)
        assert SECRET in body(execute("{ value }", context_value=signed_in(staff)))
