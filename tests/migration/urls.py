"""One address for each form."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene_django.views import GraphQLView

from tests.migration.schemas import plain_schema, relay_schema

urlpatterns = [
    path("plain", csrf_exempt(GraphQLView.as_view(schema=plain_schema, middleware=[]))),
    path("relay", csrf_exempt(GraphQLView.as_view(schema=relay_schema, middleware=[]))),
]
