"""What is kept of an operation is bounded by its text, whatever the data makes of it."""

from types import SimpleNamespace

import graphene
import pytest
from graphql import execute_sync, parse

from api.documents import PLACES_PER_FIELD, Documents
from api.execution import _run


class Node(graphene.Interface):
    word = graphene.String()
    both = graphene.List(lambda: Node)

    def resolve_both(root, info):
        return [SimpleNamespace(kind=kind, word=kind) for kind in ("Left", "Right")]

    @classmethod
    def resolve_type(cls, instance, info):
        return {"Left": Left, "Right": Right}[instance.kind]


class Left(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)


class Right(graphene.ObjectType):
    class Meta:
        interfaces = (Node,)


class Query(graphene.ObjectType):
    both = graphene.List(Node)
    resolve_both = Node.resolve_both


SCHEMA = graphene.Schema(query=Query, types=[Left, Right]).graphql_schema
DEPTH = 7
SIMPLE = "{ both { word both { word ... on Left { both { word } } } } }"


def straight(depth):
    return f"{{ both {straight(depth - 1)} }}" if depth else "{ word }"


def forked(depth):
    """Select something else for each combination of object types on the way down."""
    if not depth:
        return "{ word }"
    own = (f"... on {name} {{ both {straight(depth - 1)} }}" for name in ("Left", "Right"))
    return f"{{ {' '.join(own)} both {forked(depth - 1)} }}"


def places(document):
    [plans] = {id(one.plans): one.plans for one in document.operations.values()}.values()
    return sum(len(key) - 1 + len(plan) for key, plan in plans.items())


@pytest.fixture
def documents():
    return Documents(SCHEMA)


@pytest.mark.parametrize("operations", [1, 3])
def test_combinations_of_types_are_not_all_kept(documents, operations):
    text = " ".join(f"query Q{n} {{ both {forked(DEPTH)} }}" for n in range(operations))
    expected = execute_sync(SCHEMA, parse(text), operation_name="Q0").data
    for _ in range(2):
        for n in range(operations):
            operation = documents.operation(text, f"Q{n}")
            assert _run(SCHEMA, operation, None, None).data == expected

    [document] = documents._kept.values()
    # The one that found no more room may be as large as the whole text.
    assert places(document) <= (PLACES_PER_FIELD + 1) * document.measure.fields


def test_an_ordinary_one_is_kept_whole(documents):
    operation = documents.operation(SIMPLE, None)
    _run(SCHEMA, operation, None, None)
    kept = dict(operation.plans)
    _run(SCHEMA, operation, None, None)

    assert dict(operation.plans) == kept
    assert {len(plan) for plan in kept.values()} == {1, 2}
    assert len(kept) == 7
