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
        from . import (
            audit,
            checks,
            cursors,
            event_checks,
            halfway,
            key_checks,
            logins,
            production,
            receivers,
            status_checks,
        )
        from .contrib import checks as contrib_checks
        from .contrib.graphql_jwt import rows

        checks.register()
        event_checks.register()
        key_checks.register()
        contrib_checks.register()
        status_checks.register()
        halfway.register()
        production.register()
        cursors.connect()
        receivers.connect()
        logins.connect()
        audit.connect()
        rows.connect()
