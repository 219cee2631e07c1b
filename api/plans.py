"""What is the same each time an operation is executed: its fields, their resolvers and types.

Document and schema decide that, unless a directive asks for variables. Plans stay with their
document; nothing in them is of a request.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from graphene.types.resolver import dict_or_attr_resolver
from graphene_django import DjangoObjectType
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLID,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    TypeNameMetaFieldDef,
    default_field_resolver,
    get_nullable_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.execute import get_field_def
from graphql.pyutils import Path


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a selection set."""

    key: str
    nodes: list[FieldNode]
    parent: GraphQLObjectType
    definition: GraphQLField
    resolve: Callable[..., Any]
    # Where the resolver would tell the type's name or read an attribute, and do nothing else.
    read: Callable[[Any], Any] | None
    is_required: bool
    leaf: GraphQLLeafType | None
    # Whether text is what it is told as.
    is_text: bool
    object: GraphQLObjectType | None

    def path(self, path: Path | None) -> Path:
        return Path(path, self.key, self.parent.name)


Plan = tuple[Field, ...]


class Plans(dict[tuple[Any, ...], Plan]):
    """The plans of a document, by object type and the nodes whose selections it is asked for.

    What the data is decides which of them are needed, and a short text may have any number: where
    interfaces are nested, one for each combination of types. Kept are so many as there is room for.
    """

    def __init__(
        self, known: Mapping[tuple[Any, ...], Plan] = MappingProxyType({}), *, room: float
    ) -> None:
        super().__init__(known)
        self._room = room

    def adding(self, key: tuple[Any, ...], plan: Plan) -> "Plans":
        """Return plans with one more: these, or without room a copy, for one request alone."""
        plans = self if self._room > 0 else Plans(self, room=math.inf)
        # A field counts, and each node of the key.
        plans._room -= len(plan) + len(key) - 1
        plans[key] = plan
        return plans


def plan(
    schema: GraphQLSchema, parent: GraphQLObjectType, fields: Mapping[str, list[FieldNode]]
) -> Plan:
    """Return the plan of a selection set, from the nodes behind each response key."""
    found = [(key, nodes, get_field_def(schema, parent, nodes[0])) for key, nodes in fields.items()]
    return tuple(
        _field(key, nodes, parent, definition) for key, nodes, definition in found if definition
    )


def _field(
    key: str, nodes: list[FieldNode], parent: GraphQLObjectType, definition: GraphQLField
) -> Field:
    resolve, inner = (
        definition.resolve or default_field_resolver,
        get_nullable_type(definition.type),
    )
    return Field(
        key=key,
        nodes=nodes,
        parent=parent,
        definition=definition,
        resolve=resolve,
        # Arguments have to be judged first.
        read=None if definition.args else _reader(resolve, parent),
        is_required=is_non_null_type(definition.type),
        leaf=inner if is_leaf_type(inner) else None,
        is_text=inner is GraphQLString or inner is GraphQLID,
        object=inner if is_object_type(inner) else None,
    )


def _reader(resolve: Callable[..., Any], parent: GraphQLObjectType) -> Callable[[Any], Any] | None:
    if resolve is TypeNameMetaFieldDef.resolve:
        return lambda source: parent.name
    if resolve is DjangoObjectType.resolve_id:
        return attrgetter("pk")
    if type(resolve) is not partial or resolve.func is not dict_or_attr_resolver:
        return None
    name, default = resolve.args

    def read(source: Any) -> Any:
        if isinstance(source, dict):
            return source.get(name, default)
        return getattr(source, name, default)

    return read
