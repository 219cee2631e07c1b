"""Django's admin beside the schema."""

from django.contrib import admin
from django.urls import path

from tests.graphene_urls import urlpatterns as graphql

urlpatterns = [path("admin/", admin.site.urls), *graphql]
