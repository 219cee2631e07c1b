"""The benchmarks as a Django app, for their tables and the one setting of theirs."""

from django.apps import AppConfig


class BenchmarksConfig(AppConfig):
    """Installed by `benchmarks.settings` alone."""

    name = "benchmarks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the setting have its effect, and be an error."""
        from . import unchecked

        unchecked.install()
