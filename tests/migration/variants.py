"""Print the six fields of django-graphql-jwt, the original's and ours, plain and for Relay.

The original chooses its form of refreshing when it is imported, so each way takes a process:
`python -m tests.migration.variants [keep-alive | long-running]` writes a JSON object of GraphQL's
schema definition language.
"""

import json
import os
import sys

FIELDS = {
    "token_auth": "ObtainJSONWebToken",
    "verify_token": "Verify",
    "refresh_token": "Refresh",
    "revoke_token": "Revoke",
    "delete_token_cookie": "DeleteJSONWebTokenCookie",
    "delete_refresh_token_cookie": "DeleteRefreshTokenCookie",
}


def main(mode):
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings

    settings.GRAPHQL_JWT["JWT_LONG_RUNNING_REFRESH_TOKEN"] = mode == "long-running"
    # The original has a field that only the module of its models' app defines.
    settings.INSTALLED_APPS += ["graphql_jwt.refresh_token.apps.RefreshTokenConfig"]
    import django

    django.setup()
    import graphql_jwt

    import revocation.graphql as ours

    forms = {
        "plain": (graphql_jwt, ours),
        "relay": (graphql_jwt.relay, ours.relay),
    }
    printed = {form: [printed_schema(fields) for fields in both] for form, both in forms.items()}
    json.dump(printed, sys.stdout)


def printed_schema(fields):
    import graphene
    from graphql import print_schema

    from schema.types import User

    query = type("Query", (graphene.ObjectType,), {"me": graphene.Field(User)})
    mounted = {name: getattr(fields, mutation).Field() for name, mutation in FIELDS.items()}
    mutation = type("Mutation", (graphene.ObjectType,), mounted)
    return print_schema(graphene.Schema(query=query, mutation=mutation).graphql_schema)


if __name__ == "__main__":
    main(sys.argv[1])
