"""A schema that fails in every way a schema can, served by our view; a urlconf for tests."""

from contextlib import suppress

import graphene
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import Http404
from django.urls import path, re_path
from graphene.types.generic import GenericScalar
from graphene_django.constants import MUTATION_ERRORS_FLAG
from graphql import GraphQLError
from graphql_jwt import exceptions as graphql_jwt

from api.view import GraphQLView
from revocation import errors

SECRET = "hunter2"

RAISED = {
    "key": KeyError(SECRET),
    "type": TypeError(SECRET),
    "django_permission": PermissionDenied(SECRET),
    "http404": Http404(SECRET),
    "token_missing": errors.TokenMissing(),
    "token_revoked": errors.TokenRevoked(),
    "jwt_expired": graphql_jwt.JSONWebTokenExpired(),
    "jwt_permission": graphql_jwt.PermissionDenied(),
    "jwt_other": graphql_jwt.JSONWebTokenError("Invalid token"),
    "told": GraphQLError("This name is taken"),
    "told_with_code": GraphQLError("Too late", extensions={"code": "TOO_LATE", "hour": 9}),
}


class Credentials(graphene.InputObjectType):
    name = graphene.String(required=True)
    password = graphene.String(required=True)


class Query(graphene.ObjectType):
    version = graphene.String(required=True)
    echo = graphene.String(text=graphene.String())
    number = graphene.Int(x=graphene.Int())
    login = graphene.Boolean(with_=graphene.Argument(Credentials, name="with"))
    raises = graphene.String(what=graphene.String(required=True))
    huge = GenericScalar()
    wrong_number = graphene.Int()
    missing = graphene.String(required=True)
    me = graphene.Field(lambda: Query)
    left = graphene.Field(lambda: Query)
    right = graphene.Field(lambda: Query)

    def resolve_version(root, info):
        return "1"

    def resolve_echo(root, info, text=None):
        return text

    def resolve_number(root, info, x=None):
        return x

    def resolve_login(root, info, with_=None):
        return True

    def resolve_raises(root, info, what):
        raise RAISED[what].with_traceback(None)

    def resolve_huge(root, info):
        return 2**64

    def resolve_wrong_number(root, info):
        return SECRET

    def resolve_me(root, info):
        return Query()

    resolve_left = resolve_right = resolve_me


class Touch(graphene.Mutation):
    """Writes a row, and then fails if asked to."""

    ok = graphene.Boolean()

    class Arguments:
        name = graphene.String(required=True)
        fails = graphene.Boolean(default_value=False)
        flags = graphene.Boolean(default_value=False)

    def mutate(root, info, name, fails, flags):
        Group.objects.create(name=name)
        if fails:
            raise KeyError(name)
        if flags:
            setattr(info.context, MUTATION_ERRORS_FLAG, True)
        return Touch(ok=True)


class Dangle(graphene.Mutation):
    """Leaves something behind that the database refuses to commit."""

    ok = graphene.Boolean()

    def mutate(root, info):
        if not connection.features.can_defer_constraint_checks:
            with connection.cursor() as cursor, suppress(OperationalError):
                cursor.execute("KILL CONNECTION_ID()")
            return Dangle(ok=True)
        Permission.objects.create(name="p", codename="p", content_type_id=-1)
        return Dangle(ok=True)


class TokenAuth(graphene.Mutation):
    """Leaves a row for each password it was asked to compare."""

    token = graphene.String()

    class Arguments:
        username = graphene.String()
        password = graphene.String()

    def mutate(root, info, username="", password=""):
        Group.objects.create(name=f"password of {username} compared")
        return TokenAuth(token="token")


class Mutation(graphene.ObjectType):
    touch = Touch.Field()
    dangle = Dangle.Field()
    token_auth = TokenAuth.Field()


urlpatterns = [
    re_path(r"^graphql/?$", GraphQLView(graphene.Schema(query=Query, mutation=Mutation))),
    path("queries-only", GraphQLView(graphene.Schema(query=Query))),
]
