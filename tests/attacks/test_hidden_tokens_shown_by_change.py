"""Where a project hides tokens from scripts, no payload may show them."""

import graphene
import pytest

from revocation.graphql import ChangePassword, ObtainJSONWebToken, Refresh


class Query(graphene.ObjectType):
    version = graphene.String()


@pytest.mark.parametrize("mutation", [ObtainJSONWebToken, Refresh, ChangePassword])
def test_a_payload_has_no_token_fields(settings, mutation):
    settings.GRAPHQL_JWT = {"JWT_HIDE_TOKEN_FIELDS": True}
    # The setting changes the class, which other tests use.
    hiding = type(mutation.__name__, (mutation,), {})
    root = type("Mutation", (graphene.ObjectType,), {"field": hiding.Field()})

    schema = graphene.Schema(query=Query, mutation=root).graphql_schema

    payload = schema.mutation_type.fields["field"].type
    assert not {"token", "refreshToken"} & payload.fields.keys()
