"""Executes an operation as graphql-core does, and looks up once what is the same every time.

Which fields are selected, what resolves each and what type it has: document and schema decide that,
unless a directive asks for variables. The plan of it stays with the operation; nothing in it is of
a request. Everything here is synchronous, as in graphql-core's `execute_sync`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from graphene.types.resolver import dict_or_attr_resolver
from graphene_django import DjangoObjectType
from graphql import (
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeNameMetaFieldDef,
    Undefined,
    default_field_resolver,
    default_type_resolver,
    get_argument_values,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
    located_error,
)
from graphql.execution.execute import CollectedErrors, assume_not_awaitable, get_field_def
from graphql.pyutils import Path

MOST_ERRORS = 50

_ROOT = (None, 0)


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
    object: GraphQLObjectType | None

    def path(self, path: Path | None) -> Path:
        return Path(path, self.key, self.parent.name)


Plan = tuple[Field, ...]
Plans = dict[tuple[Any, ...], Plan]


def run(
    schema: GraphQLSchema,
    node: OperationDefinitionNode,
    *,
    fragments: dict[str, FragmentDefinitionNode],
    plans: Plans,
    variables: dict[str, Any] | None,
    context: Any,
) -> ExecutionResult:
    """Return what `graphql.execute_sync` returns; add to `plans`, which are the operation's own."""
    values: Any = {}
    if node.variable_definitions:
        values = get_variable_values(
            schema, node.variable_definitions, variables or {}, max_errors=MOST_ERRORS
        )
        if isinstance(values, list):
            return ExecutionResult(None, values)
    execution = _Execution(
        schema,
        fragments,
        None,
        context,
        node,
        values,
        default_field_resolver,
        default_type_resolver,
        default_field_resolver,
        CollectedErrors(),
        None,
        assume_not_awaitable,
    )
    return execution.run(plans)


class _Execution(ExecutionContext):
    _plans: Plans

    def run(self, plans: Plans) -> ExecutionResult:
        self._plans = plans
        errors = self.collected_errors
        try:
            data = self.execute_operation(self.operation, self.root_value)
        except GraphQLError as error:
            errors.add(error, None)
            data = None
        return self.build_response(data, errors.errors)

    def execute_operation(self, operation: OperationDefinitionNode, root_value: Any) -> Any:
        plan = self._plans.get(_ROOT)
        if plan is None:
            # It collects the fields, and comes back with them.
            return super().execute_operation(operation, root_value)
        return self._execute_plan(plan, root_value, None)

    def execute_fields(
        self, parent_type: GraphQLObjectType, source_value: Any, path: Any, fields: Any
    ) -> Any:
        if path is None:
            fields = self._plans[_ROOT] = self._plan(parent_type, fields)
        return self._execute_plan(fields, source_value, path)

    # One after the other in any case.
    execute_fields_serially = execute_fields

    def collect_subfields(self, return_type: GraphQLObjectType, field_nodes: Any) -> Any:
        key = (return_type, *map(id, field_nodes))
        plan = self._plans.get(key)
        if plan is None:
            fields = super().collect_subfields(return_type, field_nodes)
            plan = self._plans[key] = self._plan(return_type, fields)
        return plan

    def _plan(self, parent: GraphQLObjectType, fields: Mapping[str, list[FieldNode]]) -> Plan:
        found = [
            (key, nodes, get_field_def(self.schema, parent, nodes[0]))
            for key, nodes in fields.items()
        ]
        return tuple(
            _field(key, nodes, parent, definition) for key, nodes, definition in found if definition
        )

    def _execute_plan(self, plan: Plan, source: Any, path: Path | None) -> dict[str, Any]:
        results = {}
        for field in plan:
            try:
                if field.read is not None and field.leaf is not None:
                    value = self._complete_leaf(field, field.read(source))
                else:
                    value = self._execute(field, source, path)
            except Exception as raw_error:  # noqa: BLE001  Any error is the field's own.
                here = field.path(path)
                error = located_error(raw_error, field.nodes, here.as_list())
                self.handle_field_error(error, field.definition.type, here)
                value = None
            results[field.key] = value
        return results

    def _execute(self, field: Field, source: Any, path: Path | None) -> Any:
        here, definition = field.path(path), field.definition
        info = self.build_resolve_info(definition, field.nodes, field.parent, here)
        arguments = {}
        if definition.args:
            arguments = get_argument_values(definition, field.nodes[0], self.variable_values)
        result = field.resolve(source, info, **arguments)
        if field.leaf is not None:
            return self._complete_leaf(field, result)
        is_value = result is not None and not isinstance(result, Exception)
        if field.object is not None and is_value and result is not Undefined:
            return self.complete_object_value(field.object, field.nodes, info, here, result)
        return self.complete_value(definition.type, field.nodes, info, here, result)

    def _complete_leaf(self, field: Field, result: Any) -> Any:
        if isinstance(result, Exception):
            raise result
        if result is not None and result is not Undefined:
            return self.complete_leaf_value(field.leaf, result)
        if field.is_required:
            where = f"{field.parent.name}.{field.nodes[0].name.value}"
            raise TypeError(f"Cannot return null for non-nullable field {where}.")
        return None


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
