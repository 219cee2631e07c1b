"""Our fields where django-graphql-jwt's documentation has its own, plain and for Relay."""

import graphene
from graphql_jwt.mixins import ResolveMixin

from revocation import graphql
from revocation.graphql import login_required, relay
from schema.types import User


class Query(graphene.ObjectType):
    me = graphene.Field(User)
    version = graphene.String()

    @login_required
    def resolve_me(root, info):
        return info.context.user

    def resolve_version(root, info):
        return "1"


class SignIn(graphql.JSONWebTokenMutation):
    """The example of the documentation's page on customizing."""

    user_id = graphene.ID()

    @classmethod
    def resolve(cls, root, info, **kwargs):
        return cls(user_id=info.context.user.pk)


class RelaySignIn(relay.JSONWebTokenMutation):
    user_id = graphene.ID()

    @classmethod
    def resolve(cls, root, info, **kwargs):
        return cls(user_id=info.context.user.pk)


class Mutation(graphql.Mutations):
    sign_in = SignIn.Field()


class RelayMutation(relay.Mutations):
    sign_in = RelaySignIn.Field()


plain_schema = graphene.Schema(query=Query, mutation=Mutation)
relay_schema = graphene.Schema(query=Query, mutation=RelayMutation)


def keeping_alive():
    """Return both schemas as they are with `JWT_LONG_RUNNING_REFRESH_TOKEN` set to False.

    The setting changes the classes, so these are their own.
    """
    return [_keeping_alive(fields) for fields in (graphql, relay)]


def _keeping_alive(fields):
    def field(name):
        return type(name, (getattr(fields, name),), {}).Field()

    sign_in = type("ObtainJSONWebToken", (ResolveMixin, fields.JSONWebTokenMutation), {})
    root = type(
        "Mutation",
        (graphene.ObjectType,),
        {
            "token_auth": sign_in.Field(),
            "refresh_token": field("Refresh"),
            "logout": field("Logout"),
            "logout_all": field("LogoutAll"),
        },
    )
    return graphene.Schema(query=Query, mutation=root)
