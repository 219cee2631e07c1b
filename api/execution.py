"""Runs one operation, and undoes what graphene-django would undo when a field fails."""

import math
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from graphene_django import settings as graphene_django
from graphene_django.constants import MUTATION_ERRORS_FLAG
from graphene_django.utils.utils import set_rollback
from graphql import ExecutionResult, GraphQLSchema

from . import executor
from .documents import Operation
from .errors import format_errors, refusal, variables_refused
from .metrics import counting
from .plans import Plans

Answer = dict[str, Any]


def execute(
    schema: GraphQLSchema,
    operation: Operation,
    variables: dict[str, Any] | None,
    request: HttpRequest,
) -> Answer:
    """Return the response to an operation (GraphQL spec, 7.1). Raises `Refusal` if none began."""
    _ensure_served(operation)
    # Set by graphene-django's form and serializer mutations, possibly in an earlier batch entry.
    setattr(request, MUTATION_ERRORS_FLAG, False)
    if _is_atomic(operation):
        with transaction.atomic():
            result = _run(schema, operation, variables, request)
            if getattr(request, MUTATION_ERRORS_FLAG):
                transaction.set_rollback(True)
    else:
        result = _run(schema, operation, variables, request)
    if getattr(request, MUTATION_ERRORS_FLAG):
        set_rollback()
    if operation.is_mutation and counting.is_on():
        counting.count_mutations(operation, result)
    return _with_errors(result) if result.errors else {"data": result.data}


def _run(
    schema: GraphQLSchema,
    operation: Operation,
    variables: dict[str, Any] | None,
    request: HttpRequest,
) -> ExecutionResult:
    return executor.run(
        schema,
        operation.node,
        fragments=operation.fragments,
        known=Plans(room=math.inf) if operation.plans is None else operation.plans,
        variables=variables,
        context=request,
    )


def _with_errors(result: ExecutionResult) -> Answer:
    errors = result.errors or []
    if result.data is None and not any(error.path for error in errors):
        # The spec's request errors: no resolver was called.
        raise variables_refused(errors)
    set_rollback()
    return {"errors": format_errors(errors), "data": result.data}


def _is_atomic(operation: Operation) -> bool:
    """Whether `ATOMIC_MUTATIONS` asks for a transaction around the operation."""
    return operation.is_mutation and (
        graphene_django.graphene_settings.ATOMIC_MUTATIONS is True
        or connection.settings_dict.get("ATOMIC_MUTATIONS", False) is True
    )


def _ensure_served(operation: Operation) -> None:
    if not operation.is_served:
        message = f"This endpoint serves no {operation.type.value} operations."
        raise refusal(message, "OPERATION_RESOLUTION_FAILURE")
