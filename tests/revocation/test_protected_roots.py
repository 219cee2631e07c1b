"""Protected mutation classes run no body, and protected roots keep their rules when combined."""

import graphene
import pytest
from graphene import relay

from revocation.decorators import login_required, superuser_required
from tests.revocation.guarded import SECRET, run
from tests.revocation.requests import bearing, body, reasons, request_with, signed_in

pytestmark = pytest.mark.django_db


def plain():
    class Open(graphene.Mutation):
        text = graphene.String()

        def mutate(root, info):
            return Open(text=run(info))

    return Open


def by_class():
    class Open(graphene.Mutation):
        text = graphene.String()

        @classmethod
        def mutate(cls, root, info):
            return cls(text=run(info))

    return Open


def by_relay():
    class Open(relay.ClientIDMutation):
        text = graphene.String()

        @classmethod
        def mutate_and_get_payload(cls, root, info, **arguments):
            return cls(text=run(info))

    return Open


def with_output():
    class Out(graphene.ObjectType):
        text = graphene.String()

    class Open(graphene.Mutation):
        Output = Out

        def mutate(root, info):
            return Out(text=run(info))

    return Open


def derived(make):
    """Graphene itself derives nothing from a finished relay mutation."""
    return lambda: type("Derived", (login_required(make()),), {})


def protected(make):
    return lambda: login_required(make())


MUTATIONS = {
    "plain": protected(plain),
    "by class": protected(by_class),
    "relay": protected(by_relay),
    "with output": protected(with_output),
    "derived plain": derived(plain),
    "derived by class": derived(by_class),
    "derived with output": derived(with_output),
}


class Query(graphene.ObjectType):
    version = graphene.String(default_value="1")


def execute(mutation, request):
    root = type("Mutation", (graphene.ObjectType,), {"do": mutation.Field()})
    schema = graphene.Schema(query=Query, mutation=root)
    arguments = "(input: {})" if issubclass(mutation, relay.ClientIDMutation) else ""
    return schema.execute(f"mutation {{ do{arguments} {{ text }} }}", context_value=request)


@pytest.mark.parametrize("make", MUTATIONS.values(), ids=MUTATIONS)
class TestProtectedMutations:
    def test_the_body_does_not_run_without_a_good_token(self, make):
        request = bearing("garbage")

        result = execute(make(), request)

        assert reasons(result) == ["TOKEN_INVALID"]
        assert not hasattr(request, "has_run")

    def test_it_runs_with_one(self, alice, make):
        assert execute(make(), signed_in(alice)).data == {"do": {"text": SECRET}}


class Public(graphene.ObjectType):
    public = graphene.String(default_value="public")


@login_required
class Members(graphene.ObjectType):
    members = graphene.String(default_value=SECRET)


@superuser_required
class Board(graphene.ObjectType):
    board = graphene.String(default_value=SECRET)


def combine(*parts):
    return graphene.Schema(query=type("Query", (*parts, graphene.ObjectType), {}))


COMBINATIONS = [
    combine(Public, Members, Board),
    combine(Public, Board, Members),
    combine(Members, Board, Public),
    combine(Board, Members, Public),
    combine(type("Both", (Members, Board), {}), Public),
    combine(Public, type("AllOfThem", (Members, Board), {})),
]


@pytest.mark.parametrize("schema", COMBINATIONS)
class TestRootsOfSeveralParts:
    """Projects compose one root `Query` out of one class per app."""

    def test_the_strictest_part_keeps_its_rule(self, alice, schema):
        result = schema.execute("{ board }", context_value=signed_in(alice))

        assert reasons(result) == ["PERMISSION_DENIED"]
        assert SECRET not in body(result)

    def test_a_part_for_members_is_closed_to_others(self, schema):
        result = schema.execute("{ members }", context_value=request_with())

        assert reasons(result) == ["TOKEN_MISSING"]

    def test_a_part_for_members_is_open_to_every_member(self, alice, schema):
        result = schema.execute("{ members }", context_value=signed_in(alice))

        assert result.data == {"members": SECRET}

    def test_a_public_part_stays_public(self, schema):
        result = schema.execute("{ public }", context_value=bearing("garbage"))

        assert result.data == {"public": "public"}

    def test_whoever_fulfils_every_rule_gets_all(self, make_user, schema):
        root = make_user("root", is_superuser=True)

        result = schema.execute("{ public members board }", context_value=signed_in(root))

        assert result.errors is None


def test_a_protected_root_mutation_runs_nothing_without_a_token():
    @login_required
    class Mutation(graphene.ObjectType):
        do = plain().Field()

    request = request_with()

    schema = graphene.Schema(query=Query, mutation=Mutation)
    result = schema.execute("mutation { do { text } }", context_value=request)

    assert reasons(result) == ["TOKEN_MISSING"]
    assert not hasattr(request, "has_run")


def test_a_field_added_to_a_protected_root_is_protected():
    class Query(Members):
        added = graphene.String(default_value=SECRET)

    result = graphene.Schema(query=Query).execute("{ added }", context_value=request_with())

    assert reasons(result) == ["TOKEN_MISSING"]
