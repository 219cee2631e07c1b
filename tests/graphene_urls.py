"""The schema behind graphene-django's own view, as most projects have it."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from schema.root import schema

urlpatterns = [path("graphql", csrf_exempt(GraphQLView.as_view(schema=schema)))]
