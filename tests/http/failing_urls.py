"""Everything the API serves, its schema beside fields that misbehave."""

from django.urls import re_path

from api import urls
from api.view import GraphQLView
from tests.revocation.boom_urls import schema

urlpatterns = [re_path(r"^graphql/?$", GraphQLView(schema)), *urls.urlpatterns]
