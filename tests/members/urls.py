"""Our fields mounted in the schema of an API that has its own users."""

import graphene
from django.urls import path
from graphene_django import DjangoObjectType

from api.view import GraphQLView
from revocation.decorators import login_required
from revocation.graphql import Mutations, SessionsQuery
from revocation.guard import identify
from tests.members.models import Member


class MemberNode(DjangoObjectType):
    class Meta:
        model = Member
        fields = ("id", "email")


class Query(SessionsQuery, graphene.ObjectType):
    me = graphene.Field(MemberNode)

    @login_required
    def resolve_me(root, info):
        return identify(info.context).user


schema = graphene.Schema(query=Query, mutation=Mutations)
urlpatterns = [path("graphql", GraphQLView(schema))]
