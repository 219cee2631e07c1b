"""A schema as django-graphql-jwt's users have it, with its own fields, decorators and middleware.

Beside them stand the fields of ours that an upgrade adds. The original is asked at each address.
"""

import graphene
import graphql_jwt
from django.contrib.auth import get_user_model
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView
from graphql_jwt.decorators import (
    jwt_cookie,
    login_required,
    permission_required,
    staff_member_required,
    superuser_required,
)
from graphql_jwt.middleware import JSONWebTokenMiddleware
from graphql_jwt.mixins import JSONWebTokenMixin, KeepAliveRefreshMixin, ResolveMixin
from graphql_jwt.shortcuts import get_token

from revocation.graphql import JSONWebTokenMutation, Logout, LogoutAll, RevokeSession
from schema.types import User


class Refresh(KeepAliveRefreshMixin, JSONWebTokenMixin, graphene.Mutation):
    """`graphql_jwt.Refresh` as it is made where no long-running refresh tokens are set."""

    class Arguments(KeepAliveRefreshMixin.Fields):
        """As the original's."""

    @classmethod
    def mutate(cls, *args, **kwargs):
        return cls.refresh(*args, **kwargs)


class Query(graphene.ObjectType):
    me = graphene.Field(User)
    staff = graphene.String()
    superuser = graphene.String()
    reader = graphene.String()
    who = graphene.String()
    users = graphene.List(User)

    @login_required
    def resolve_me(root, info):
        return info.context.user

    @staff_member_required
    def resolve_staff(root, info):
        return "for staff"

    @superuser_required
    def resolve_superuser(root, info):
        return "for superusers"

    @permission_required("auth.view_user")
    def resolve_reader(root, info):
        return "for readers"

    def resolve_who(root, info):
        return info.context.user.get_username()

    @login_required
    def resolve_users(root, info):
        return get_user_model().objects.all()


class Boom(graphene.Mutation):
    """A field that fails, and rolls its neighbours back where there is a transaction."""

    ok = graphene.Boolean()

    def mutate(root, info):
        raise ValueError("boom")


class SignIn(ResolveMixin, JSONWebTokenMutation):
    """What an upgrade of the fields alone mounts."""


class SetMood(graphene.Mutation):
    """A field of the project, under a decorator of the original."""

    of = graphene.String()

    @login_required
    def mutate(root, info):
        return SetMood(of=info.context.user.get_username())


class Renew(graphene.Mutation):
    """A field of the project that gives whoever is signed in another token."""

    token = graphene.String()

    @login_required
    def mutate(root, info):
        return Renew(token=get_token(info.context.user))


class Mutation(graphene.ObjectType):
    token_auth = graphql_jwt.ObtainJSONWebToken.Field()
    verify_token = graphql_jwt.Verify.Field()
    refresh_token = Refresh.Field()
    logout = Logout.Field()
    logout_all = LogoutAll.Field()
    revoke_session = RevokeSession.Field()
    sign_in = SignIn.Field()
    renew = Renew.Field()
    set_mood = SetMood.Field()
    boom = Boom.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
view = GraphQLView.as_view(schema=schema, middleware=[JSONWebTokenMiddleware])
batching = GraphQLView.as_view(schema=schema, middleware=[JSONWebTokenMiddleware], batch=True)
urlpatterns = [
    path("plain", csrf_exempt(view)),
    path("batch", csrf_exempt(batching)),
    path("cookie", csrf_exempt(jwt_cookie(view))),
]

DJANGO = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
OURS = "revocation.middleware.RevocationMiddleware"
BACKENDS = [
    "graphql_jwt.backends.JSONWebTokenBackend",
    "django.contrib.auth.backends.ModelBackend",
]
