"""The project as a Django app, for its management commands and static files."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "GraphQL API"


class CountingAdminConfig(AdminConfig):
    """Put it in `INSTALLED_APPS` in place of `django.contrib.admin`."""

    default_site = "api.admin.CountingAdminSite"
