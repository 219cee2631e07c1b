"""Operations are executed as graphql-core executes them, whatever was looked up before."""

import json
from enum import Enum
from importlib import import_module
from types import SimpleNamespace

import graphene
import pytest
from django.contrib.auth.models import Group
from graphene.types.generic import GenericScalar
from graphene_django import DjangoObjectType
from graphene_django.registry import Registry
from graphql import execute_sync, get_introspection_query, parse

from api.documents import Documents
from api.execution import _run


class Named(graphene.Interface):
    name = graphene.String()

    @classmethod
    def resolve_type(cls, instance, info):
        return {"cat": Cat, "dog": Dog}.get(getattr(instance, "kind", None))


class Cat(graphene.ObjectType):
    class Meta:
        interfaces = (Named,)

    lives = graphene.Int(required=True)


class Dog(graphene.ObjectType):
    class Meta:
        interfaces = (Named,)

    good = graphene.Boolean()


class Pet(graphene.Union):
    class Meta:
        types = (Cat, Dog)

    resolve_type = Named.resolve_type


class Picky(graphene.ObjectType):
    class Meta:
        possible_types = (dict,)

    word = graphene.String()
    needed = graphene.String(required=True)


class Colour(Enum):
    RED = "r"
    BLUE = "b"


class Moody:
    """Raises where it is asked for its mood."""

    word = "fine"

    @property
    def mood(self):
        raise ValueError("bad")


async def later():
    return "later"


FELIX = SimpleNamespace(kind="cat", name="Felix", lives=7)
GHOST = SimpleNamespace(kind="cat", name="Ghost", lives=None)
REX = SimpleNamespace(kind="dog", name="Rex", good=True)
CRATE = SimpleNamespace(kind="crate", name="Crate")
VALUES = {
    "words": ["a", None, 3, object()],
    "certain_words": ["a", None],
    "raised": ValueError("returned, not raised"),
    "pets": [FELIX, REX, GHOST, CRATE, None],
    "pet": FELIX,
    "stray": CRATE,
    "picky": {"word": "yes", "needed": None},
    "impostor": Moody(),
    "colour": Colour.RED.value,
    "mauve": "m",
    "anything": {"a": [1, {"b": None}]},
    "scalar_list": "abc",
    "number": "12x",
    "groups": [Group(pk=7, name="a"), Group(name="new")],
}


class Leaf(graphene.ObjectType):
    word = graphene.String(default_value="silence")
    mood = graphene.String()
    certain_mood = graphene.String(required=True, name="certainMood")
    self = graphene.Field(lambda: Leaf)

    def resolve_certain_mood(root, info):
        return root.mood

    def resolve_self(root, info):
        return root


class GroupType(DjangoObjectType):
    class Meta:
        model = Group
        fields = ("id", "name")
        registry = Registry()


class Everything(graphene.ObjectType):
    words = graphene.List(graphene.String)
    certain_words = graphene.List(graphene.NonNull(graphene.String))
    raised = graphene.String()
    awaited = graphene.String()
    pets = graphene.List(Named)
    pet = graphene.Field(Pet)
    stray = graphene.Field(Named)
    picky = graphene.Field(Picky)
    impostor = graphene.Field(Picky)
    colour = graphene.Field(graphene.Enum.from_enum(Colour))
    mauve = graphene.Field(graphene.Enum.from_enum(Colour))
    anything = GenericScalar()
    scalar_list = graphene.List(graphene.Int)
    number = graphene.Int()
    unsaid = graphene.String(default_value="silence")
    groups = graphene.List(GroupType)

    def resolve_awaited(root, info):
        # Nobody waits for it: a synchronous server has no value there.
        coroutine = later()
        coroutine.close()
        return coroutine


class Query(graphene.ObjectType):
    all = graphene.Field(Everything, as_object=graphene.Boolean(default_value=False))
    leaf = graphene.Field(Leaf)
    missing = graphene.Field(Leaf)
    certain = graphene.Field(Leaf, required=True)
    echo = graphene.String(text=graphene.String(required=True), times=graphene.Int(default_value=2))
    where = graphene.String(x=graphene.Int())
    quiet = graphene.String(loud=graphene.Boolean(required=True))

    def resolve_all(root, info, as_object):
        return SimpleNamespace(**VALUES) if as_object else VALUES

    def resolve_leaf(root, info):
        return Moody()

    def resolve_certain(root, info):
        return None

    def resolve_echo(root, info, text, times):
        return text * times

    def resolve_where(root, info, x=None):
        names = [node.name.value for node in info.field_nodes]
        return f"{info.path.as_list()} {names} {info.variable_values} {info.return_type} {x}"


