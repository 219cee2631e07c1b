"""The URLs of the API, its schema with a list more."""

import graphene
from django.urls import path

from api import urls as api_urls
from api.view import GraphQLView
from revocation.decorators import login_required
from schema.mutation import Mutation
from schema.query import Query as ApiQuery

from .catalogue import all_books, books_field


class Query(ApiQuery):
    """What is deployed, and the list that it has not."""

    books = books_field()
    open_books = books_field()

    resolve_books = login_required(all_books)
    resolve_open_books = all_books


urlpatterns = [
    path("graphql", GraphQLView(graphene.Schema(query=Query, mutation=Mutation))),
    *api_urls.urlpatterns,
]
