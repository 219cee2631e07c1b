"""A decorated resolver runs for whom the rule lets in, however it is written and called."""

from types import SimpleNamespace

import graphene
import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import AnonymousUser

from revocation.decorators import login_required
from tests.revocation.guarded import MUTATIONS, QUERIES, SECRET, schema
from tests.revocation.requests import bearing, body, reasons, request_with, signed_in

pytestmark = pytest.mark.django_db

OPERATIONS = [
    pytest.param(text, id=f"{kind}-{name}")
    for kind, operations in (("query", QUERIES), ("mutation", MUTATIONS))
    for name, text in operations.items()
]


@pytest.fixture(autouse=True)
def _entry(alice):
    LogEntry.objects.create(user=alice, action_flag=1, object_repr=SECRET)


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEveryWayToWriteAResolver:
    def test_a_good_token_gets_the_value(self, alice, operation):
        result = schema.execute(operation, context_value=signed_in(alice))

        assert result.errors is None
        assert SECRET in body(result)

    def test_no_token_gets_a_refusal(self, operation):
        result = schema.execute(operation, context_value=request_with())

        assert reasons(result) == ["TOKEN_MISSING"]
        assert SECRET not in body(result)

    def test_the_body_does_not_run_for_a_bad_token(self, operation):
        request = bearing("garbage")

        schema.execute(operation, context_value=request)

        assert not hasattr(request, "has_run")


class Slotted:
    __slots__ = ()


@pytest.mark.parametrize(
    "context",
    [
        None,
        {},
        {"request": None},
        object(),
        Slotted(),
        SimpleNamespace(),
        SimpleNamespace(META={}),
        SimpleNamespace(user=SimpleNamespace(is_authenticated=True, is_active=True)),
    ],
    ids=["none", "dict", "filled dict", "object", "slots", "namespace", "empty META", "fake user"],
)
def test_a_context_that_is_no_request_is_refused_as_having_no_token(context):
    result = schema.execute("{ plain }", context_value=context)

    assert reasons(result) == ["TOKEN_MISSING"]
    assert result.data == {"plain": None}


def test_a_bare_context_with_a_good_header_is_let_in(alice):
    context = SimpleNamespace(META=signed_in(alice).META)

    assert schema.execute("{ plain }", context_value=context).data == {"plain": SECRET}


@pytest.mark.parametrize("user", [AnonymousUser(), None])
def test_the_token_decides_whatever_the_context_says_of_its_user(alice, user):
    request = signed_in(alice)
    request.user = user

    assert schema.execute("{ plain }", context_value=request).data == {"plain": SECRET}


def test_a_refused_field_leaves_its_public_neighbour(alice):
    result = schema.execute("{ plain public }", context_value=request_with())

    assert result.data == {"plain": None, "public": "public"}


class TestNoResolver:
    @pytest.mark.parametrize(
        "target",
        [
            object,
            dict,
            42,
            "resolve_me",
            None,
            property(lambda self: None),
            graphene.String(),
            graphene.Field(graphene.String),
            type("Choice", (graphene.Enum,), {"ONE": 1}),
            type("Input", (graphene.InputObjectType,), {"x": graphene.String()}),
        ],
        ids=lambda target: getattr(target, "__name__", type(target).__name__),
    )
    def test_a_target_that_cannot_be_protected_is_named(self, target):
        with pytest.raises(TypeError, match="is neither a resolver nor an object type"):
            login_required(target)

    @pytest.mark.parametrize("arguments", [(), (None, None), ("root", {"info": 1})])
    def test_a_call_without_info_says_where_the_decorator_belongs(self, arguments):
        @login_required
        def view(*args):
            raise AssertionError

        with pytest.raises(TypeError, match=r"view was not called as a resolver.*mutate method"):
            view(*arguments)


class AsyncQuery(graphene.ObjectType):
    own = graphene.String()
    outside = graphene.String()
    inside = graphene.String()

    @login_required
    async def resolve_own(root, info):
        return SECRET

    @staticmethod
    @login_required
    async def resolve_outside(root, info):
        return SECRET

    @login_required
    @classmethod
    async def resolve_inside(cls, root, info):
        return SECRET


class BlockingQuery(graphene.ObjectType):
    blocking = graphene.String()

    @login_required
    def resolve_blocking(root, info):
        return SECRET


def execute_async(query_type, query, request):
    execute = async_to_sync(graphene.Schema(query=query_type).execute_async)
    return execute(query, context_value=request)


@pytest.mark.parametrize("field", ["own", "outside", "inside"])
class TestAsyncResolvers:
    def test_a_good_token_gets_the_value(self, alice, field):
        assert execute_async(AsyncQuery, f"{{ {field} }}", signed_in(alice)).data == {field: SECRET}

    def test_no_token_gets_a_refusal(self, field):
        result = execute_async(AsyncQuery, f"{{ {field} }}", request_with())

        assert reasons(result) == ["TOKEN_MISSING"]
        assert SECRET not in body(result)


def test_a_hundred_async_fields_ask_once(alice, django_assert_num_queries):
    request = signed_in(alice)
    fields = " ".join(f"f{i}: own" for i in range(100))

    with django_assert_num_queries(1):
        result = execute_async(AsyncQuery, f"{{ {fields} }}", request)

    assert set(result.data.values()) == {SECRET}


def test_a_blocking_resolver_in_an_async_execution_is_let_in_with_a_good_token(alice):
    result = execute_async(BlockingQuery, "{ blocking }", signed_in(alice))

    assert result.data == {"blocking": SECRET}


def test_a_blocking_resolver_in_an_async_execution_refuses_a_revoked_token(alice):
    request = signed_in(alice)
    alice.delete()

    result = execute_async(BlockingQuery, "{ blocking }", request)

    assert reasons(result) == ["USER_INACTIVE"]