class Step(graphene.Mutation):
    class Arguments:
        fails = graphene.Boolean()

    number = graphene.Int()

    def mutate(root, info, fails=False):
        info.context.append(fails)
        if fails:
            raise ValueError("failed")
        return Step(number=len(info.context))


class Mutation(graphene.ObjectType):
    step = Step.Field()


SCHEMA = graphene.Schema(query=Query, mutation=Mutation, types=[Cat, Dog]).graphql_schema
PETS = "pets { __typename name ... on Cat { lives } ... on Dog { good } }"
FRAGMENTS = "fragment A on Leaf { word ...B } fragment B on Leaf { mood self { word } }"
DIRECTED = "query ($w: Boolean!) { leaf { word @include(if: $w) mood @skip(if: $w) } }"
OPERATIONS = {
    "leaves": ("{ all { colour mauve anything number words raised unsaid } }", {}),
    "leaves of an object": (
        "{ all(asObject: true) { colour mauve anything number words raised unsaid } }",
        {},
    ),
    "models": ("{ all { groups { id name __typename } } }", {}),
    "a coroutine": ("{ all { awaited } }", {}),
    "lists": ("{ all { words certainWords scalarList } }", {}),
    "an interface": (f"{{ all {{ {PETS} }} }}", {}),
    "a union": ("{ all { pet { ... on Cat { name lives } ... on Named { name } } } }", {}),
    "a stranger": ("{ all { stray { name } } }", {}),
    "an object of the wrong type": ("{ all { impostor { word } } }", {}),
    "a null where none may be": ("{ all { picky { word needed } } }", {}),
    "a null at the top": ("{ all { words } certain { word } }", {}),
    "nothing where something was asked of": ("{ missing { word } }", {}),
    "an attribute that raises": ("{ leaf { word mood self { mood } } }", {}),
    "a required field that raises": ("{ leaf { word self { certainMood } } }", {}),
    "aliases": ("{ a: leaf { word } b: leaf { w: word } leaf { word } }", {}),
    "the same key twice": ("{ leaf { word } leaf { mood word } }", {}),
    "fragments": (f"{{ leaf {{ ...A ...B }} other: leaf {{ ...B }} }} {FRAGMENTS}", {}),
    "arguments": ('{ echo(text: "x") a: echo(text: "y", times: 3) }', {}),
    "what a resolver is told": ("{ where leaf { self { word } } b: where(x: 3) }", {}),
    "variables": (
        "query ($t: String!, $n: Int = 4, $x: Int) { echo(text: $t, times: $n) where(x: $x) }",
        {"t": "z"},
    ),
    "variables that do not fit": ("query ($t: String!) { echo(text: $t) }", {"t": 3}),
    "a missing variable": ("query ($t: String!) { echo(text: $t) }", {}),
    "a null for a required argument": (
        "query ($l: Boolean = true) { quiet(loud: $l) }",
        {"l": None},
    ),
    "directives": (DIRECTED, {"w": True}),
    "introspection": (get_introspection_query(), {}),
    "a type by its name": ('{ __typename __type(name: "Leaf") { fields { name } } }', {}),
    "mutations in order": (
        "mutation { a: step { number } b: step(fails: true) { number } c: step { number } }",
        {},
    ),
}


def told(result):
    """All that a result says, in its order."""
    errors = [(error.formatted, type(error.original_error)) for error in result.errors or []]
    return json.dumps(result.data), errors


@pytest.fixture
def documents():
    return Documents(SCHEMA)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_time_the_result_is_that_of_graphql_core(name, documents):
    text, variables = OPERATIONS[name]
    expected = execute_sync(SCHEMA, parse(text), None, [], variables)

    for _ in range(3):
        operation = documents.operation(text, None)
        assert told(_run(SCHEMA, operation, variables, [])) == told(expected)


def test_what_a_directive_selects_is_asked_every_time(documents):
    for is_wanted in (True, False, True):
        variables = {"w": is_wanted}
        operation = documents.operation(DIRECTED, None)

        result = _run(SCHEMA, operation, variables, [])

        assert list(result.data["leaf"]) == (["word"] if is_wanted else ["mood"])


def test_what_is_selected_is_looked_up_once(documents, monkeypatch):
    operation = documents.operation("{ leaf { word self { word } } }", None)
    collected = []
    execution = import_module("graphql.execution.execute")
    for name in ("collect_fields", "collect_sub_fields"):
        collect = getattr(execution, name)
        monkeypatch.setattr(execution, name, noting(collect, collected))

    for _ in range(3):
        _run(SCHEMA, operation, {}, [])

    assert len(collected) == 3


def noting(function, calls):
    def call(*arguments):
        calls.append(1)
        return function(*arguments)

    return call
