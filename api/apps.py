"""The project as a Django app, for its management commands and static files."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "GraphQL API"

    def ready(self) -> None:
        """Register checks, count for `/metrics`, and let the admin log users out everywhere."""
        from django.conf import settings
        from django.contrib import admin
        from django.contrib.auth import get_user_model

        from revocation.admin import LoggingOutAdmin

        from . import checks

        checks.register()
        if settings.METRICS_TOKEN:
            from .metrics import counting

            counting.connect()
        users = get_user_model()
        if not admin.site.is_registered(users):
            return
        usual = type(admin.site.get_model_admin(users))
        # Django may set its apps up again, for a test say.
        if not issubclass(usual, LoggingOutAdmin):
            admin.site.unregister(users)
            admin.site.register(users, type("UserAdmin", (LoggingOutAdmin, usual), {}))


class CountingAdminConfig(AdminConfig):
    """Put it in `INSTALLED_APPS` in place of `django.contrib.admin`."""

    default_site = "api.admin.CountingAdminSite"
