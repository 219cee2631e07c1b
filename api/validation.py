"""The rules a document is validated by: the spec's, told without repeating what was sent."""

from typing import Any

from django.conf import settings
from graphql import DocumentNode, GraphQLError, GraphQLSchema, ValueNode, validate
from graphql.validation import ValuesOfCorrectTypeRule, specified_rules
from graphql.validation.rules import overlapping_fields_can_be_merged

from .errors import validation_refused

MOST_ERRORS = 20

# Comparing fields of one name with each other is quadratic: at graphql-core's own 500,000 steps a
# query of four kilobytes takes a second. Real queries stay below a thousand.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000


class UnquotedValuesOfCorrectTypeRule(ValuesOfCorrectTypeRule):
    """Says which type a literal should have had, not what was written: it may be a password."""

    _expected_type: Any = None

    def is_valid_value_node(self, node: ValueNode) -> None:
        self._expected_type = self.context.get_input_type()
        super().is_valid_value_node(node)
        self._expected_type = None

    def report_error(self, error: GraphQLError) -> None:
        if self._expected_type is not None:
            message = f"Expected a value of type '{self._expected_type}'."
            error = GraphQLError(message, error.nodes)
        super().report_error(error)


RULES = tuple(
    UnquotedValuesOfCorrectTypeRule if rule is ValuesOfCorrectTypeRule else rule
    for rule in specified_rules
)


def ensure_valid(document: DocumentNode, schema: GraphQLSchema) -> None:
    """Raise `Refusal` unless the schema can answer the document (GraphQL spec, 5)."""
    # "Did you mean" would tell the schema to those who may not introspect it.
    hide = not settings.INTROSPECTION
    errors = validate(schema, document, RULES, max_errors=MOST_ERRORS, hide_suggestions=hide)
    if errors:
        raise validation_refused(errors)
