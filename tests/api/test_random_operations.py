"""Whatever a schema, its resolvers and an operation are, the answer is that of graphql-core."""

import json
from random import Random

from graphql import execute_sync, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from api.documents import Documents
from api.errors import Refusal
from api.execution import _run
from tests.api.random_operations import RandomOperation
from tests.api.random_schemas import RandomSchema

OPERATIONS, ROUNDS = 8, 3


def told(result):
    """All that a result says, in its order."""
    errors = [
        (error.formatted, error.message, type(error.original_error))
        for error in result.errors or []
    ]
    return json.dumps(result.data, default=repr), errors


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_it_is_the_same_the_first_time_and_whenever_the_plan_is_known(seed):
    random = Random(seed)
    schema = RandomSchema(random)
    documents = Documents(schema.built)
    for _ in range(OPERATIONS):
        asked = RandomOperation(schema.built, random)
        try:
            operation = documents.operation(asked.text, None)
        except Refusal:
            continue
        for _ in range(ROUNDS):
            schema.seed, variables = random.random(), asked.variables()
            expected = execute_sync(schema.built, parse(asked.text), None, None, variables)
            assert told(_run(schema.built, operation, variables, None)) == told(expected)
