"""The Django app: connects what listens, and registers system checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RevocationConfig(AppConfig):
    """Real logout for JSON Web Tokens."""

    name = "revocation"
    verbose_name = _("Token revocation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what listens to Django."""
        from . import checks, cursors, halfway, receivers
        from .contrib import checks as contrib_checks
        from .contrib.graphql_jwt import rows

        checks.register()
        contrib_checks.register()
        halfway.register()
        cursors.connect()
        receivers.connect()
        rows.connect()
