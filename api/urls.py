"""Where everything is served."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from revocation import wellknown
from revocation.oauth import views as oauth
from schema.root import schema

from .view import GraphQLView

endpoint = GraphQLView.as_view(schema)
urlpatterns = [
    # First, and by its whole name: what is asked most is found soonest.
    path("graphql", endpoint, name="graphql"),
    path("graphql/", endpoint),
    path("", RedirectView.as_view(url="/graphql")),
    path("admin/", admin.site.urls),
    path(".well-known/jwks.json", wellknown.jwks),
    path("status/<int:number>", wellknown.status_list),
    path("oauth/introspect", oauth.introspect),
    path("oauth/revoke", oauth.revoke),
]
