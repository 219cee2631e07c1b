"""The GraphQL schema that the API serves."""

from graphql import print_schema

TITLE = "GraphQL schema"
LEAD = "What the API serves; `revocation.graphql` has these fields for any other schema."


def page() -> str:
    from schema.root import schema

    return f"```graphql\n{print_schema(schema.graphql_schema)}\n```"
