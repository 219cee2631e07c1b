"""Executes an operation as graphql-core does, along a plan.

Everything here is synchronous, as in `graphql.execute_sync`.
"""

from typing import Any

from graphql import (
    ExecutionContext,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    default_field_resolver,
    default_type_resolver,
    get_argument_values,
    get_variable_values,
    located_error,
)
from graphql.execution.execute import (
    CollectedErrors,
    assume_not_awaitable,
    invalid_return_type_error,
)
from graphql.pyutils import Path

from . import plans
from .plans import Field, Plan, Plans

MOST_ERRORS = 50


def run(
    schema: GraphQLSchema,
    node: OperationDefinitionNode,
    *,
    fragments: dict[str, FragmentDefinitionNode],
    known: Plans,
    variables: dict[str, Any] | None,
    context: Any,
) -> ExecutionResult:
    """Return what `graphql.execute_sync` returns; add to `known`, the document's own plans."""
    values: Any = {}
    if node.variable_definitions:
        values = get_variable_values(
            schema, node.variable_definitions, variables or {}, max_errors=MOST_ERRORS
        )
        if isinstance(values, list):
            return ExecutionResult(None, values)
    return _Execution(
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
    ).run(known)


class _Execution(ExecutionContext):
    _plans: Plans
    _root: tuple[None, int]

    def run(self, known: Plans) -> ExecutionResult:
        self._plans, self._root = known, (None, id(self.operation))
        errors = self.collected_errors
        try:
            data = self.execute_operation(self.operation, self.root_value)
        except GraphQLError as error:
            errors.add(error, None)
            data = None
        return self.build_response(data, errors.errors)

    def execute_operation(self, operation: OperationDefinitionNode, root_value: Any) -> Any:
        plan = self._plans.get(self._root)
        if plan is None:
            # It collects the fields, and comes back with them.
            return super().execute_operation(operation, root_value)
        return self._execute_plan(plan, root_value, None)

    def execute_fields(
        self, parent_type: GraphQLObjectType, source_value: Any, path: Any, fields: Any
    ) -> Any:
        if path is None:
            fields = plans.plan(self.schema, parent_type, fields)
            self._plans = self._plans.adding(self._root, fields)
        return self._execute_plan(fields, source_value, path)

    # One after the other in any case.
    execute_fields_serially = execute_fields

    def collect_subfields(self, return_type: GraphQLObjectType, field_nodes: Any) -> Any:
        key = (return_type, *map(id, field_nodes))
        plan = self._plans.get(key)
        if plan is None:
            fields = super().collect_subfields(return_type, field_nodes)
            plan = plans.plan(self.schema, return_type, fields)
            self._plans = self._plans.adding(key, plan)
        return plan

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_nodes: list[FieldNode],
        info: GraphQLResolveInfo,
        path: Path,
        result: Any,
    ) -> Any:
        plan = self.collect_subfields(return_type, field_nodes)
        if return_type.is_type_of and not return_type.is_type_of(result, info):
            raise invalid_return_type_error(return_type, result, field_nodes)
        return self._execute_plan(plan, result, path)

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
        if field.is_text and type(result) is str:
            return result
        if isinstance(result, Exception):
            raise result
        if result is not None and result is not Undefined:
            return self.complete_leaf_value(field.leaf, result)
        if field.is_required:
            where = f"{field.parent.name}.{field.nodes[0].name.value}"
            raise TypeError(f"Cannot return null for non-nullable field {where}.")
        return None
