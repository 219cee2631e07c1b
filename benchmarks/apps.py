"""The benchmarks as a Django app, for their tables and the one setting of theirs."""

from django.apps import AppConfig, apps


class BenchmarksConfig(AppConfig):
    """Installed by `benchmarks.settings` alone."""

    name = "benchmarks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the setting have its effect, and be an error, where there is a guard to open."""
        if apps.is_installed("revocation"):
            from . import unchecked

            unchecked.install()
