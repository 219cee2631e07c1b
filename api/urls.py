"""Where everything is served."""

from django.contrib import admin
from django.urls import path, re_path
from django.views.generic import RedirectView

from schema.root import schema

from . import health
from .view import GraphQLView

urlpatterns = [
    path("", RedirectView.as_view(url="/graphql")),
    re_path(r"^graphql/?$", GraphQLView(schema), name="graphql"),
    path("admin/", admin.site.urls),
    path("health/live", health.live),
    path("health/ready", health.ready),
]
