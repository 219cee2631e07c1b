"""Who one is, who else there is, and signing in."""

import graphene
import graphql_jwt
from django.contrib.auth import get_user_model
from graphene_django import DjangoObjectType
from revocation.graphql import Logout, login_required, staff_member_required


class UserType(DjangoObjectType):
    """A reader."""

    class Meta:
        model = get_user_model()
        fields = ("id", "username", "email")


class Query(graphene.ObjectType):
    """What can be read."""

    library = graphene.String()
    me = graphene.Field(UserType)
    readers = graphene.List(UserType)

    def resolve_library(root, info):
        return "The library of examples"

    @login_required
    def resolve_me(root, info):
        return info.context.user

    @staff_member_required
    def resolve_readers(root, info):
        return get_user_model().objects.order_by("username")


class Mutation(graphene.ObjectType):
    """What can be done."""

    token_auth = graphql_jwt.ObtainJSONWebToken.Field()
    verify_token = graphql_jwt.Verify.Field()
    refresh_token = graphql_jwt.Refresh.Field()
    logout = Logout.Field()


schema = graphene.Schema(query=Query, mutation=Mutation)
