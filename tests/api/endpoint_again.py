"""The endpoint of `tests.api.endpoint` as another worker has it: nothing in its memory yet."""

import graphene
from django.urls import path

from api.view import GraphQLView
from tests.api.endpoint import Mutation, Query


class FreshView:
    """A new view for each request."""

    def __call__(self, request):
        return GraphQLView(graphene.Schema(query=Query, mutation=Mutation))(request)

    csrf_exempt = True


urlpatterns = [path("graphql", FreshView())]
